import type { Act } from './acts.ts';
import type { Hold } from './keeper.ts';
import type { Schedule } from './run.ts';
import type { World } from './world.ts';

/** Something that a user does while a device is held at one of its waits. */
export interface Turn {
  readonly act: Act;
  /** Who is held, and after how many more of its gates. */
  readonly held: 'sender' | 'receiver';
  readonly after: number;
}

/** The longest that one is held, in ms. */
const HELD_MS = 500;

/** Several acts one after another, each while one of the devices is held; what users do about them later comes at the end, in order. */
export function randomSchedule(
  world: World,
  turns: readonly Turn[],
  judge: (world: World) => Promise<void>,
): Schedule {
  const waiting = [...turns];
  const doing: Promise<unknown>[] = [];
  let passed = 0;
  const holdOf =
    (side: Turn['held']): Hold =>
    () => {
      const [turn] = waiting;
      if (turn?.held !== side || !world[side].isOpen) return undefined;
      passed += 1;
      if (passed <= turn.after) return undefined;
      passed = 0;
      waiting.shift();
      const done = turn.act.does(world);
      done.catch(() => undefined);
      doing.push(done);
      return world.quiet(HELD_MS);
    };
  return {
    world,
    run: async () => {
      for (const side of ['sender', 'receiver'] as const) world[side].keeper.count(holdOf(side));
      await world.send();
      await world.quiet(HELD_MS);
      // Those whose gate did not come act now: a turn that waits would keep the ones behind it waiting.
      for (const turn of waiting.splice(0)) doing.push(turn.act.does(world));
      await Promise.all(doing);
      // What was closed is there again before anything else is made good.
      const isClosing = ({ act }: Turn) => act.what === 'closes';
      const inOrder = [...turns.filter(isClosing), ...turns.filter((turn) => !isClosing(turn))];
      for (const { act } of inOrder) await act.afterwards?.(world);
    },
    isOver: () => world.isOver(),
    judge: () => judge(world),
  };
}

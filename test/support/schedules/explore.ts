import { chooseGates } from './choose.ts';
import type { Hold } from './keeper.ts';
import { isStill, play, playAll, until } from './run.ts';
import type { Schedule } from './run.ts';
import { Untruth } from './untruth.ts';
import type { World } from './world.ts';

/** One operation, and something else that comes in between, at each of its waits. */
export interface Pair {
  /** Who is held at its gates, each in turn, while the act is done. */
  readonly held: 'sender' | 'receiver';
  /** Before gates are counted. */
  readonly prepare?: (world: World) => Promise<unknown>;
  /** What leads to the gates: by default the sender sends, and the receiver's user accepts. */
  readonly begin?: (world: World) => Promise<unknown>;
  /** What comes in between. Whatever it throws is a failure. */
  readonly act: (world: World) => Promise<unknown>;
  /** What follows for the operation when the held one has been let go, whether there was an act or not. */
  readonly finish?: (world: World) => Promise<unknown>;
  /** What follows for the act. */
  readonly afterwards?: (world: World) => Promise<unknown>;
  /** When it is over: by default when both have come to an end and have put everything away. */
  readonly isOver?: (world: World) => Promise<boolean>;
  /** Throws when what came of it must never be. */
  readonly judge: (world: World) => Promise<void>;
}

export interface Exploration {
  /** A new world for each schedule. */
  readonly makeWorld: () => Promise<World>;
  /** Schedules of this pair at most; `SEALANE_SCHEDULES=all` tries every one. */
  readonly budget: number;
  /** Pairs of one file with the same word have the same gates: they differ in the act alone. By default a pair counts its own. */
  readonly gatesOf?: string;
}

/** The longest that one is held, in ms: by then whatever the other does is done, or waits for the one that is held. */
const HELD_MS = 1_500;

/**
 * Holds the device at one gate after another, in a new world each, and lets the act happen there: as far as it goes, which is to its
 * end or to where it waits for the one that is held. Throws what it found, in sentences.
 */
export async function explore(name: string, pair: Pair, exploration: Exploration): Promise<void> {
  const { makeWorld, budget, gatesOf } = exploration;
  const known = gatesOf === undefined ? undefined : counted.get(gatesOf);
  const counting = known ?? countGates(pair, makeWorld);
  if (gatesOf !== undefined) counted.set(gatesOf, counting);
  const gates = await counting;
  const targets = chooseGates(gates, budget, name);
  await playAll(name, { targets, of: gates.length }, async (gate) =>
    scheduleOf(pair, await makeWorld(), gate),
  );
}

const counted = new Map<string, Promise<readonly string[]>>();

/** The gates of the operation alone, with nothing that comes in between. */
async function countGates(pair: Pair, makeWorld: Exploration['makeWorld']): Promise<readonly string[]> {
  const dry = scheduleOf(pair, await makeWorld(), undefined);
  const failure = await play(dry);
  if (failure !== undefined) throw new Untruth(`with nothing in between, ${failure}`);
  const { gates } = dry.world[pair.held].firstKeeper;
  if (gates.length === 0) throw new Untruth(`there is no gate to hold the ${pair.held} at`);
  return gates;
}

/** The pair's operation with its act at that gate; without a gate there is no act. */
function scheduleOf(pair: Pair, world: World, gate: string | undefined): Schedule {
  let wasHeld = false;
  let acted: Promise<unknown> | undefined;
  const act = () => (acted ??= pair.act(world));
  const hold: Hold = (passed) => {
    if (passed !== gate || wasHeld) return undefined;
    wasHeld = true;
    // Its failure is thrown to `run`.
    act().catch(() => undefined);
    return world.quiet(HELD_MS);
  };
  const isOver = () => pair.isOver?.(world) ?? world.isOver();
  return {
    world,
    run: async () => {
      await pair.prepare?.(world);
      world[pair.held].keeper.count(hold);
      await (pair.begin?.(world) ?? world.send());
      await until(
        async () => wasHeld || (await isStill(world, async () => world.stands || (await isOver()))),
      );
      // Where the gate did not come this time, the act comes at the end.
      if (gate !== undefined) await act();
      await pair.finish?.(world);
      if (gate !== undefined) await pair.afterwards?.(world);
    },
    isOver,
    judge: () => (gate === undefined ? Promise.resolve() : pair.judge(world)),
    wasTried: () => wasHeld,
  };
}

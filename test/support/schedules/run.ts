import { setTimeout as delay } from 'node:timers/promises';
import { standing } from './device.ts';
import { count } from './tally.ts';
import { Untruth } from './untruth.ts';
import type { World } from './world.ts';

/** One run of a world of its own. */
export interface Schedule {
  readonly world: World;
  /** All that is done from outside. */
  readonly run: () => Promise<void>;
  /** Whether nothing more will come of it. */
  readonly isOver: () => Promise<boolean>;
  /** Throws when what came of it must never be. */
  readonly judge: () => Promise<void>;
  /** Whether it was the schedule that was meant: by default it always is. */
  readonly wasTried?: () => boolean;
}

/** Far more than the longest wait of an engine, which is a minute for the peer's word, and that is hurried here. */
const HANGS_MS = 75_000;

/** How many failures are told whole. */
const TOLD = 4;

/** Schedules at a time, each with its own devices: most of each is waiting for disks and threads. */
const AT_A_TIME = 4;

/** Runs one schedule to its end. Gives what is wrong, in sentences; undefined when all is as it must be. */
export async function play(schedule: Schedule): Promise<string | undefined> {
  const { world } = schedule;
  try {
    await unlessItHangs(world, async () => {
      await schedule.run();
      await until(() => isStill(world, schedule.isOver));
      await schedule.judge();
    });
    return undefined;
  } catch (error) {
    return `${sentenceOf(error)}\n${await world.describe()}`;
  } finally {
    await Promise.race([world.dispose(), delay(HANGS_MS / 5)]);
  }
}

/**
 * Plays a schedule for each of `targets`, several at a time, and says how many there were. `of` is how many targets there would be.
 * Throws, when some failed, all that is wrong with the first, and which the others are.
 */
export async function playAll<Target extends string | number>(
  name: string,
  { targets, of }: { readonly targets: readonly Target[]; readonly of: number },
  make: (target: Target) => Promise<Schedule>,
): Promise<void> {
  const failures: { readonly at: string; readonly what: string }[] = [];
  let tried = 0;
  let played = 0;
  let first = 0;
  const next = targets[Symbol.iterator]();
  const work = async () => {
    for (const target of next) {
      const schedule = await make(target);
      const what = await play(schedule);
      const wasTried = schedule.wasTried?.() ?? true;
      played += 1;
      if (wasTried) tried += 1;
      if (what === undefined) continue;
      first ||= played;
      failures.push({ at: `${String(target)}${wasTried ? '' : ' (which did not come)'}`, what });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  count(name, { tried, of, failed: failures.length });
  if (failures.length === 0) return;
  const numbers = `${String(failures.length)} of ${String(played)} schedules fail, the first was number ${String(first)}`;
  const told = failures.slice(0, TOLD).map(({ at, what }) => `- at ${at}: ${what}`);
  const others = failures.slice(TOLD).map(({ at, what }) => `- at ${at}: ${what.split('\n')[0] ?? ''}`);
  throw new Untruth(`${name}: ${numbers}\n${[...told, ...others].join('\n')}`);
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(10);
}

/** Whether it is so, and nobody moves who could still change it. */
export async function isStill(world: World, isSo: () => Promise<boolean>): Promise<boolean> {
  if (!(await isSo())) return false;
  const before = world.moves;
  await world.quiet();
  return before === world.moves && (await isSo());
}

async function unlessItHangs(world: World, run: () => Promise<void>): Promise<void> {
  const patience = new AbortController();
  const hangs = delay(HANGS_MS, undefined, { signal: patience.signal }).then(
    () => {
      const [sender, receiver] = [world.sender, world.receiver].map((each) => standing(world.view(each)));
      throw new Untruth(
        `it hangs: the sender says ${String(sender)}, and the receiver says ${String(receiver)}`,
      );
    },
    () => undefined,
  );
  const running = run();
  running.catch(() => undefined);
  try {
    await Promise.race([running, hangs]);
  } finally {
    patience.abort();
  }
}

/** What is judged here is said in a sentence; anything else is told with where it comes from. */
function sentenceOf(error: unknown): string {
  if (error instanceof Untruth) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

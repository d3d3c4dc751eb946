import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect } from 'vitest';
import { SealaneError } from '../../shared/errors.ts';

/**
 * Properties of what reads bytes from elsewhere. In the test run each is tried some hundred times from a fixed seed; `npm run fuzz`
 * (test/tools/fuzz.ts) tries the same ones with ever new seeds. Beside what a property itself asserts, three things are held: no
 * case takes out of all proportion longer than the others, memory does not grow with the cases, and nothing but our own named
 * errors is ever thrown.
 */

const environment = {
  seed: Number(process.env['SEALANE_FUZZ_SEED'] ?? 20_270_119),
  /** How many times as many cases as in the test run. */
  factor: Number(process.env['SEALANE_FUZZ_FACTOR'] ?? 1),
  /** When to stop, in milliseconds since 1970. */
  until: Number(process.env['SEALANE_FUZZ_UNTIL'] ?? Infinity),
  /** How long one property may go on, so that all have their turn. Milliseconds. */
  turn: Number(process.env['SEALANE_FUZZ_TURN'] ?? Infinity),
};

/** Time for one property against real engines, in milliseconds: in a round of `npm run fuzz` it takes what it takes. */
export const PATIENCE_MS = environment.factor === 1 ? 60_000 : 0;

/** No case may take this many times what the slowest of the usual ones takes, by the processor's clock. */
const OUT_OF_PROPORTION = 200;

/** What collecting garbage, or compiling, may cost a single case. Microseconds. */
const HICCUP_US = 300_000;

/** What may be left after all cases: caches of the engine that runs this, mostly. */
const LEFT_OVER_BYTES = 24 * 1024 * 1024;

type Arbitraries<Ts extends readonly unknown[]> = { [Index in keyof Ts]: fc.Arbitrary<Ts[Index]> };

/** Tries `predicate` with `runs` cases, times what `npm run fuzz` asks for. Throws, with the seed, for the first case that fails. */
export async function fuzz<Ts extends [unknown, ...unknown[]]>(
  runs: number,
  arbitraries: Arbitraries<Ts>,
  predicate: (...args: Ts) => void | Promise<void>,
): Promise<void> {
  const costs: number[] = [];
  let latest: Promise<void> = Promise.resolve();
  const tryOne = async (...args: Ts): Promise<void> => {
    const before = process.cpuUsage();
    await predicate(...args);
    const { user, system } = process.cpuUsage(before);
    costs.push(user + system);
  };
  const property = fc.asyncProperty(...arbitraries, (...args: Ts) => (latest = tryOne(...args)));
  const before = await bytesInUse();
  const limit = Math.min(environment.turn, environment.until - Date.now());
  const details = await fc.check(property, {
    seed: environment.seed,
    numRuns: runs * environment.factor,
    ...(Number.isFinite(limit) && { interruptAfterTimeLimit: Math.max(1, limit) }),
  });
  // The time may be over in the middle of a case.
  await latest.catch(() => undefined);
  if (details.failed && details.counterexample !== null) {
    throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
  }
  expect((await bytesInUse()) - before).toBeLessThan(LEFT_OVER_BYTES);
  costs.sort((a, b) => a - b);
  const usual = costs[Math.floor(costs.length * 0.9)] ?? 0;
  expect(costs.at(-1) ?? 0).toBeLessThan(usual * OUT_OF_PROPORTION + HICCUP_US);
}

/** What `work` throws, as a code; undefined when it throws nothing. Anything but a named error of ours is thrown on. */
export async function codeOf(work: () => unknown): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof SealaneError && error.code !== 'internal') return error.code;
    throw error;
  }
}

/** Bytes that live on after everything that can be collected is gone. */
async function bytesInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  // The memory of buffers is given back a little later, and by the next collection at the latest.
  for (let round = 0; round < 2; round += 1) {
    if (isCallable(collect)) collect();
    await setImmediate();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A few changes to bytes: flipped, put in, taken out, repeated, cut off. Never gives what it was given. */
export function mutated(original: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    how: fc.constantFrom('flip', 'set', 'insert', 'remove', 'repeat', 'cut'),
    at: fc.nat({ max: 100_000 }),
    length: fc.integer({ min: 1, max: 12 }),
    byte: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xf6, 0xf7, 0xff)),
  });
  return fc
    .tuple(original, fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) => ({ bytes, changed: changes.reduce(apply, bytes) }))
    .filter(({ bytes, changed }) => Buffer.compare(bytes, changed) !== 0)
    .map(({ changed }) => changed);
}

function apply(
  bytes: Uint8Array,
  { how, at, length, byte }: { how: string; at: number; length: number; byte: number },
): Uint8Array {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  const head = bytes.subarray(0, place);
  const tail = bytes.subarray(place);
  switch (how) {
    case 'flip':
    case 'set': {
      const changed = Uint8Array.from(bytes);
      if (place < changed.length)
        changed[place] = how === 'set' ? byte : (changed[place] ?? 0) ^ (1 << (byte % 8));
      return changed;
    }
    case 'insert':
      return Buffer.concat([head, Buffer.alloc(length, byte), tail]);
    case 'remove':
      return Buffer.concat([head, tail.subarray(length)]);
    case 'repeat':
      return Buffer.concat([head, tail.subarray(0, length), tail]);
    default:
      return Uint8Array.from(head);
  }
}

/** Bytes cut into pieces at arbitrary places, some of them empty. */
export function pieces(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => (bytes.length === 0 ? 0 : cut % (bytes.length + 1))))];
  const sorted = [0, ...places.sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

function isCallable(value: unknown): value is () => void {
  return typeof value === 'function';
}

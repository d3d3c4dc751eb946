import { setTimeout as sleep } from 'node:timers/promises';
import { SmallDisk, canMount } from '../support/small-disk.ts';
import { TwoDevices } from '../support/two-devices.ts';
import { runStep } from './step.ts';
import type { StepResult } from './step.ts';
import { tallyOf } from './tally.ts';
import type { Tally } from './tally.ts';

export interface SoakOptions {
  readonly seed: number;
  /** For so long new transfers are begun, in milliseconds. */
  readonly ms: number;
  /** Nothing but this one. */
  readonly step?: number | undefined;
  /** Pairs of devices that are at it at the same time. */
  readonly pairs: number;
  readonly onResult: (result: StepResult) => void;
  /** Ends it before its time. */
  readonly signal: AbortSignal;
}

const DISK_BYTES = 160 * 1024 * 1024;

/** Sends and breaks until the time is up. Rejects only when it cannot begin. */
export async function soak(options: SoakOptions): Promise<Tally> {
  const begun = performance.now();
  const results: StepResult[] = [];
  let next = options.step ?? 0;
  const take = (): number | undefined => {
    const isOver = options.step === undefined ? performance.now() - begun > options.ms : next > options.step;
    return isOver && next > (options.step ?? 0) ? undefined : next++;
  };
  const pairs = options.step === undefined ? options.pairs : 1;
  await Promise.all(
    Array.from({ length: pairs }, () =>
      pairAtWork(options, take, (result) => {
        results.push(result);
        options.onResult(result);
      }),
    ),
  );
  return tallyOf(options.seed, (performance.now() - begun) / 60_000, results);
}

async function pairAtWork(
  { seed, signal }: SoakOptions,
  take: () => number | undefined,
  onResult: (result: StepResult) => void,
): Promise<void> {
  const disk = canMount ? await SmallDisk.make(DISK_BYTES) : undefined;
  let devices: TwoDevices | undefined;
  try {
    for (let step = take(); step !== undefined; step = take()) {
      devices ??= await pairedDevices();
      const result = await runStep({ seed, step, devices, disk, signal });
      // What it was aborted in the middle of counts for nothing.
      if (signal.aborted) return;
      onResult(result);
      if (result.failure === undefined) continue;
      // What is wrong with this one must not be seen in the next.
      await devices.dispose();
      devices = undefined;
    }
  } finally {
    await devices?.dispose();
    // Whoever was killed a moment ago may still hold something.
    await sleep(100);
    await disk?.dispose();
  }
}

async function pairedDevices(): Promise<TwoDevices> {
  const devices = await TwoDevices.make();
  await devices.pair();
  return devices;
}

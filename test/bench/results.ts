import { z } from 'zod';
import { LANE_KEYS } from './lanes/lane.ts';
import type { LaneKey, Run } from './lanes/lane.ts';
import { WORK_KEYS } from './works.ts';
import type { Work } from './works.ts';

/** The figures of one benchmark, as they are written to a file, and how they come out of single runs. */

const spread = z.object({ median: z.number(), min: z.number(), max: z.number() });
export type Spread = z.infer<typeof spread>;

const sideSchema = z.object({
  /** On all processors together, for each GiB of content. */
  cpuSecondsPerGiB: z.number(),
  peakMiB: z.number(),
  /** Beyond what it holds at rest; null where it does not rest. */
  overIdleMiB: z.number().nullable(),
});

const rowSchema = z.object({
  lane: z.enum(LANE_KEYS),
  runs: z.number(),
  mibPerSecond: spread,
  filesPerSecond: spread,
  seconds: spread,
  /** Median. */
  firstByteMs: z.number().nullable(),
  sender: sideSchema,
  receiver: sideSchema,
  /** The worst of both sides and all runs, 99 of 100 times. */
  loopDelayP99Ms: z.number().nullable(),
  framesPerSecond: z.number().nullable(),
  framesAtRest: z.number().nullable(),
});
export type Row = z.infer<typeof rowSchema>;

const workSchema = z.object({
  key: z.enum(WORK_KEYS),
  title: z.string(),
  files: z.number(),
  bytes: z.number(),
  rows: z.array(rowSchema),
});
export type WorkResult = z.infer<typeof workSchema>;

export const machineSchema = z.object({
  processor: z.string(),
  cores: z.number(),
  memoryGiB: z.number(),
  system: z.string(),
  /** Processes that wanted to run in the last minute before, on average: what else the machine did. */
  loadBefore: z.number(),
  loadAfter: z.number(),
  date: z.string(),
});
export type Machine = z.infer<typeof machineSchema>;

export const resultsSchema = z.object({
  machine: machineSchema,
  /** What was measured, with its version. */
  versions: z.partialRecord(z.enum(LANE_KEYS), z.string()),
  /** What is not installed here. */
  missing: z.array(z.enum(LANE_KEYS)),
  /** False for the small sizes that only show that the benchmark works. */
  isFullSize: z.boolean(),
  works: z.array(workSchema),
});
export type Results = z.infer<typeof resultsSchema>;

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Of at least one value; of an even number of them the mean of the two in the middle. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: medianOf(sorted), min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}

/** What the runs of one lane with one work come to. */
export function rowOf(lane: LaneKey, work: Pick<Work, 'files' | 'bytes'>, runs: readonly Run[]): Row {
  const perRun = (pick: (run: Run) => number): number[] => runs.map(pick);
  const known = (pick: (run: Run) => number | null): number[] =>
    runs.map(pick).filter((value): value is number => value !== null);
  const orNull = (values: readonly number[], pick: (values: readonly number[]) => number): number | null =>
    values.length === 0 ? null : pick(values);
  const side = (which: 'sender' | 'receiver') => ({
    cpuSecondsPerGiB: medianOf(perRun((run) => run[which].cpuSeconds)) / (work.bytes / GIB),
    peakMiB: Math.max(...perRun((run) => run[which].peakBytes)) / MIB,
    overIdleMiB: orNull(
      known(({ [which]: { peakBytes, idleBytes } }) => (idleBytes === null ? null : peakBytes - idleBytes)),
      (values) => Math.max(...values) / MIB,
    ),
  });
  return {
    lane,
    runs: runs.length,
    mibPerSecond: spreadOf(perRun((run) => work.bytes / MIB / run.seconds)),
    filesPerSecond: spreadOf(perRun((run) => work.files / run.seconds)),
    seconds: spreadOf(perRun((run) => run.seconds)),
    firstByteMs: orNull(
      known((run) => run.firstByteSeconds),
      (values) => medianOf(values) * 1000,
    ),
    sender: side('sender'),
    receiver: side('receiver'),
    loopDelayP99Ms: orNull(
      known(({ loopDelayMs }) => loopDelayMs && Math.max(loopDelayMs.sender, loopDelayMs.receiver)),
      (values) => Math.max(...values),
    ),
    framesAtRest: orNull(
      known((run) => run.framesAtRest),
      medianOf,
    ),
    framesPerSecond: orNull(
      known((run) => run.framesPerSecond),
      medianOf,
    ),
  };
}

/** How many times as fast `row` is as the row of `other`, by medians of time; undefined where that was not measured. */
export function ratio({ rows }: Pick<WorkResult, 'rows'>, row: Row, other: LaneKey): number | undefined {
  const peer = rows.find(({ lane }) => lane === other);
  return peer === undefined ? undefined : peer.seconds.median / row.seconds.median;
}

import { describe, expect, it } from 'vitest';
import type { Run } from '../../bench/lanes/lane.ts';
import { ratio, rowOf, spreadOf } from '../../bench/results.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

function run(seconds: number, more: Partial<Run> = {}): Run {
  const side = { cpuSeconds: 2, peakBytes: 100 * MIB, idleBytes: 60 * MIB };
  return {
    seconds,
    firstByteSeconds: 0.1,
    sender: side,
    receiver: { ...side, peakBytes: 120 * MIB },
    loopDelayMs: null,
    framesPerSecond: null,
    framesAtRest: null,
    ...more,
  };
}

describe('spread', () => {
  it('takes the middle of an odd number, and the mean of two of an even one', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
    expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 });
  });
});

describe('a row', () => {
  const work = { files: 10, bytes: 2 * GIB };

  it('counts speed from bytes and files, processor time per GiB, memory over rest at its worst', () => {
    const row = rowOf('terminal', work, [run(4), run(2), run(8)]);
    expect(row.runs).toBe(3);
    expect(row.mibPerSecond).toEqual({ median: 512, min: 256, max: 1024 });
    expect(row.filesPerSecond.median).toBe(2.5);
    expect(row.firstByteMs).toBe(100);
    expect(row.sender).toEqual({ cpuSecondsPerGiB: 1, peakMiB: 100, overIdleMiB: 40 });
    expect(row.receiver.overIdleMiB).toBe(60);
    expect(row.loopDelayP99Ms).toBeNull();
  });

  it('takes the worse side and the worst run for the event loop', () => {
    const runs = [
      run(1, { loopDelayMs: { sender: 3, receiver: 5 } }),
      run(1, { loopDelayMs: { sender: 9, receiver: 1 } }),
    ];
    expect(rowOf('terminal', work, runs).loopDelayP99Ms).toBe(9);
  });

  it('says nothing of what was not measured', () => {
    const resting = { cpuSeconds: 1, peakBytes: MIB, idleBytes: null };
    const row = rowOf('scp', work, [run(1, { sender: resting, firstByteSeconds: null })]);
    expect(row.sender.overIdleMiB).toBeNull();
    expect(row.firstByteMs).toBeNull();
    expect(row.framesPerSecond).toBeNull();
  });
});

it('a ratio says how many times as fast a row is as another one', () => {
  const work = { files: 1, bytes: GIB };
  const ours = rowOf('terminal', work, [run(2)]);
  const rows = [ours, rowOf('scp', work, [run(5)])];
  expect(ratio({ rows }, ours, 'scp')).toBe(2.5);
  expect(ratio({ rows }, ours, 'rsync')).toBeUndefined();
});

import { describe, expect, it } from 'vitest';
import { progressLine } from '../../../src-main/cli/progress-bar.ts';
import type { ProgressReport } from '../../../src-main/cli/report.ts';
import { OTHER_TRANSFER, TRANSFER } from './fake-engine.ts';

const half: ProgressReport = {
  event: 'progress',
  transfer: TRANSFER,
  bytes: 150_000_000,
  totalBytes: 300_000_000,
  files: 1000,
  totalFiles: 2001,
  bytesPerSecond: 50_000_000,
  secondsLeft: 12,
};

describe('progressLine', () => {
  it('says percent, speed, time left, files and bytes', () => {
    expect(progressLine([half], 120)).toBe(
      '████████████░░░░░░░░░░░░  50%  50 MB/s  about 15 seconds left  1,000 of 2,001 files  150 MB of 300 MB',
    );
  });

  it('leaves the time out while it is unknown', () => {
    expect(progressLine([{ ...half, secondsLeft: null }], 120)).not.toContain('left');
  });

  it.each([0, 1, 10, 29, 40, 60, 79, 200])('never exceeds %i columns', (columns) => {
    expect(progressLine([half], columns).length).toBeLessThanOrEqual(columns);
  });

  it('leaves out the least first', () => {
    const line = progressLine([half], 70);
    expect(line).toContain('50 MB/s');
    expect(line).not.toContain('150 MB of');
  });

  it('adds several up, and is done when the slowest is', () => {
    const other = { ...half, transfer: OTHER_TRANSFER, bytes: 0, secondsLeft: 120 };
    const line = progressLine([half, other], 200);
    expect(line).toContain(' 25%');
    expect(line).toContain('about 2 minutes left');
    expect(line).toContain('2 transfers');
  });

  it('is full for a transfer of nothing', () => {
    expect(progressLine([{ ...half, bytes: 0, totalBytes: 0 }], 120)).toContain(
      '████████████████████████ 100%',
    );
  });
});

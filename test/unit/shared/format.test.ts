import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatCountdown,
  formatDuration,
  formatElapsed,
  formatNumber,
  formatPercent,
  formatSpeed,
  percentOf,
} from '../../../shared/format.ts';

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [1234, '1.2 kB'],
    [9_940, '9.9 kB'],
    [9_960, '10 kB'],
    [999_400, '999 kB'],
    [999_999, '1 MB'],
    [312_000_000, '312 MB'],
    [1_400_000_000, '1.4 GB'],
    [24_600_000_000, '24.6 GB'],
    [312_400_000_000, '312 GB'],
    [5_000_000_000_000, '5 TB'],
    [Number.MAX_SAFE_INTEGER, '9 PB'],
    [1e24, '1,000,000 EB'],
    [-5, '0 bytes'],
    [Number.NaN, '0 bytes'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('puts the unit of time behind a speed', () => {
    expect(formatSpeed(38_200_000)).toBe('38 MB/s');
    expect(formatSpeed(0)).toBe('0 bytes/s');
  });
});

describe('formatCount', () => {
  it('groups thousands and minds the plural', () => {
    expect(formatCount(2004, 'file')).toBe('2,004 files');
    expect(formatCount(1, 'file')).toBe('1 file');
    expect(formatCount(0, 'file')).toBe('0 files');
    expect(formatCount(3, 'entry', 'entries')).toBe('3 entries');
    expect(formatCount(1.9, 'minute')).toBe('1 minute');
    expect(formatNumber(1_234_567)).toBe('1,234,567');
  });
});

describe('formatDuration', () => {
  it.each([
    [0, 'a few seconds'],
    [4.9, 'a few seconds'],
    [12, 'about 15 seconds'],
    [54, 'about 55 seconds'],
    [56, 'about 1 minute'],
    [89, 'about 1 minute'],
    [120, 'about 2 minutes'],
    [3_569, 'about 59 minutes'],
    [3_590, 'about 1 hour'],
    [4_800, 'about 1 hour 20 minutes'],
    [35_900, 'about 10 hours'],
    [80_000, 'about 22 hours'],
    [260_000, 'about 3 days'],
    [-1, 'a few seconds'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('formatElapsed', () => {
  it.each([
    [0, '0.1 seconds'],
    [0.42, '0.4 seconds'],
    [1.2, '1 second'],
    [12, '12 seconds'],
    [60, '1 minute'],
    [125, '2 minutes 5 seconds'],
    [3_600, '1 hour'],
    [3_780, '1 hour 3 minutes'],
    [90_000, '1 day 1 hour'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(formatElapsed(seconds)).toBe(text);
  });
});

describe('formatAgo', () => {
  it.each([
    [-10_000, 'just now'],
    [59_000, 'just now'],
    [60_000, '1 minute ago'],
    [300_000, '5 minutes ago'],
    [7_200_000, '2 hours ago'],
    [90_000_000, 'yesterday'],
    [260_000_000, '3 days ago'],
    [90 * 86_400_000, '3 months ago'],
    [800 * 86_400_000, '2 years ago'],
  ])('says %d ms as %s', (milliseconds, text) => {
    expect(formatAgo(milliseconds)).toBe(text);
  });
});

describe('formatCountdown', () => {
  it.each([
    [0, '0:00'],
    [4_100, '0:05'],
    [581_000, '9:41'],
    [3_729_000, '1:02:09'],
    [3 * 86_400_000, '3 days'],
    [-1, '0:00'],
  ])('shows %d ms as %s', (milliseconds, text) => {
    expect(formatCountdown(milliseconds)).toBe(text);
  });
});

describe('percentOf', () => {
  it('never says 100 before everything is done', () => {
    expect(percentOf(999_999, 1_000_000)).toBe(99);
    expect(percentOf(1_000_000, 1_000_000)).toBe(100);
    expect(percentOf(2, 1)).toBe(100);
    expect(percentOf(0, 0)).toBe(100);
    expect(percentOf(-1, 10)).toBe(0);
    expect(formatPercent(43, 100)).toBe('43%');
  });
});

import { describe, expect, it } from 'vitest';
import { parseLifetime } from '../../../src-main/cli/duration.ts';

describe('parseLifetime', () => {
  it.each([
    ['1s', 1000],
    ['90s', 90_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['7d', 604_800_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseLifetime(text)).toBe(milliseconds);
  });

  it.each(['', '10', 'm', '-1m', '1.5h', '10 m', '10M', '1w', '10m ', '1h30m', '٣m', '1e3s', '9999999999s'])(
    'refuses %j',
    (text) => {
      expect(() => parseLifetime(text)).toThrow(/number and a unit/);
    },
  );

  it.each(['0s', '0d', '000m'])('refuses no time at all: %s', (text) => {
    expect(() => parseLifetime(text)).toThrow(/at least one second/);
  });

  it.each(['8d', '169h', '604801s', '999999999d'])('refuses more than an invite may live: %s', (text) => {
    expect(() => parseLifetime(text)).toThrow(/seven days/);
  });
});

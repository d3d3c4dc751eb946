import { describe, expect, it } from 'vitest';
import { formatWhen, newestFirst } from '../../../shared/when.ts';

const NOW = Date.UTC(2026, 4, 17, 12);
const MINUTE = 60_000;
const IN_2100 = Date.UTC(2100, 2, 14, 12);

describe('when something was', () => {
  it.each([
    [NOW - 5 * MINUTE, '5 minutes ago'],
    [NOW, 'just now'],
    // Two clocks are never quite the same.
    [NOW + 2 * MINUTE, 'just now'],
    [IN_2100, 'on 14 March 2100'],
    [NOW + 400 * 24 * 60 * MINUTE, 'on 21 June 2027'],
  ])('of %d is said as %s', (time, text) => {
    expect(formatWhen(time, NOW)).toBe(text);
  });
});

describe('a list with the newest first', () => {
  const sorted = (...times: readonly number[]) =>
    times
      .map((created) => ({ created }))
      .sort(newestFirst(NOW))
      .map(({ created }) => created);

  it('has at its end what a wrong clock dated ahead', () => {
    const [old, recent] = [NOW - 500 * MINUTE, NOW - MINUTE];
    expect(sorted(IN_2100, old, recent)).toEqual([recent, old, IN_2100]);
    expect(sorted(old, NOW + MINUTE, recent)).toEqual([NOW + MINUTE, recent, old]);
  });
});

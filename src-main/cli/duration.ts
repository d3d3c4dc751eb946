import { MAX_INVITE_LIFETIME_MS } from '../../shared/limits.ts';

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 60 * 60_000],
  ['d', 24 * 60 * 60_000],
]);

/**
 * Reads a time span such as `90s`, `10m`, `2h` or `1d` and gives milliseconds. Throws RangeError, with a sentence for the user,
 * when it is not one, is zero, or is longer than an invite may live.
 */
export function parseLifetime(text: string): number {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  const unit = UNIT_MS.get(match?.[2] ?? '');
  if (match === null || unit === undefined) {
    throw new RangeError('Give a number and a unit, such as 90s, 10m, 2h or 1d.');
  }
  const milliseconds = Number(match[1]) * unit;
  if (milliseconds === 0) throw new RangeError('It must be at least one second.');
  if (milliseconds > MAX_INVITE_LIFETIME_MS) throw new RangeError('It can be seven days (7d) at most.');
  return milliseconds;
}

/** The longest number of days that can be said. */
const MAX_DAYS = 3650;

/** Reads whole days such as `30d`, or `never`. Throws RangeError, with a sentence for the user, for anything else. */
export function parseDays(text: string): number | 'never' {
  if (text === 'never') return text;
  const days = Number(/^(\d{1,9})d$/.exec(text)?.[1] ?? NaN);
  if (!Number.isInteger(days)) throw new RangeError('Give a number of days, such as 30d, or never.');
  if (days === 0) throw new RangeError('It must be at least one day.');
  if (days > MAX_DAYS) throw new RangeError(`It can be ${String(MAX_DAYS)} days at most.`);
  return days;
}

import { formatAgo } from './format.ts';

/**
 * When things were, by a clock that may have been wrong then, or is wrong now. Times are milliseconds since 1970.
 */

/** So much two clocks may differ before a time that lies ahead is taken for one that a wrong clock gave. */
const LEEWAY_MS = 5 * 60_000;

function isAhead(time: number, now: number): boolean {
  return time - now > LEEWAY_MS;
}

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

/** When something was: `5 minutes ago`; of what lies ahead, the date that it has: `on 1 March 2100`. */
export function formatWhen(time: number, now: number): string {
  return isAhead(time, now) ? `on ${DATE.format(time)}` : formatAgo(now - time);
}

/**
 * Compares two things by when they were made, for a list with the newest first. What is dated ahead of `now` comes last: where it
 * belongs is not known, and it would stay the newest until the clock gets there.
 */
export function newestFirst(now: number): (a: Dated, b: Dated) => number {
  return (a, b) => Number(isAhead(a.created, now)) - Number(isAhead(b.created, now)) || b.created - a.created;
}

interface Dated {
  readonly created: number;
}

import { randomInt } from 'node:crypto';

/** A name that is taken this often is given to nothing more. */
export const MAX_SAME_NAME = 1000;

/** So many numbers are tried one after another, so that a name gets the first free one wherever honest senders come. */
const IN_ORDER = 16;

/** In which numbers a free one is looked for. */
export interface Probe {
  readonly last: number;
  /** One from `from` to `to`, each of which does. */
  readonly pick: (from: number, to: number) => number;
}

/** The same number each time, for what is come back to by its number. */
const SAME: Probe = { last: MAX_SAME_NAME, pick: (_from, to) => to };

/**
 * For a folder that others write in: who foresees which numbers are looked at could take them all with some forty files. No folder holds
 * so many files that none of these is found free.
 */
export const UNFORESEEN: Probe = { last: 2 ** 40, pick: (from, to) => randomInt(from, to + 1) };

/**
 * Numbers from 1 on to try for a name, most likely free first asked for: all up to IN_ORDER, then one that is free and follows one
 * that `isTaken`, found in ten to twenty questions however many are taken (eighty where there is no limit but the `probe`'s), then
 * those that come after it. Without that search, a sender that says one name a thousand times has each of its records cost a thousand
 * calls of the system. None where the search comes to the last number and that is taken.
 */
export function* freeNumbers(
  isTaken: (n: number) => boolean,
  { last, pick }: Probe = SAME,
): Generator<number, void, undefined> {
  for (let n = 1; n <= IN_ORDER; n++) yield n;
  let taken = IN_ORDER;
  let [from, to] = [IN_ORDER + 1, 2 * IN_ORDER];
  let free = pick(from, to);
  while (isTaken(free)) {
    if (to === last) return;
    taken = free;
    [from, to] = [to + 1, Math.min(2 * to, last)];
    free = pick(from, to);
  }
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2);
    if (isTaken(middle)) taken = middle;
    else free = middle;
  }
  for (let n = free; n <= Math.min(free + IN_ORDER, last); n++) yield n;
}

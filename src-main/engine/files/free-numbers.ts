/** A name that is taken this often is given to nothing more. */
export const MAX_SAME_NAME = 1000;

/** So many numbers are tried one after another, so that a name gets the first free one wherever honest senders come. */
const IN_ORDER = 16;

/**
 * Numbers from 1 to MAX_SAME_NAME to try for a name, most likely free first asked for: all up to IN_ORDER, then one that is free and
 * follows one that `isTaken`, found in ten to twenty questions however many are taken, then those that come after it. Without that
 * search, a sender that says one name a thousand times has each of its records cost a thousand calls of the system.
 */
export function* freeNumbers(isTaken: (n: number) => boolean): Generator<number, void, undefined> {
  for (let n = 1; n <= IN_ORDER; n++) yield n;
  let taken = IN_ORDER;
  let free = 2 * IN_ORDER;
  while (isTaken(free)) {
    if (free === MAX_SAME_NAME) return;
    taken = free;
    free = Math.min(2 * free, MAX_SAME_NAME);
  }
  while (free - taken > 1) {
    const middle = (taken + free) >>> 1;
    if (isTaken(middle)) taken = middle;
    else free = middle;
  }
  for (let n = free; n <= Math.min(free + IN_ORDER, MAX_SAME_NAME); n++) yield n;
}

import { MAX_ENTRIES } from '../../../shared/limits.ts';

/** More than any number of an entry, and small enough that two of them fit into a double. */
const FACTOR = 2 ** Math.ceil(Math.log2(MAX_ENTRIES + 1));

/**
 * Which entry of a manifest is the newest of each file that changed: 8 to 16 bytes for every entry that was appended, and nothing
 * for all the others. Entries are known by their numbers.
 */
export class NewestEntries {
  /** The number of the original and that of the appended entry in one. */
  #pairs = new Float64Array(16);
  #length = 0;
  #isSorted = true;
  #limit = FACTOR;

  /** Takes down that entry `entry` was appended for the file that `original` listed first. Any order will do. */
  add(original: number, entry: number): void {
    if (this.#length === this.#pairs.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#pairs);
      this.#pairs = larger;
    }
    this.#pairs[this.#length] = original * FACTOR + entry;
    this.#length += 1;
    this.#isSorted = false;
  }

  /** Entries from this number on count for nothing. */
  limit(entries: number): void {
    this.#limit = entries;
  }

  /** The highest number that was appended for what `original` listed; `original` itself when there is none. */
  of(original: number): number {
    const pairs = this.#sorted();
    const beyond = original * FACTOR + this.#limit;
    let low = 0;
    for (let high = this.#length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((pairs[middle] ?? Infinity) < beyond) low = middle + 1;
      else high = middle;
    }
    const pair = pairs[low - 1] ?? 0;
    return pair >= original * FACTOR ? pair % FACTOR : original;
  }

  #sorted(): Float64Array {
    if (!this.#isSorted) this.#pairs.subarray(0, this.#length).sort();
    this.#isSorted = true;
    return this.#pairs;
  }
}

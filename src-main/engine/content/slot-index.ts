/** More than any number of a slot, and small enough that it and the number of an entry fit into a double. */
const FACTOR = 2 ** 28;

/** Which slots of a log speak of which entry, in 8 to 16 bytes each. */
export class SlotIndex {
  #pairs = new Float64Array(1024);
  #length = 0;
  #isSorted = true;

  /** `slot` speaks of `entry`. */
  add(entry: number, slot: number): void {
    if (this.#length === this.#pairs.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#pairs);
      this.#pairs = larger;
    }
    const pair = entry * FACTOR + slot;
    this.#isSorted &&= this.#length === 0 || pair > (this.#pairs[this.#length - 1] ?? 0);
    this.#pairs[this.#length] = pair;
    this.#length += 1;
  }

  /** The entries that there are slots of, in order. */
  *entries(): Generator<number, void, undefined> {
    let before = -1;
    for (const pair of this.#sorted()) {
      const entry = Math.floor(pair / FACTOR);
      if (entry !== before) yield entry;
      before = entry;
    }
  }

  #sorted(): Float64Array {
    const pairs = this.#pairs.subarray(0, this.#length);
    if (!this.#isSorted) pairs.sort();
    this.#isSorted = true;
    return pairs;
  }

  /** The slots that speak of `entry`, in order. */
  *of(entry: number): Generator<number, void, undefined> {
    const pairs = this.#sorted();
    let low = 0;
    for (let high = pairs.length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((pairs[middle] ?? Infinity) < entry * FACTOR) low = middle + 1;
      else high = middle;
    }
    for (let at = low; at < pairs.length; at += 1) {
      const slot = (pairs[at] ?? Infinity) - entry * FACTOR;
      if (slot >= FACTOR) return;
      yield slot;
    }
  }
}

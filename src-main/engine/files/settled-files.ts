/**
 * How many files are settled: here in some version, or listed as left out. A file that is superseded is
 * awaited until then; there is a bit for each entry that says so, 0.6 MB for five million.
 */
export class SettledFiles {
  #bits = new Uint8Array(128);
  #files = 0;
  #awaited = 0;

  /** How many files are settled, each counted once. */
  get count(): number {
    return this.#files - this.#awaited;
  }

  /** `entry` is the first of a file; `isAwaited`: its content comes later. */
  begin(entry: number, isAwaited: boolean): void {
    this.#files += 1;
    if (isAwaited) this.#set(entry, true);
  }

  /** A newer version of the file that `first` began is here, or listed. */
  settle(first: number): void {
    this.#set(first, false);
  }

  #set(entry: number, isAwaited: boolean): void {
    const [at, bit] = [entry >>> 3, 1 << (entry & 7)];
    if (at >= this.#bits.length) {
      if (!isAwaited) return;
      const larger = new Uint8Array(2 * at);
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const before = this.#bits[at] ?? 0;
    if (((before & bit) !== 0) === isAwaited) return;
    this.#bits[at] = before ^ bit;
    this.#awaited += isAwaited ? 1 : -1;
  }
}

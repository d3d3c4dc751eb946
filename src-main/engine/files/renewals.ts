/** By the entry that said a file first, the newest one of it that is kept: 4 bytes for each entry up to the highest, 20 MB for five million. */
export class Renewals {
  /** One more than the number, so that 0 is none. */
  #entries = new Uint32Array(0);

  get(first: number): number | undefined {
    const known = this.#entries[first] ?? 0;
    return known === 0 ? undefined : known - 1;
  }

  set(first: number, entry: number): void {
    if (first >= this.#entries.length) {
      const larger = new Uint32Array(Math.max(128, 2 * first));
      larger.set(this.#entries);
      this.#entries = larger;
    }
    this.#entries[first] = entry + 1;
  }
}

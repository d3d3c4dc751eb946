/** A set of numbers of entries, a bit for each up to the highest: 0.6 MB for five million. */
export class EntrySet {
  #bits = new Uint8Array(128);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(entry: number): boolean {
    return ((this.#bits[entry >>> 3] ?? 0) & bitOf(entry)) !== 0;
  }

  /** Idempotent, like `delete`. */
  add(entry: number): void {
    if (this.has(entry)) return;
    const at = entry >>> 3;
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(2 * at);
      larger.set(this.#bits);
      this.#bits = larger;
    }
    this.#flip(entry);
    this.#size += 1;
  }

  delete(entry: number): void {
    if (!this.has(entry)) return;
    this.#flip(entry);
    this.#size -= 1;
  }

  #flip(entry: number): void {
    const at = entry >>> 3;
    this.#bits[at] = (this.#bits[at] ?? 0) ^ bitOf(entry);
  }
}

function bitOf(entry: number): number {
  return 1 << (entry & 7);
}

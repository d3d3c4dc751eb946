import { hash, randomBytes } from 'node:crypto';

/** Where the file system answers with another composition of a name than it was given. */
const isComposing = process.platform === 'darwin';

/** Of each kind, a path is another one. */
type Kind = 'file' | 'folder' | 'skipped';

/**
 * Millions of paths to look up and tick off, in 9 bytes each: of every path only 64 bits of a hash are kept. It is salted, so that
 * nobody who chooses paths can make two of them meet; by accident that happens to five million of them once in a million times.
 */
export class PathSet {
  readonly #salt = randomBytes(16).toString('hex');
  #hashes = new BigUint64Array(1024);
  #length = 0;
  #found = new Uint8Array(0);
  #foundCount = 0;

  /** `names` from the base down. Not after `seal`. */
  add(kind: Kind, names: readonly string[]): void {
    if (this.#length === this.#hashes.length) {
      const larger = new BigUint64Array(this.#length * 2);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[this.#length] = this.#hash(kind, names);
    this.#length += 1;
  }

  /** Call once, when all are in. */
  seal(): void {
    const sorted = this.#hashes.subarray(0, this.#length).sort();
    let distinct = 0;
    for (const each of sorted) {
      if (distinct > 0 && each === sorted[distinct - 1]) continue;
      sorted[distinct] = each;
      distinct += 1;
    }
    this.#hashes = sorted.subarray(0, distinct);
    this.#found = new Uint8Array(distinct);
  }

  /** Whether it is one of them; then it counts as found. */
  find(kind: Kind, names: readonly string[]): boolean {
    const index = this.#indexOf(this.#hash(kind, names));
    if (index === -1) return false;
    if (this.#found[index] === 0) this.#foundCount += 1;
    this.#found[index] = 1;
    return true;
  }

  /** Whether each was found. */
  get isComplete(): boolean {
    return this.#foundCount === this.#hashes.length;
  }

  #indexOf(wanted: bigint): number {
    let low = 0;
    let high = this.#hashes.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const there = this.#hashes[middle] ?? 0n;
      if (there === wanted) return middle;
      if (there < wanted) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  #hash(kind: Kind, names: readonly string[]): bigint {
    const path = names.join('/');
    const text = `${this.#salt}${kind}/${isComposing ? path.normalize('NFC') : path}`;
    return hash('sha256', text, 'buffer').readBigUInt64LE();
  }
}

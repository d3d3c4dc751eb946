import { EntrySet } from './entry-set.ts';

/**
 * What the first entries of files have come to, whatever newer versions came behind: how many are settled, which
 * is here in some version or listed as left out, and which are left out now.
 */
export class SettledFiles {
  readonly #awaited = new EntrySet();
  readonly #leftOut = new EntrySet();
  #files = 0;

  /** How many files are settled, each counted once. */
  get count(): number {
    return this.#files - this.#awaited.size;
  }

  /** Whether the file that `first` began is left out, and nothing newer of it has come since. */
  isLeftOut(first: number): boolean {
    return this.#leftOut.has(first);
  }

  /** `entry` is the first of a file. */
  begin(entry: number, state: 'here' | 'left-out' | 'later'): void {
    this.#files += 1;
    if (state === 'later') this.#awaited.add(entry);
    if (state === 'left-out') this.#leftOut.add(entry);
  }

  /** A newer version of the file that `first` began is here, or left out. */
  settle(first: number, state: 'here' | 'left-out'): void {
    this.#awaited.delete(first);
    if (state === 'here') this.#leftOut.delete(first);
    else this.#leftOut.add(first);
  }
}

import { MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import type { Grown } from './contract.ts';

/** Files that grew while they were sent: all of them counted, the first of them listed. */
export class GrownList {
  readonly #listed: string[] = [];
  #count = 0;

  /** `path`: relative, joined with `/`. */
  add(path: string): void {
    this.#count += 1;
    if (this.#listed.length < MAX_LISTED_SKIPS) this.#listed.push(path);
  }

  /** There are so many in all, of which the first were added. */
  total(count: number): void {
    this.#count = Math.max(this.#count, count);
  }

  get grown(): Grown {
    return { listed: [...this.#listed], count: this.#count };
  }
}

import { MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import type { SkippedFile } from '../../../shared/views.ts';
import type { SkippedGrowth } from './journal-state.ts';

/** What did not arrive: all of it counted, the first of it listed, and what of the list the journal does not know yet. */
export class SkipList {
  #listed: SkippedFile[];
  #count: number;
  /** How many of those listed the journal knows; -1 when it has to be told all of them anew. */
  #known: number;

  constructor(listed: readonly SkippedFile[] = [], count = 0) {
    this.#listed = [...listed];
    this.#count = count;
    this.#known = listed.length;
  }

  get listed(): readonly SkippedFile[] {
    return this.#listed;
  }

  get count(): number {
    return this.#count;
  }

  /** Something is left out; `isKnown`: perhaps not for the first time, and then it is counted once. */
  add(skipped: SkippedFile, isKnown = false): void {
    if (isKnown && this.#indexOf(skipped.path) !== -1) return;
    this.#count += 1;
    if (this.#listed.length < MAX_LISTED_SKIPS) this.#listed.push(skipped);
  }

  /** What was left out under this path, if it was, has arrived after all. */
  remove(path: string): void {
    const index = this.#indexOf(path);
    if (index === -1) return;
    this.#listed.splice(index, 1);
    this.#count -= 1;
    if (index < this.#known) this.#known = -1;
  }

  /** What the journal has to be told, if anything; from then on it counts as known. */
  takeGrowth(): SkippedGrowth | null {
    const anew = this.#known === -1;
    const files = anew ? [...this.#listed] : this.#listed.slice(this.#known);
    this.#known = this.#listed.length;
    return anew || files.length > 0 ? { anew, files } : null;
  }

  #indexOf(path: string): number {
    return this.#listed.findIndex((skipped) => skipped.path === path);
  }
}

import { MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import type { SkippedFile } from '../../../shared/views.ts';
import type { LeftOutLog } from '../files/left-out-log.ts';
import type { ListedSkip, SkippedGrowth } from './journal-state.ts';

/**
 * What did not arrive: all of it counted, the first of it listed, and what of the list the journal does not know
 * yet. A file is known by the entry that said it first: paths say nothing, since two things may be listed under
 * the same one.
 */
export class SkipList {
  #listed: ListedSkip[];
  #count: number;
  /** How many of those listed the journal knows; -1 when it has to be told all of them anew. */
  #known: number;
  readonly #log: Pick<LeftOutLog, 'add' | 'remove'> | undefined;

  /** `log`: told of all of it. */
  constructor(listed: readonly ListedSkip[] = [], count = 0, log?: Pick<LeftOutLog, 'add' | 'remove'>) {
    this.#log = log;
    this.#listed = [...listed];
    this.#count = count;
    this.#known = listed.length;
  }

  get listed(): readonly SkippedFile[] {
    return this.#listed.map(({ path, reason }) => ({ path, reason }));
  }

  get count(): number {
    return this.#count;
  }

  /** Whether the file that `entry` said first is listed: one that is only counted is not. */
  lists(entry: number): boolean {
    return this.#indexOf(entry) !== -1;
  }

  /**
   * Something is left out, and was not before. `entry`: the one that said a file first; null for what never comes
   * after all.
   */
  add({ path, reason }: SkippedFile, entry: number | null): void {
    this.#count += 1;
    this.#log?.add({ path, reason }, entry);
    if (this.#listed.length < MAX_LISTED_SKIPS) this.#listed.push({ path, reason, entry });
  }

  /** The file that `entry` said first was left out, listed or not, and has arrived after all. */
  remove(entry: number): void {
    this.#count -= 1;
    this.#log?.remove(entry);
    const index = this.#indexOf(entry);
    if (index === -1) return;
    this.#listed.splice(index, 1);
    if (index < this.#known) this.#known = -1;
  }

  /** What the journal has to be told, if anything; from then on it counts as known. */
  takeGrowth(): SkippedGrowth | null {
    const anew = this.#known === -1;
    const files = anew ? [...this.#listed] : this.#listed.slice(this.#known);
    this.#known = this.#listed.length;
    return anew || files.length > 0 ? { anew, files } : null;
  }

  #indexOf(entry: number): number {
    return this.#listed.findIndex((skipped) => skipped.entry === entry);
  }
}

import { lstatSync } from 'node:fs';
import { MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import type { SkipReason, SkippedFile } from '../../../shared/views.ts';
import type { ManifestFile, SupersededEntry } from '../files/manifest-record.ts';
import { skippedFile } from '../files/names.ts';
import type { LeftOut, Rewritten } from './contract.ts';

/** What a stream finds rewritten, and what has to be known of the rest to try those files again. */
export class RewrittenList {
  readonly #mayTryAgain: boolean;
  readonly #entries: number[] = [];
  readonly #grown: number[] = [];
  readonly #totals = { files: 0, bytes: 0, firstFiles: 0, firstBytes: 0, lastBytes: 0 };
  readonly #lostAgain: SkippedFile[] = [];
  #lostAgainCount = 0;

  /** `mayTryAgain`: whether there is another try after this one. */
  constructor(mayTryAgain: boolean) {
    this.#mayTryAgain = mayTryAgain;
  }

  /** Null where nothing is to be tried again. */
  get result(): Rewritten | null {
    if (this.#entries.length === 0) return null;
    const [entries, grown] = [Uint32Array.from(this.#entries), Uint32Array.from(this.#grown)];
    return { entries, grown, totals: { ...this.#totals } };
  }

  get lostAgain(): LeftOut {
    return { listed: [...this.#lostAgain], count: this.#lostAgainCount };
  }

  /** An entry of a file has come by, whatever became of it. */
  count({ kind, size, again }: ManifestFile | SupersededEntry): void {
    this.#totals.files += 1;
    this.#totals.bytes += size;
    if (kind === 'file') this.#totals.lastBytes += size;
    if (again !== undefined) return;
    this.#totals.firstFiles += 1;
    this.#totals.firstBytes += size;
  }

  /** The file of the entry of the number `index` had grown. */
  addGrown(index: number): void {
    this.#grown.push(index);
  }

  /** The newest entry of a file, which has the number `index`, came to nothing. */
  leaveOut(entry: ManifestFile, index: number, reason: SkipReason): void {
    if (this.#mayTryAgain && reason === 'changed' && isFile(entry.source)) this.#entries.push(index);
    if (entry.again === undefined) return;
    this.#lostAgainCount += 1;
    if (this.#lostAgain.length < MAX_LISTED_SKIPS) this.#lostAgain.push(skippedFile(entry.path, reason));
  }
}

/** Whether there seems to be something to try again: what that is, is looked at then. */
function isFile(path: string): boolean {
  try {
    return lstatSync(path).isFile();
  } catch {
    return false;
  }
}

import type { Rewritten } from '../content/contract.ts';
import { MAX_TIMES, maxGrown } from './agreed-bounds.ts';
import { EntrySet } from './entry-set.ts';
import type { ManifestFile } from './manifest-record.ts';

/**
 * The files that a stream ended for before its end, and how much more of them a receiver takes: beyond that the whole
 * transfer would end, and so such a file stays left out.
 */
export class RewrittenFiles {
  readonly #entries: EntrySet;
  readonly #grown: EntrySet;
  readonly #totals: { -readonly [Key in keyof Rewritten['totals']]: number };

  constructor({ entries, grown, totals }: Rewritten) {
    this.#entries = setOf(entries);
    this.#grown = setOf(grown);
    this.#totals = { ...totals };
  }

  has(entry: number): boolean {
    return this.#entries.has(entry);
  }

  /** Whether the file of `entry` had grown by the time it was sent. */
  hasGrown(entry: number): boolean {
    return this.#grown.has(entry);
  }

  /** Whether `newer` may be said in the place of `older`; counts it as said. */
  take(older: ManifestFile, newer: ManifestFile): boolean {
    const { files, bytes, firstFiles, firstBytes, lastBytes } = this.#totals;
    const most = maxGrown(firstBytes);
    const last = lastBytes - older.size + newer.size;
    if (files >= firstFiles * MAX_TIMES || bytes + newer.size > most * MAX_TIMES || last > most) return false;
    this.#totals.files += 1;
    this.#totals.bytes += newer.size;
    this.#totals.lastBytes = last;
    return true;
  }
}

function setOf(entries: Uint32Array): EntrySet {
  const set = new EntrySet();
  for (const entry of entries) set.add(entry);
  return set;
}

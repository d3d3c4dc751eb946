import { MAX_ENTRIES } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { Cursor } from './contract.ts';
import type { ParserState } from './journal-state.ts';
import { mismatch } from './records.ts';
import type { ContentEntry, ContentRecord, ContentTotals, FileEntry } from './records.ts';

/** What the sender's user showed and this side's user agreed to: no content may go beyond it. */
export interface Offered {
  readonly itemCount: number;
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
}

/** What the entries so far came to, over all connections. */
type Counts = Omit<ParserState, keyof Cursor>;

const NOTHING: Counts = { files: 0, folders: 0, claimed: 0, items: 0, item: null };

/** Counted up in place: there are a few of these steps for every file. */
type Counting<T> = { -readonly [Key in keyof T]: T[Key] };

/** Before anything was received. */
export const AT_START: ParserState = { entry: 0, offset: 0, ...NOTHING };

type Reading =
  | { readonly kind: 'between' }
  /** `before`: the counts without this file, which is said once more when its rest comes over another connection. */
  | { readonly kind: 'file'; readonly size: number; offset: number; readonly before: Counts }
  | { readonly kind: 'finished' };

/**
 * The grammar of the content, held against every record before anything is done with it:
 *
 *     content = *( folder-ENTRY / SKIP / SUPERSEDED / ( file-ENTRY *DATA ( END / FAIL ) ) ) FINISH
 *
 *     between ──ENTRY(file)──▶ file ──DATA──▶ file          FINISH only as the last record of the chunk with the final
 *        ▲ ╰─folder/SKIP/SUPERS.─╯│                          tag, and that chunk never without it.
 *        ╰────────END/FAIL────────╯   between ──FINISH──▶ finished
 *
 * It counts along; its cursor is what both sides put into the associated data of the next chunk. Touches neither disk nor seal.
 * Every breach is `content-mismatch`, after which the parser must not be used any more.
 */
export class ContentParser {
  readonly #offered: Offered;
  #state: Reading = { kind: 'between' };
  #entries: number;
  /** Bytes of the next entry that an earlier connection has brought already. */
  #resumeAt: number;
  readonly #counts: Counting<Counts>;
  readonly #totals: Counting<ContentTotals> = { files: 0, bytes: 0, skippedCount: 0 };

  /** `from`: where an earlier connection ended, with what the entries before came to. `offered` may be more than then. */
  constructor(offered: Offered, from: Cursor & Partial<Counts> = AT_START) {
    const { entry, offset, ...counts } = from;
    this.#offered = offered;
    this.#entries = entry;
    this.#resumeAt = offset;
    this.#counts = { ...NOTHING, ...counts };
  }

  /** What a parser needs to go on from here. */
  get state(): ParserState {
    const counts = this.#state.kind === 'file' ? this.#state.before : this.#counts;
    return { ...this.cursor, ...counts };
  }

  /** Where the content stands between the records taken so far and the next one. */
  get cursor(): Cursor {
    const offset = this.#state.kind === 'file' ? this.#state.offset : this.#resumeAt;
    return { entry: this.#entries, offset };
  }

  /** What this stream's records came to so far. */
  get totals(): ContentTotals {
    return { ...this.#totals };
  }

  get finished(): boolean {
    return this.#state.kind === 'finished';
  }

  /** Takes the next record in order. */
  accept(record: ContentRecord): void {
    switch (record.type) {
      case 'entry':
        this.#expectBetween('ENTRY');
        this.#begin(record.entry);
        return;
      case 'data':
        this.#data(this.#expectFile('DATA'), record.bytes.length);
        return;
      case 'end': {
        const file = this.#expectFile('END');
        if (file.offset !== file.size) throw mismatch('a file shorter than its entry says');
        this.#totals.files += 1;
        this.#endEntry();
        return;
      }
      case 'fail':
        this.#expectFile('FAIL');
        this.#totals.skippedCount += 1;
        this.#endEntry();
        return;
      case 'skip':
        this.#expectBetween('SKIP');
        this.#resumeAt = 0;
        this.#totals.skippedCount += 1;
        this.#endEntry();
        return;
      case 'superseded':
        this.#expectBetween('SUPERSEDED');
        this.#count('files', 1);
        this.#resumeAt = 0;
        this.#endEntry();
        return;
      case 'finish':
        this.#finish(record.totals);
        return;
      default:
        unreachable(record);
    }
  }

  /** Says that the chunk has no more records, and whether it carried the final tag. */
  endChunk(final: boolean): void {
    if (final !== this.finished)
      throw mismatch(final ? 'a final chunk without FINISH' : 'FINISH in a chunk that is not final');
  }

  #begin(entry: ContentEntry): void {
    if (entry.kind === 'folder') {
      this.#countItem(entry.path[0]);
      this.#count('folders', 1);
      if (this.#resumeAt > 0) throw mismatch('a folder where a file goes on');
      this.#endEntry();
      return;
    }
    this.#beginFile(entry);
  }

  #beginFile(entry: FileEntry): void {
    const before = { ...this.#counts };
    if (entry.again === undefined) this.#countItem(entry.path[0]);
    else if (entry.again >= this.#entries) throw mismatch('again what was not yet');
    this.#count('files', 1);
    this.#count('claimed', entry.size);
    if (this.#resumeAt > entry.size) throw mismatch('a file shorter than what is here of it');
    this.#state = { kind: 'file', size: entry.size, offset: this.#resumeAt, before };
    this.#resumeAt = 0;
  }

  #count(what: 'files' | 'folders' | 'items' | 'claimed', more: number): void {
    this.#counts[what] += more;
    if (this.#counts[what] > this.#limit(what)) throw mismatch(`more ${what} than offered`);
  }

  #limit(what: 'files' | 'folders' | 'items' | 'claimed'): number {
    switch (what) {
      case 'items':
        return this.#offered.itemCount;
      case 'claimed':
        return this.#offered.bytes;
      case 'files':
      case 'folders':
        return this.#offered[what];
      default:
        return unreachable(what);
    }
  }

  /**
   * Counts a top-level item. Everything below one item comes in one piece, so a change of the first name is a new item, and no
   * set of names has to be kept.
   */
  #countItem(item: string | undefined): void {
    if (item === undefined || item === this.#counts.item) return;
    this.#counts.item = item;
    this.#count('items', 1);
  }

  #data(file: Extract<Reading, { kind: 'file' }>, length: number): void {
    file.offset += length;
    if (file.offset > file.size) throw mismatch('a file longer than its entry says');
    this.#totals.bytes += length;
  }

  #endEntry(): void {
    this.#entries += 1;
    if (this.#entries > MAX_ENTRIES) throw mismatch('more entries than a transfer can hold');
    this.#state = { kind: 'between' };
  }

  #finish(said: ContentTotals): void {
    this.#expectBetween('FINISH');
    if (this.#resumeAt > 0) throw mismatch('FINISH where a file goes on');
    const { files, bytes, skippedCount } = this.#totals;
    if (said.files !== files || said.bytes !== bytes || said.skippedCount !== skippedCount) {
      throw mismatch('totals that are not those of the content');
    }
    this.#state = { kind: 'finished' };
  }

  #expectBetween(what: string): void {
    if (this.#state.kind !== 'between') throw mismatch(`${what} while ${this.#state.kind}`);
  }

  #expectFile(what: string): Extract<Reading, { kind: 'file' }> {
    if (this.#state.kind !== 'file') throw mismatch(`${what} while ${this.#state.kind}`);
    return this.#state;
  }
}

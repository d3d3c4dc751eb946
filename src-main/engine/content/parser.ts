import { MAX_ENTRIES, MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import { isBundleName, isHiddenName, isProgramFile } from '../../../shared/marks.ts';
import type { Cursor, Offered, OfferedItem } from './contract.ts';
import type { ParserState } from './journal-state.ts';
import { checkPath } from '../files/names.ts';
import { mismatch } from './records.ts';
import type { ContentEntry, ContentRecord, ContentTotals, FileEntry, FileStub } from './records.ts';

/** What the entries so far came to, over all connections. */
type Counts = Omit<ParserState, keyof Cursor>;

const NOTHING: Counts = {
  files: 0,
  firsts: 0,
  folders: 0,
  claimed: 0,
  hidden: 0,
  programs: 0,
  items: 0,
  folder: [],
};

/** What is counted, and the key of the offer that bounds it. */
const BOUNDS = {
  files: 'files',
  firsts: 'firstFiles',
  folders: 'folders',
  claimed: 'bytes',
  hidden: 'hidden',
  programs: 'programs',
  items: 'itemCount',
} as const;

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
 *     content = *( folder-ENTRY / SKIP / SUPERSEDED / ( file-ENTRY *DATA ( END / FAIL ) ) ) *GROWN FINISH
 *
 *     between ──ENTRY(file)──▶ file ──DATA──▶ file          FINISH only as the last record of the chunk with the final
 *        ▲ ╰─folder/SKIP/SUPERS.─╯│                          tag, and that chunk never without it.
 *        ╰────────END/FAIL────────╯   between ──*GROWN─FINISH──▶ finished
 *
 * It counts along; its cursor is what both sides put into the associated data of the next chunk. Touches neither disk nor seal.
 * Every breach is `content-mismatch` (a path that no honest sender sends: `name-refused`), after which the
 * parser must not be used any more.
 */
export class ContentParser {
  readonly #offered: Offered;
  #state: Reading = { kind: 'between' };
  #entries: number;
  /** Bytes of the next entry that an earlier connection has brought already. */
  #resumeAt: number;
  readonly #counts: Counting<Counts>;
  readonly #totals = { files: 0, bytes: 0, skippedCount: 0 };
  /** GROWN records of this stream. */
  #grown = 0;

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
        if (this.#resumeAt > 0) throw mismatch('a SKIP where a file goes on');
        this.#totals.skippedCount += 1;
        this.#endEntry();
        return;
      case 'missing':
        this.#totals.skippedCount += 1;
        this.#stub('MISSING', record.file);
        return;
      case 'superseded':
        this.#stub('SUPERSEDED', record.file);
        return;
      case 'grown':
        this.#expectEnd('GROWN');
        this.#grown += 1;
        if (this.#grown > MAX_LISTED_SKIPS) throw mismatch('more GROWN than are listed');
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
      this.#enter(entry.path, 'folder', isBundleName(entry.path.at(-1) ?? ''));
      this.#counts.folder = entry.path;
      this.#count('folders', 1);
      if (this.#resumeAt > 0) throw mismatch('a folder where a file goes on');
      this.#endEntry();
      return;
    }
    this.#beginFile(entry);
  }

  #beginFile(entry: FileEntry): void {
    const before = { ...this.#counts };
    this.#countFile(entry);
    this.#count('claimed', entry.size);
    if (entry.anew === true) this.#dropResumed();
    if (this.#resumeAt > entry.size) throw mismatch('a file shorter than what is here of it');
    this.#state = { kind: 'file', size: entry.size, offset: this.#resumeAt, before };
    this.#resumeAt = 0;
  }

  /** What is here of the file is void, and all of it comes. */
  #dropResumed(): void {
    if (this.#resumeAt === 0) throw mismatch('anew where no file goes on');
    this.#resumeAt = 0;
  }

  #count(what: keyof typeof BOUNDS, more: number): void {
    this.#counts[what] += more;
    if (this.#counts[what] > this.#offered[BOUNDS[what]]) throw mismatch(`more ${what} than offered`);
  }

  /** A file of which no content comes here. */
  #stub(what: string, file: FileStub): void {
    this.#expectBetween(what);
    this.#countFile(file);
    this.#resumeAt = 0;
    this.#endEntry();
  }

  /** A newer version has the place, the name and the marks of the first one, which whoever applies the record sees to. */
  #countFile({ path, executable, again }: FileStub): void {
    this.#count('files', 1);
    if (again === undefined) {
      this.#count('firsts', 1);
      this.#enter(path, 'file', isProgramFile(path.at(-1) ?? '', executable));
    } else if (again >= this.#entries) throw mismatch('again what was not yet');
  }

  /**
   * Something comes for the first time: at the top, or in the folder that came last or one of those above it. A folder comes before
   * what is in it, and all of it in one piece, so that no set of names has to be kept and no folder comes uncounted.
   */
  #enter(path: readonly string[], kind: OfferedItem['kind'], isProgram: boolean): void {
    checkPath(path);
    const [name = '', parents] = [path.at(-1), path.slice(0, -1)];
    if (!parents.every((parent, at) => parent === this.#counts.folder[at]))
      throw mismatch('below a folder that has not come');
    this.#counts.folder = parents;
    const shown = parents.length === 0 ? this.#expectItem(name, kind) : undefined;
    if (isProgram && shown?.program === false) throw mismatch('a program that was not offered as one');
    // Hidden names and programs are what a person looks for in an offer: none arrives beyond those that were shown, or counted beside
    // those that were shown.
    if (isHiddenName(name)) this.#count('hidden', 1);
    if (isProgram || shown?.program === true) this.#count('programs', 1);
  }

  /** The offer shows the first items, each of which comes in its place as it was shown, and counts the rest: for one of those, undefined. */
  #expectItem(name: string, kind: OfferedItem['kind']): OfferedItem | undefined {
    this.#count('items', 1);
    const { items } = this.#offered;
    const shown = items[this.#counts.items - 1];
    if (shown === undefined) {
      if (items.some((item) => item.name === name)) throw mismatch('an item out of order');
      return undefined;
    }
    if (shown.name !== name) throw mismatch('another item than was shown in its place');
    if (shown.kind !== kind) throw mismatch('an item of another kind than offered');
    return shown;
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
    this.#expectEnd('FINISH');
    const { files: allFiles, folders, items } = this.#counts;
    const { minFiles, minFolders, minItems } = this.#offered;
    if (allFiles < minFiles || folders < minFolders || items < minItems) throw mismatch('less than offered');
    const { files, bytes, skippedCount } = this.#totals;
    if (said.files !== files || said.bytes !== bytes || said.skippedCount !== skippedCount) {
      throw mismatch('totals that are not those of the content');
    }
    const { grownCount = 0 } = said;
    if (grownCount < this.#grown || grownCount > this.#offered.firstFiles)
      throw mismatch('another number of grown files than there can be');
    this.#state = { kind: 'finished' };
  }

  /** No entry comes any more. */
  #expectEnd(what: string): void {
    this.#expectBetween(what);
    if (this.#resumeAt > 0) throw mismatch(`${what} where a file goes on`);
  }

  #expectBetween(what: string): void {
    if (this.#grown > 0 && what !== 'GROWN' && what !== 'FINISH') throw mismatch(`${what} behind a GROWN`);
    if (this.#state.kind !== 'between') throw mismatch(`${what} while ${this.#state.kind}`);
  }

  #expectFile(what: string): Extract<Reading, { kind: 'file' }> {
    if (this.#state.kind !== 'file') throw mismatch(`${what} while ${this.#state.kind}`);
    return this.#state;
  }
}

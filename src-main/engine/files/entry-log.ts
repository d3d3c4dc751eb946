import { createHash } from 'node:crypto';
import { SealaneError } from '../../../shared/errors.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import { PATH_DIGEST_CHARACTERS, isNoEntry, lineOf, readFate } from './entry-line.ts';
import type { EntryFate, FileMark } from './entry-line.ts';
import { EntrySet } from './entry-set.ts';
import type { ListSpace } from './list-space.ts';
import { NewestEntries } from './newest-entries.ts';
import { Renewals } from './renewals.ts';
import { SettledFiles } from './settled-files.ts';
import { SideFile } from './side-file.ts';
import type { SideMark } from './side-file.ts';

/** Tells one path from any other: 128 bits of SHA-256 over its names, which hold no NUL, in base64url. */
export function pathDigest(path: readonly string[]): string {
  return createHash('sha256').update(path.join('\0')).digest('base64url').slice(0, PATH_DIGEST_CHARACTERS);
}

/** The file that an entry said first, as it was said, and which of its versions is kept, if any. */
export interface FirstFile {
  readonly file: FileMark;
  readonly kept: { readonly entry: number; readonly names: readonly string[] } | null;
}

/** A file of which a version is in the staging folder. */
export interface KeptFile {
  /** The entry by whose line it is known. */
  readonly entry: number;
  /** The entry that said it first. */
  readonly first: number;
  readonly names: readonly string[];
  /** Bytes of the newest version. */
  readonly size: number;
}

/** Every this many entries the place of one is remembered: 0.6 MB for five million entries, and few lines to read for one. */
const STRIDE = 64;

/**
 * What became of each entry, in order, in a file: what is in the staging folder is judged by it when a transfer goes on, and a
 * file that changed at the sender is found by it. Throws `internal` for a damaged line, and what `SideFile` throws.
 */
export class EntryLog {
  readonly #file: SideFile;
  /** Where the lines of entries 0, STRIDE, 2 × STRIDE, … begin, as far as they are written. */
  readonly #places: number[];
  /** The newest entry that was kept of a file whose first entry was not. */
  readonly #renewals: Renewals;
  /** By what it took the place of, the newest entry that did. */
  readonly #newest: NewestEntries;
  readonly #settled: SettledFiles;
  readonly #lost: EntrySet;
  #entries: number;

  private constructor(file: SideFile, { places, renewals, newest, settled, lost }: Known, entries = 0) {
    this.#file = file;
    this.#entries = entries;
    this.#places = places;
    this.#renewals = renewals;
    this.#newest = newest;
    this.#settled = settled;
    this.#lost = lost;
  }

  /** Makes or empties `file`. */
  static create(file: string, space: ListSpace): EntryLog {
    return new EntryLog(SideFile.create(file, space), nothingKnown());
  }

  /** Goes on after `mark`, and tells `onFate` what is before; null when that is damaged. */
  static reopen(
    file: string,
    mark: SideMark,
    space: ListSpace,
    onFate: (fate: EntryFate, entry: number) => void,
  ): EntryLog | null {
    const known = nothingKnown();
    let entry = 0;
    const side = SideFile.reopen(file, mark, space, ({ text, at }) => {
      const isEntry = !isNoEntry(text);
      if (isEntry && entry % STRIDE === 0) known.places.push(at);
      const fate = readFate(text);
      if (fate !== null) {
        remember(known, fate, entry);
        settle(known.settled, fate, entry);
        onFate(fate, entry);
      }
      if (isEntry) entry += 1;
    });
    return side === null ? null : new EntryLog(side, known, entry);
  }

  /** How many entries have come to their end. */
  get entries(): number {
    return this.#entries;
  }

  /** Whether any file that was kept was lost since. */
  get hasLost(): boolean {
    return this.#lost.size > 0;
  }

  /** Files, each counted once, that are here in some version or listed as left out. */
  get settledFiles(): number {
    return this.#settled.count;
  }

  /** Whether the file that entry `first` said first is counted as left out. */
  isLeftOut(first: number): boolean {
    return this.#settled.isLeftOut(first);
  }

  /** The next entry has come to its end. */
  append(fate: Exclude<EntryFate, { kind: 'lost' }>): void {
    const entry = this.entries;
    // The line begins where all before it end, which is known once they are written.
    if (entry % STRIDE === 0) this.#places.push(this.#file.mark().bytes);
    this.#take(fate, entry);
    this.#entries += 1;
  }

  /** A file that is kept is there no more: from now on it is left out. Between two entries; also in the middle of `kept`. */
  lose({ entry, first }: KeptFile): void {
    this.#take({ kind: 'lost', of: entry, ...(first === entry ? {} : { again: first }) }, this.entries);
  }

  /** What became of `entry`, which is one of them. */
  fate(entry: number): EntryFate {
    const first = entry - (entry % STRIDE);
    let at = first;
    for (const { text } of this.#file.read(this.#places[first / STRIDE])) {
      if (isNoEntry(text)) continue;
      if (at === entry) return readFate(text) ?? damaged();
      at += 1;
    }
    return damaged();
  }

  /**
   * The file that entry `first` said first, as it said it, with the names on disk of whichever of its versions is kept, and the entry by
   * whose line they are known. Undefined when that entry is no file, or itself a newer version: one that says another one's newer version in
   * its name would be a further file.
   */
  locate(first: number): FirstFile | undefined {
    const said = this.fate(first);
    switch (said.kind) {
      case 'kept':
      case 'none':
      case 'later':
        if (said.again !== undefined) return undefined;
        return { file: said.file, kept: this.#keptOf(first, said) };
      case 'replaced':
      case 'folder':
      case 'skipped':
      case 'lost':
        return undefined;
      default:
        return unreachable(said);
    }
  }

  /** The files that are in the staging folder, as far as is known, in order. Nothing but `lose` may be called meanwhile. */
  *kept(): Generator<KeptFile, void, undefined> {
    let entry = 0;
    for (const { text } of this.#file.read()) {
      if (isNoEntry(text)) continue;
      const fate = readFate(text) ?? damaged();
      if (fate.kind === 'kept' && !this.#lost.has(entry)) {
        const size = this.#newest.of(entry) === entry ? fate.size : this.sizeOf(entry);
        yield { entry, first: fate.again ?? entry, names: fate.names, size };
      }
      entry += 1;
    }
  }

  /** Bytes of the newest version of the file that is known by the line of `entry`. */
  sizeOf(entry: number): number {
    const fate = this.fate(this.#newest.of(entry));
    return fate.kind === 'kept' || fate.kind === 'replaced' ? fate.size : damaged();
  }

  mark(): SideMark {
    return this.#file.mark();
  }

  /** As `mark` and `sync`, at once. */
  syncNow(): SideMark {
    return this.#file.syncNow();
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  /** Idempotent. */
  close(): void {
    this.#file.close();
  }

  /** Which version of the file that entry `first` said first is kept; null where none is. */
  #keptOf(first: number, said: EntryFate): FirstFile['kept'] {
    const entry = this.#renewals.get(first) ?? first;
    const fate = entry === first ? said : this.fate(entry);
    return fate.kind === 'kept' && !this.#lost.has(entry) ? { entry, names: fate.names } : null;
  }

  #take(fate: EntryFate, entry: number): void {
    const known = { renewals: this.#renewals, newest: this.#newest, lost: this.#lost };
    remember(known, fate, entry);
    settle(this.#settled, fate, entry);
    this.#file.append(lineOf(fate));
  }
}

/** What is known of the entries without looking into the file. */
interface Known {
  readonly places: number[];
  readonly renewals: Renewals;
  readonly newest: NewestEntries;
  readonly settled: SettledFiles;
  /** Entries by whose lines files are known that were lost since. */
  readonly lost: EntrySet;
}

function nothingKnown(): Known {
  const [newest, settled, lost] = [new NewestEntries(), new SettledFiles(), new EntrySet()];
  return { places: [], renewals: new Renewals(), newest, settled, lost };
}

function remember(
  { renewals, newest, lost }: Pick<Known, 'renewals' | 'newest' | 'lost'>,
  fate: EntryFate,
  entry: number,
): void {
  if (fate.kind === 'lost') lost.add(fate.of);
  if (fate.kind === 'replaced') newest.add(fate.of, entry);
  if (fate.kind === 'kept' && fate.again !== undefined) renewals.set(fate.again, entry);
}

function settle(settled: SettledFiles, fate: EntryFate, entry: number): void {
  if (fate.kind === 'folder' || fate.kind === 'skipped') return;
  const { again } = fate;
  if (fate.kind === 'lost') {
    settled.settle(again ?? fate.of, 'left-out');
    return;
  }
  if (fate.kind === 'later') {
    if (again === undefined) settled.begin(entry, 'later');
    return;
  }
  const state = fate.kind === 'none' ? 'left-out' : 'here';
  if (again === undefined) settled.begin(entry, state);
  else settled.settle(again, state);
}

function damaged(): never {
  throw new SealaneError('internal', { detail: 'the list of entries is damaged' });
}

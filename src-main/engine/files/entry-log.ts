import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_ENTRIES } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { Disk } from './disk.ts';
import { SideFile } from './side-file.ts';
import type { SideMark } from './side-file.ts';

const entryNumber = z.number().int().min(0).max(MAX_ENTRIES);
const names = z.array(z.string().min(1)).min(1).readonly();

const fateSchema = z.discriminatedUnion('k', [
  /** A file that is whole; its names on disk. `a`: it is a newer version of that entry, which was not kept itself. */
  z.strictObject({ k: z.literal('f'), n: names, a: entryNumber.optional() }),
  /** A file that is whole and took the place of that entry's. */
  z.strictObject({ k: z.literal('r'), o: entryNumber }),
  z.strictObject({ k: z.literal('d') }),
  /** Left out, failed, or its content comes later. */
  z.strictObject({ k: z.literal('-') }),
]);

/** What became of an entry. */
export type EntryFate =
  | { readonly kind: 'kept'; readonly names: readonly string[]; readonly again?: number | undefined }
  | { readonly kind: 'replaced'; readonly of: number }
  | { readonly kind: 'folder' }
  | { readonly kind: 'none' };

/** Every this many entries the place of one is remembered: 0.6 MB for five million entries, and few lines to read for one. */
const STRIDE = 64;

/**
 * Newer versions of files that are remembered by what they are versions of. Beyond, one that changes once more gets a name of
 * its own beside the older version: that is better than memory without a bound.
 */
const MAX_RENEWALS = 1_000_000;

/**
 * What became of each entry, in order, in a file: what is in the staging folder is judged by it when a transfer goes on, and a
 * file that changed at the sender is found by it. Throws `internal` for a damaged line, and what `SideFile` throws.
 */
export class EntryLog {
  readonly #file: SideFile;
  /** Where the lines of entries 0, STRIDE, 2 × STRIDE, … begin, as far as they are written. */
  readonly #places: number[];
  /** The newest entry that was kept of a file whose first entry was not. */
  readonly #renewals: Map<number, number>;

  private constructor(file: SideFile, places: number[], renewals: Map<number, number>) {
    this.#file = file;
    this.#places = places;
    this.#renewals = renewals;
  }

  /** Makes or empties `file`. */
  static create(file: string, disk: Disk): EntryLog {
    return new EntryLog(SideFile.create(file, disk), [], new Map());
  }

  /** Goes on after `mark`, and tells `onFate` what is before; null when that is damaged. */
  static reopen(
    file: string,
    mark: SideMark,
    disk: Disk,
    onFate: (fate: EntryFate, entry: number) => void,
  ): EntryLog | null {
    const places: number[] = [];
    const renewals = new Map<number, number>();
    let entry = 0;
    const side = SideFile.reopen(file, mark, disk, ({ text, at }) => {
      if (entry % STRIDE === 0) places.push(at);
      const fate = parse(text);
      if (fate !== null) {
        remember(renewals, fate, entry);
        onFate(fate, entry);
      }
      entry += 1;
    });
    return side === null ? null : new EntryLog(side, places, renewals);
  }

  /** How many entries have come to their end. */
  get entries(): number {
    return this.#file.lines;
  }

  /** The next entry has come to its end. */
  append(fate: EntryFate): void {
    const entry = this.entries;
    // The line begins where all before it end, which is known once they are written.
    if (entry % STRIDE === 0) this.#places.push(this.#file.mark().bytes);
    remember(this.#renewals, fate, entry);
    this.#file.append(line(fate));
  }

  /** What became of `entry`, which is one of them. */
  fate(entry: number): EntryFate {
    const first = entry - (entry % STRIDE);
    let at = first;
    for (const { text } of this.#file.read(this.#places[first / STRIDE])) {
      if (at === entry) return parse(text) ?? damaged();
      at += 1;
    }
    return damaged();
  }

  /**
   * The names on disk of the file that entry `first` said first, whichever of its versions that is now, and the entry by whose line
   * they are known; null when nothing of it was kept. Undefined when that entry is a folder.
   */
  whereabouts(
    first: number,
  ): { readonly entry: number; readonly names: readonly string[] } | null | undefined {
    const entry = this.#renewals.get(first) ?? first;
    const fate = this.fate(entry);
    switch (fate.kind) {
      case 'kept':
        return { entry, names: fate.names };
      // Said in the name of another version, which an honest sender does not.
      case 'replaced':
        return this.whereabouts(fate.of);
      case 'folder':
        return undefined;
      case 'none':
        return null;
      default:
        return unreachable(fate);
    }
  }

  mark(): SideMark {
    return this.#file.mark();
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  /** Idempotent. */
  close(): void {
    this.#file.close();
  }
}

function remember(renewals: Map<number, number>, fate: EntryFate, entry: number): void {
  if (fate.kind !== 'kept' || fate.again === undefined) return;
  if (renewals.size < MAX_RENEWALS || renewals.has(fate.again)) renewals.set(fate.again, entry);
}

function line(fate: EntryFate): string {
  switch (fate.kind) {
    case 'kept':
      return JSON.stringify({ k: 'f', n: fate.names, a: fate.again });
    case 'replaced':
      return JSON.stringify({ k: 'r', o: fate.of });
    case 'folder':
      return '{"k":"d"}';
    case 'none':
      return '{"k":"-"}';
    default:
      return unreachable(fate);
  }
}

function parse(text: string): EntryFate | null {
  let read: z.infer<typeof fateSchema>;
  try {
    read = fateSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
  switch (read.k) {
    case 'f':
      return { kind: 'kept', names: read.n, again: read.a };
    case 'r':
      return { kind: 'replaced', of: read.o };
    case 'd':
      return { kind: 'folder' };
    case '-':
      return { kind: 'none' };
    default:
      return unreachable(read);
  }
}

function damaged(): never {
  throw new SealaneError('internal', { detail: 'the list of entries is damaged' });
}

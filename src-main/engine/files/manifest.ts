import { unreachable } from '../../../shared/unreachable.ts';
import { onProfile } from './disk.ts';
import { LineWriter, readLines } from './lines.ts';
import { damagedManifest, formatRecord, parseRecord } from './manifest-record.ts';
import type { ManifestEntry, ManifestRecord, WrittenEntry } from './manifest-record.ts';
import { NewestEntries } from './newest-entries.ts';

/**
 * What is to be sent, entry by entry, in a file: neither walking a million files nor sending them holds their list in memory, and
 * the same list is there again after a crash. An entry is known by its number, which it keeps for ever:
 *
 *     entry*  end      what the walk found: whole, or there is no manifest
 *     (entry+ end)*    what was found changed later, to be sent once more; the place of what it replaces
 *                      stays. And what came later, which is left out
 *
 * An `end` is written and synced last. Whatever stands behind the last one was being written when the device lost its power or
 * this program its life, and counts for nothing.
 */

/** How much of a manifest was written to its end. */
export interface Committed {
  readonly entries: number;
  readonly bytes: number;
}

const NOTHING: Committed = { entries: 0, bytes: 0 };

export class ManifestWriter {
  readonly #lines: LineWriter;
  #entries: number;

  /**
   * Starts a new manifest at `file` (absolute), which only this user can read; what was there is replaced. Or goes on with an old
   * one behind what is `committed` of it, and cuts off the rest. This and every method throw `profile-unusable`.
   */
  constructor(file: string, committed: Committed = NOTHING) {
    this.#lines = onProfile(() => new LineWriter(file, committed.bytes));
    this.#entries = committed.entries;
  }

  /** How many entries there are by now. */
  get entries(): number {
    return this.#entries;
  }

  append(entry: WrittenEntry): void {
    this.#write(entry);
    this.#entries += 1;
  }

  /** Writes the last line and syncs the file. Gives what is written to its end. */
  close(): Committed {
    this.#write({ kind: 'end', entries: this.#entries });
    onProfile(() => {
      this.#lines.close({ sync: true });
    });
    return { entries: this.#entries, bytes: this.#lines.bytes };
  }

  /** Closes the file without an end, so that what was written is never taken for whole. Idempotent, also after `close`. */
  abort(): void {
    this.#lines.close({ sync: false });
  }

  #write(record: ManifestRecord): void {
    onProfile(() => {
      this.#lines.append(formatRecord(record));
    });
  }
}

/** What must be known of a manifest before its entries can be read in order. */
export interface Survey {
  readonly committed: Committed;
  /** How many entries the walk found: those behind it were appended later. */
  readonly walked: number;
  readonly newest: NewestEntries;
}

/** What a survey of a manifest finds that was written in one go, and of which `committed` is all. */
export function surveyOfNew(committed: Committed): Survey {
  return { committed, walked: committed.entries, newest: new NewestEntries() };
}

/** Looks through a manifest, in constant memory. Throws `internal` for one that is missing or damaged, or whose first end is not there. */
export function surveyManifest(file: string): Survey {
  const surveyor = new Surveyor();
  for (const line of readLines(file, { tornEnd: true })) surveyor.take(line);
  return surveyor.result();
}

/** How the line of an end begins: what the walk found need not be understood to be counted. */
const END = '{"kind":"end"';

class Surveyor {
  readonly #newest = new NewestEntries();
  #entries = 0;
  #bytes = 0;
  /** How many entries the walk found. */
  #walked: number | undefined;
  #committed = NOTHING;
  #isTorn = false;
  #endsBehind = 0;

  take(line: string): void {
    this.#bytes += Buffer.byteLength(line) + 1;
    if (this.#walked === undefined && !line.startsWith(END)) {
      this.#entries += 1;
      return;
    }
    const record = parseRecord(line);
    if (this.#isTorn || !this.#follows(record)) this.#takeTorn(record);
  }

  result(): Survey {
    if (this.#walked === undefined) throw damagedManifest();
    this.#newest.limit(this.#committed.entries);
    return { committed: this.#committed, walked: this.#walked, newest: this.#newest };
  }

  /** Counts the next record; false when it cannot stand here. */
  #follows(record: ManifestRecord | undefined): boolean {
    if (record?.kind === 'end' && record.entries === this.#entries) {
      this.#walked ??= this.#entries;
      this.#committed = { entries: this.#entries, bytes: this.#bytes };
      return true;
    }
    if (record?.kind === 'skipped' && this.#walked !== undefined) {
      this.#entries += 1;
      return true;
    }
    if (record?.kind !== 'file' || record.again === undefined) return false;
    if (this.#walked === undefined || record.again >= this.#walked) return false;
    this.#newest.add(record.again, this.#entries);
    this.#entries += 1;
    return true;
  }

  /**
   * Writing that was cut short may leave its end on disk and not all that is before it, but never two ends: the first was synced
   * before the second was begun.
   */
  #takeTorn(record: ManifestRecord | undefined): void {
    if (this.#walked === undefined) throw damagedManifest();
    this.#isTorn = true;
    if (record?.kind === 'end') this.#endsBehind += 1;
    if (this.#endsBehind > 1) throw damagedManifest();
  }
}

/** The entries of a manifest in order, in constant memory. Throws `internal` for one that is missing or damaged. */
export function* readManifest(
  file: string,
  { committed, newest }: Survey = surveyManifest(file),
): Generator<ManifestEntry, void, undefined> {
  let entry = 0;
  if (committed.entries === 0) return;
  for (const line of readLines(file, { tornEnd: true })) {
    const record = parseRecord(line);
    if (record === undefined) break;
    if (record.kind === 'end') continue;
    yield asRead(record, entry, newest);
    entry += 1;
    if (entry === committed.entries) return;
  }
  throw damagedManifest();
}

function asRead(record: WrittenEntry, entry: number, newest: NewestEntries): ManifestEntry {
  switch (record.kind) {
    case 'file': {
      if (newest.of(record.again ?? entry) === entry) return record;
      const { path, size, executable, again } = record;
      return { kind: 'superseded', path, size, executable, again };
    }
    case 'folder':
    case 'skipped':
      return record;
    default:
      return unreachable(record);
  }
}

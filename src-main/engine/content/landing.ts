import { createHash } from 'node:crypto';
import { unreachable } from '../../../shared/unreachable.ts';
import type { SkipReason, SkippedFile } from '../../../shared/views.ts';
import { encodeCbor } from '../codec/cbor.ts';
import { skippedFile } from '../files/names.ts';
import type { StagedFile } from '../files/staged-file.ts';
import type { OlderVersion, Staging } from '../files/staging.ts';
import type { ContentProgress } from './contract.ts';
import type { LandingState } from './journal-state.ts';
import { mismatch } from './records.ts';
import type { ContentEntry, ContentRecord, FileEntry } from './records.ts';
import { SkipList } from './skip-list.ts';

/** Before anything was received. */
export const NOTHING_LANDED: LandingState = {
  received: 0,
  files: 0,
  kept: 0,
  skippedCount: 0,
  current: null,
};

/** The file that the records are about now. */
interface OpenFile {
  readonly entry: FileEntry;
  /** What tells the entry from another one; computed when it is asked for. */
  identity: string | null;
  /** Where it goes, or why what comes of it is dropped. */
  readonly to: StagedFile | SkipReason;
  /** What it takes the place of. */
  readonly older: OlderVersion | null;
}

/**
 * Puts the content, record by record, where it belongs. The grammar has been held against each record before. Throws
 * `content-mismatch`, `name-refused`, and what the staging folder throws.
 */
export class Landing {
  readonly #staging: Staging;
  readonly #itemCount: number;
  readonly #skips: SkipList;
  #received: number;
  #files: number;
  #kept: number;
  /** What is known of the entry with which an earlier connection ended. */
  #earlier: LandingState['current'];
  #file: OpenFile | undefined;

  /** `itemCount`: how many things may be at the top. */
  constructor(staging: Staging, itemCount: number, from: LandingState, skipped: readonly SkippedFile[]) {
    this.#staging = staging;
    this.#itemCount = itemCount;
    this.#skips = new SkipList(skipped, from.skippedCount);
    this.#received = from.received;
    this.#files = from.files;
    this.#kept = from.kept;
    this.#earlier = from.current;
  }

  get skips(): SkipList {
    return this.#skips;
  }

  /** Content that came, whether it was kept or not, and files that are whole. */
  get progress(): ContentProgress {
    return { bytes: this.#received, files: this.#files };
  }

  /** What a landing needs to go on from here. */
  get state(): LandingState {
    return {
      received: this.#received,
      files: this.#files,
      kept: this.#kept,
      skippedCount: this.#skips.count,
      current: this.#file === undefined ? this.#earlier : describe(this.#file),
    };
  }

  apply(record: ContentRecord): void {
    switch (record.type) {
      case 'entry':
        this.#begin(record.entry);
        return;
      case 'data':
        this.#received += record.bytes.length;
        if (typeof this.#file?.to === 'object') this.#file.to.write(record.bytes);
        return;
      case 'end':
        this.#end(this.#takeFile());
        return;
      case 'fail':
        this.#fail(this.#takeFile(), record.reason);
        return;
      case 'skip':
        this.#dropEarlier();
        this.#skips.add({ path: record.path, reason: record.reason });
        this.#staging.entries.append({ kind: 'none' });
        return;
      case 'superseded':
        this.#dropEarlier();
        this.#staging.entries.append({ kind: 'none' });
        return;
      case 'finish':
        return;
      default:
        unreachable(record);
    }
  }

  #begin(entry: ContentEntry): void {
    if (entry.kind === 'file') {
      this.#file = this.#open(entry);
      return;
    }
    const made = this.#staging.makeFolder(entry.path, { mtimeUs: entry.mtimeUs });
    if (made !== null) this.#skips.add(skippedFile(entry.path, made.skipped));
    this.#staging.entries.append({ kind: 'folder' });
  }

  #open(entry: FileEntry): OpenFile {
    const older = this.#olderVersion(entry);
    const earlier = this.#earlier;
    this.#earlier = null;
    if (earlier === null) return { entry, identity: null, to: this.#make(entry, older), older };
    const { identity } = earlier;
    if (identity !== identityOf(entry)) throw mismatch('another file where one goes on');
    const to = earlier.dropped ?? this.#staging.goOn(entry, older);
    return { entry, identity, to, older };
  }

  #make(entry: FileEntry, older: OlderVersion | null): StagedFile | SkipReason {
    if (older !== null) return this.#staging.createNewer(older, entry);
    const made = this.#staging.createFile(entry.path, entry);
    if ('skipped' in made) return made.skipped;
    // The grammar does not count the items of these, which come in any order.
    if (entry.again !== undefined && this.#staging.topLevel > this.#itemCount) {
      throw mismatch('more items than offered');
    }
    return made;
  }

  #olderVersion({ again }: FileEntry): OlderVersion | null {
    if (again === undefined) return null;
    const older = this.#staging.entries.whereabouts(again);
    if (older === undefined) throw mismatch('a folder again');
    return older;
  }

  #end({ entry, to, older }: OpenFile): void {
    const { path, size, again } = entry;
    if (typeof to === 'string') {
      this.#leaveOut(entry, to);
      return;
    }
    // Before the file is finished, from when on the newest version is this one.
    const before = older === null ? 0 : this.#staging.sizeOf(older);
    to.finish();
    this.#kept += size - before;
    if (older === null) this.#files += 1;
    if (again !== undefined) this.#skips.remove(skippedFile(path, 'changed').path);
    this.#staging.entries.append(
      older === null ? { kind: 'kept', names: to.names, again } : { kind: 'replaced', of: older.entry },
    );
  }

  #fail({ entry, to }: OpenFile, reason: SkipReason): void {
    if (typeof to === 'object') to.abandon();
    // What was dropped here is listed with the reason of this side.
    this.#leaveOut(entry, typeof to === 'string' ? to : reason);
  }

  #leaveOut({ path, again }: FileEntry, reason: SkipReason): void {
    this.#skips.add(skippedFile(path, reason), again !== undefined);
    this.#staging.entries.append({ kind: 'none' });
  }

  #takeFile(): OpenFile {
    const file = this.#file;
    if (file === undefined) throw mismatch('no file');
    this.#file = undefined;
    return file;
  }

  /** The rest of the file with which an earlier connection ended does not come. */
  #dropEarlier(): void {
    this.#earlier = null;
    this.#staging.dropPartial();
  }
}

function describe(file: OpenFile): LandingState['current'] {
  file.identity ??= identityOf(file.entry);
  return { identity: file.identity, dropped: typeof file.to === 'string' ? file.to : null };
}

function identityOf(entry: FileEntry): string {
  return createHash('sha256').update(encodeCbor(entry)).digest('hex').slice(0, 32);
}

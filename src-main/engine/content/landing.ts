import { createHash } from 'node:crypto';
import { unreachable } from '../../../shared/unreachable.ts';
import type { SkipReason } from '../../../shared/views.ts';
import { encodeCbor } from '../codec/cbor.ts';
import { pathDigest } from '../files/entry-log.ts';
import type { FileMark } from '../files/entry-line.ts';
import type { KeptFile } from '../files/entry-log.ts';
import { skippedFile } from '../files/names.ts';
import type { StagedFile } from '../files/staged-file.ts';
import type { OlderVersion, Staging } from '../files/staging.ts';
import type { ContentProgress, Grown, Offered } from './contract.ts';
import { GrownList } from './grown-list.ts';
import type { LandingState, ListedSkip } from './journal-state.ts';
import { mismatch } from './records.ts';
import type { ContentEntry, ContentRecord, FileEntry, FileStub } from './records.ts';
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
  readonly #offered: Pick<Offered, 'minFirstFiles' | 'maxKeptBytes'>;
  readonly #skips: SkipList;
  readonly #grown = new GrownList();
  readonly #onVoid: () => void;
  #received: number;
  #files: number;
  #kept: number;
  /** What is known of the entry with which an earlier connection ended. */
  #earlier: LandingState['current'];
  #file: OpenFile | undefined;

  /**
   * Takes over `staging`; `offered`: what may be there in the end. `onVoid` is called before what is here of
   * the next entry is removed, which the sender has said to be void.
   */
  constructor(
    staging: Staging,
    offered: Pick<Offered, 'minFirstFiles' | 'maxKeptBytes'>,
    from: LandingState,
    skipped: readonly ListedSkip[],
    onVoid: () => void,
  ) {
    this.#staging = staging;
    this.#offered = offered;
    this.#onVoid = onVoid;
    this.#skips = new SkipList(skipped, from.skippedCount, staging.leftOut);
    this.#received = from.received;
    this.#files = from.files;
    this.#kept = from.kept;
    this.#earlier = from.current;
  }

  get skips(): SkipList {
    return this.#skips;
  }

  /** What was appended to at the sender while it was sent, as this connection says it. */
  get grown(): Grown {
    return this.#grown.grown;
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
        this.#skips.add({ path: record.path, reason: record.reason }, null);
        this.#staging.entries.append({ kind: 'skipped' });
        return;
      case 'missing':
        this.#dropEarlier();
        this.#olderVersion(record.file);
        this.#leaveOut(record.file, record.reason);
        return;
      case 'superseded':
        this.#dropEarlier();
        this.#olderVersion(record.file);
        this.#staging.entries.append({
          kind: 'later',
          again: record.file.again,
          file: markOf(record.file),
        });
        return;
      case 'grown':
        this.#grown.add(record.path);
        return;
      case 'finish':
        this.#grown.total(record.totals.grownCount ?? 0);
        // Each file that was agreed to is here or listed: no number of other records stands in for one.
        if (this.#staging.entries.settledFiles < this.#offered.minFirstFiles)
          throw mismatch('less than agreed to');
        return;
      default:
        unreachable(record);
    }
  }

  /** A file that was whole is no longer there, and will not be: everything else is here. */
  lose(lost: KeptFile): void {
    const { first, names, size } = lost;
    const { entries } = this.#staging;
    this.#files -= 1;
    this.#kept -= size;
    if (!entries.isLeftOut(first)) this.#skips.add(skippedFile(names, 'taken-away'), first);
    entries.lose(lost);
  }

  #begin(entry: ContentEntry): void {
    if (entry.kind === 'file') {
      this.#file = this.#open(entry);
      return;
    }
    const made = this.#staging.makeFolder(entry.path, { mtimeUs: entry.mtimeUs });
    if ('skipped' in made) this.#skips.add(skippedFile(entry.path, made.skipped), null);
    else this.#staging.renames.note(entry.path, made.names);
    this.#staging.entries.append({ kind: 'folder' });
  }

  #open(entry: FileEntry): OpenFile {
    const older = this.#olderVersion(entry);
    const earlier = this.#earlier;
    this.#earlier = null;
    if (earlier === null) return { entry, identity: null, to: this.#make(entry, older), older };
    if (entry.anew === true) return this.#openAnew(entry, older);
    const { identity } = earlier;
    if (identity !== identityOf(entry)) throw mismatch('another file where one goes on');
    const to = earlier.dropped ?? this.#staging.goOn(entry, older);
    return { entry, identity, to, older };
  }

  /** What is here of the file is void: the sender's file has changed, or may have, since it was sent. */
  #openAnew(record: FileEntry, older: OlderVersion | null): OpenFile {
    const { kind, path, size, mtimeUs, executable, again } = record;
    const entry = { kind, path, size, mtimeUs, executable, ...(again === undefined ? {} : { again }) };
    const { partial } = this.#staging;
    this.#received -= partial?.offset ?? 0;
    this.#dropPartial();
    return { entry, identity: null, to: this.#make(entry, older), older };
  }

  #make(entry: FileEntry, older: OlderVersion | null): StagedFile | SkipReason {
    const made =
      older === null ? this.#staging.createFile(entry.path, entry) : this.#staging.createNewer(older, entry);
    if ('skipped' in made) return made.skipped;
    // The offer's `bytes` bound the ENTRY too, but count each version of a file.
    if (this.#kept - this.#sizeOf(older) + entry.size > this.#offered.maxKeptBytes)
      throw mismatch('more bytes than agreed to');
    return made;
  }

  #sizeOf(older: OlderVersion | null): number {
    return older === null ? 0 : this.#staging.sizeOf(older);
  }

  /**
   * What a file takes the place of: an earlier version that is kept, or nothing. A newer version has the path of the first one, and is
   * no program unless that was one: the yes was for these.
   */
  #olderVersion(file: FileStub): OlderVersion | null {
    if (file.again === undefined) return null;
    const first = this.#staging.entries.locate(file.again);
    if (first === undefined) throw mismatch('again what is no file');
    if (first.file.path !== pathDigest(file.path)) throw mismatch('a newer version of another path');
    if (file.executable && !first.file.executable)
      throw mismatch('a newer version that has become a program');
    return first.kept;
  }

  #end({ entry, to, older }: OpenFile): void {
    const { path, size, again } = entry;
    if (typeof to === 'string') {
      this.#leaveOut(entry, to);
      return;
    }
    const { entries } = this.#staging;
    // Before the file is finished, from when on the newest version is this one.
    const before = this.#sizeOf(older);
    to.finish();
    this.#kept += size - before;
    if (older === null) {
      this.#files += 1;
      this.#staging.renames.note(path, to.names);
    }
    if (again !== undefined && entries.isLeftOut(again)) this.#skips.remove(again);
    entries.append(
      older === null || again === undefined
        ? { kind: 'kept', names: to.names, size, again, file: markOf(entry) }
        : { kind: 'replaced', of: older.entry, again, size },
    );
  }

  #fail({ entry, to }: OpenFile, reason: SkipReason): void {
    if (typeof to === 'object') {
      this.#onVoid();
      to.abandon();
    }
    // What was dropped here is listed with the reason of this side.
    this.#leaveOut(entry, typeof to === 'string' ? to : reason);
  }

  #leaveOut(file: FileStub, reason: SkipReason): void {
    const { entries } = this.#staging;
    const first = file.again ?? entries.entries;
    // However often it changes, one file is counted once.
    if (!entries.isLeftOut(first)) this.#skips.add(skippedFile(file.path, reason), first);
    entries.append({ kind: 'none', again: file.again, file: markOf(file) });
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
    this.#dropPartial();
  }

  #dropPartial(): void {
    if (this.#staging.partial === null) return;
    this.#onVoid();
    this.#staging.dropPartial();
  }
}

function markOf({ path, executable }: FileStub): FileMark {
  return { path: pathDigest(path), executable };
}

function describe(file: OpenFile): LandingState['current'] {
  file.identity ??= identityOf(file.entry);
  return { identity: file.identity, dropped: typeof file.to === 'string' ? file.to : null };
}

function identityOf(entry: FileEntry): string {
  return createHash('sha256').update(encodeCbor(entry)).digest('hex').slice(0, 32);
}

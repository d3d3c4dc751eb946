import { closeSync, constants, fsyncSync, ftruncateSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { SealaneError } from '../../../shared/errors.ts';
import { Descriptor } from '../files/descriptor.ts';
import { NO_FOLLOW, nodeDisk, onProfile, profileError } from '../files/disk.ts';
import type { Disk } from '../files/disk.ts';
import { ListSpace } from '../files/list-space.ts';
import { MovedList } from '../files/moved-list.ts';
import type { PublishLog } from '../files/publication.ts';
import type { Move } from '../files/publish.ts';
import { SpaceClaim } from '../files/space-ledger.ts';
import type { StagingIntent } from '../files/staging-folder.ts';
import { SIDE_FILE_NAMES, sideFiles } from '../files/staging.ts';
import { FIRST_LINK, JOURNAL_RECORDS, decodeRecords, encodeRecord } from './journal-codec.ts';
import type { JournalRecord, Link } from './journal-codec.ts';
import { JOURNAL_NAME, openExisting, openNew, syncFolder, writeAll } from './journal-files.ts';
import { JournalReader, journalBody } from './journal-state.ts';
import type { Checkpoint, JournalHeader, JournalState, SkippedGrowth } from './journal-state.ts';

/** The journal as it is written anew, until it takes the place of the longer one. */
const SHORTER_NAME = 'journal.new';

/** The journal is written anew when it is twice as long as it was then, and this much longer. */
const SLACK_BYTES = 256 * 1024;

/** Read in one go by whoever must let others have their turn: at most a few milliseconds. */
const RECORDS_AT_ONCE = 256;

/** A journal to be gone on with, and what it says so far. */
export interface OpenedJournal {
  readonly journal: Journal;
  readonly state: JournalState;
}

/**
 * The receiver's journal of one transfer: how far it is safe on disk, so that it goes on there after whatever
 * happens. Records are appended to a file, which is written anew when most of it is void: its length is
 * bounded by what it says, however often that changes. Everything that writes throws or rejects with
 * `profile-unusable`, and with `no-space` where more would take what is kept free; after that nothing more is
 * written.
 */
export class Journal implements PublishLog {
  /** Absolute path of the folder that it is in. */
  readonly folder: string;
  readonly #space: ListSpace;
  /** What the records come to that are written. */
  readonly #reader: JournalReader;
  #descriptor: Descriptor;
  #link: Link;
  #length: number;
  /** Bytes that it had when it was written anew, or would have had. */
  #least: number;
  #isBroken = false;
  #isPublishing = false;
  #moved: MovedList | undefined;
  /** Bytes written since it was opened, and how many of them are safe. */
  #written = 0;
  #synced = 0;

  private constructor(folder: string, space: ListSpace, fd: number, read: ReadJournal) {
    this.folder = folder;
    this.#space = space;
    this.#reader = read.reader;
    this.#descriptor = new Descriptor(fd, space.disk);
    this.#link = read.link;
    this.#length = read.end;
    this.#least = encodeAll(read.reader.shortest).bytes.length;
  }

  /**
   * Starts a new one in `folder`, instead of any that is there. Its header, or an intent, comes first.
   * `claim`: what others of this process need of the disk.
   */
  static create(folder: string, disk: Disk = nodeDisk, claim = SpaceClaim.alone()): Journal {
    return onProfile(() => {
      const space = new ListSpace(folder, disk, claim);
      const fd = openNew(folder, JOURNAL_NAME);
      const nothing = { reader: new JournalReader(), link: FIRST_LINK, end: 0 };
      const journal = new Journal(folder, space, fd, nothing);
      try {
        syncFolder(folder);
        return journal;
      } catch (error) {
        journal.close();
        throw error;
      }
    });
  }

  /**
   * Reads the one in `folder`, and goes on behind what of it counts; undefined when there is none, or nothing
   * of it counts. `claim` as for `create`. Throws `profile-unusable` where it cannot be read now; then it is
   * as it was.
   */
  static open(folder: string, disk: Disk = nodeDisk, claim = SpaceClaim.alone()): OpenedJournal | undefined {
    const fd = openExisting(folder, constants.O_RDWR | constants.O_APPEND);
    if (fd === undefined) return undefined;
    let opened: { readonly journal: Journal; readonly state: JournalState } | undefined;
    try {
      opened = onProfile(() => {
        const read = readJournal(fd);
        const { state } = read.reader;
        if (state === undefined) return undefined;
        const space = new ListSpace(folder, disk, claim);
        ftruncateSync(fd, read.end);
        // A process that was killed has left it; the longer one counted.
        rmSync(join(folder, SHORTER_NAME), { force: true });
        return { journal: new Journal(folder, space, fd, read), state };
      });
      return opened;
    } finally {
      if (opened === undefined) closeSync(fd);
    }
  }

  /**
   * Of which transfer the journal in `folder` is; or, where it was not begun, what was about to be made for
   * it. Neither where there is none, or nothing of it counts. Changes nothing. Throws `profile-unusable`.
   */
  static peek(folder: string): { readonly header?: JournalHeader; readonly intent?: StagingIntent } {
    const fd = openExisting(folder, constants.O_RDONLY);
    if (fd === undefined) return {};
    try {
      return onProfile(() => {
        const reader = new JournalReader();
        for (const record of decodeRecords(fd)) {
          if (!reader.accept(record) || reader.state !== undefined) break;
        }
        const { state, intent } = reader;
        if (state !== undefined) return { header: state.header };
        return intent === undefined ? {} : { intent };
      });
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Whether what the journal in `folder` is of was being put under its name, or has been. Reads all of it,
   * and lets others have their turn. Changes nothing; false where it cannot be told.
   */
  static async hasBegunToPublish(folder: string): Promise<boolean> {
    try {
      const fd = openSync(join(folder, JOURNAL_NAME), constants.O_RDONLY | NO_FOLLOW);
      try {
        const reader = new JournalReader();
        let records = 0;
        for (const record of decodeRecords(fd)) {
          if (!reader.accept(record)) break;
          records += 1;
          if (records % RECORDS_AT_ONCE === 0) await setImmediate();
        }
        return reader.state !== undefined && reader.state.phase !== 'receiving';
      } finally {
        closeSync(fd);
      }
    } catch {
      return false;
    }
  }

  /** Removes the journal in `folder` and the lists beside it, the journal last. Never throws. */
  static remove(folder: string): void {
    for (const name of [...SIDE_FILE_NAMES, SHORTER_NAME, JOURNAL_NAME]) {
      try {
        rmSync(join(folder, name), { force: true });
      } catch {
        // It stays, and counts for nothing: what it speaks of is gone.
      }
    }
  }

  /** A staging folder is about to be made. Durable when it returns. */
  intend(intent: StagingIntent): void {
    this.#write(JOURNAL_RECORDS.intent, intent);
    this.#syncNow();
  }

  /** The staging folder is there. Durable when it returns. */
  start(header: Omit<JournalHeader, 'version'>): void {
    this.#write(JOURNAL_RECORDS.header, { version: 2, ...header });
    this.#syncNow();
  }

  /**
   * Everything that `checkpoint` says is safe on disk. It counts at once, should this process die; `sync` makes it outlive a power cut,
   * too.
   */
  checkpoint(checkpoint: Checkpoint, skipped: SkippedGrowth | null): void {
    if (skipped !== null) this.#write(JOURNAL_RECORDS.skipped, skipped);
    this.#write(JOURNAL_RECORDS.checkpoint, checkpoint);
    this.#shortenIfLong();
  }

  /**
   * The same, of a checkpoint that vouches for less than the last one: durable when it returns, so that what
   * it leaves out can be taken away.
   */
  retract(checkpoint: Checkpoint, skipped: SkippedGrowth | null = null): void {
    if (skipped !== null) this.#write(JOURNAL_RECORDS.skipped, skipped);
    this.#write(JOURNAL_RECORDS.checkpoint, checkpoint);
    this.#syncNow();
  }

  /** What it says so far: all that was written counts. */
  get state(): JournalState | undefined {
    return this.#reader.state;
  }

  /** Whether there is anything to `sync`. */
  get isDirty(): boolean {
    return this.#synced < this.#written;
  }

  /** Resolves once everything written so far would survive a power cut. */
  async sync(): Promise<void> {
    const written = this.#written;
    if (this.#synced === written) return;
    try {
      await this.#descriptor.sync();
    } catch (error) {
      this.#isBroken = true;
      throw profileError(error);
    }
    this.#synced = Math.max(this.#synced, written);
  }

  /** Whether `begin` was called: from then on there may be something under its name. */
  get isPublishing(): boolean {
    return this.#isPublishing;
  }

  async begin(): Promise<void> {
    MovedList.empty(sideFiles(this.folder).moved);
    this.#write(JOURNAL_RECORDS.publishing, {});
    this.#isPublishing = true;
    await this.sync();
  }

  plan(moves: readonly Move[]): void {
    // This plan takes the place of the last one, of which the list may have to tell.
    this.#moved?.syncNow();
    this.#write(JOURNAL_RECORDS.plan, moves);
    this.#syncNow();
    this.#shortenIfLong();
  }

  move(move: Move): void {
    this.#write(JOURNAL_RECORDS.move, move);
    this.#shortenIfLong();
  }

  moved(name: string): void {
    this.#moved ??= MovedList.open(sideFiles(this.folder).moved, this.#space);
    this.#moved.add(name);
  }

  async end(names: readonly string[]): Promise<void> {
    this.#write(JOURNAL_RECORDS.published, { names });
    await this.sync();
  }

  /** Idempotent. */
  close(): void {
    this.#isBroken = true;
    this.#descriptor.close();
    this.#moved?.close();
    this.#moved = undefined;
  }

  #syncNow(): void {
    onProfile(() => {
      this.#space.disk.syncNow(this.#descriptor.fd);
    });
    this.#synced = this.#written;
  }

  #write(type: number, value: unknown): void {
    if (this.#isBroken) throw new SealaneError('internal', { detail: 'the journal is broken' });
    const record = { type, body: journalBody(value) };
    const { bytes, link } = encodeRecord(record, this.#link);
    // Half a record must not be followed by anything.
    this.#isBroken = true;
    if (!this.#reader.accept(record)) throw new SealaneError('internal', { detail: 'a record out of order' });
    onProfile(() => {
      this.#space.take(bytes.length);
      writeAll(this.#descriptor.fd, bytes);
    });
    this.#link = link;
    this.#length += bytes.length;
    this.#written += bytes.length;
    this.#isBroken = false;
  }

  #shortenIfLong(): void {
    if (this.#length > 2 * this.#least + SLACK_BYTES) this.#shorten();
  }

  /**
   * Writes it anew, with nothing in it that is void. The longer one counts until the shorter one is whole and
   * safe, and takes its place; then all that was written is.
   */
  #shorten(): void {
    this.#isBroken = true;
    const { bytes, link } = encodeAll(this.#reader.shortest);
    onProfile(() => {
      this.#space.take(bytes.length);
      const fd = openNew(this.folder, SHORTER_NAME);
      const shorter = new Descriptor(fd, this.#space.disk);
      try {
        writeAll(fd, bytes);
        fsyncSync(fd);
        // Windows puts nothing in the place of a file that is open.
        this.#descriptor.close();
        renameSync(join(this.folder, SHORTER_NAME), join(this.folder, JOURNAL_NAME));
        syncFolder(this.folder);
      } catch (error) {
        shorter.close();
        throw error;
      }
      this.#descriptor = shorter;
    });
    this.#link = link;
    this.#length = this.#least = bytes.length;
    this.#synced = this.#written;
    this.#isBroken = false;
  }
}

interface ReadJournal {
  readonly reader: JournalReader;
  /** Of the last record that counts, and where that ends. */
  readonly link: Link;
  readonly end: number;
}

/** What of an open journal counts. */
function readJournal(fd: number): ReadJournal {
  const reader = new JournalReader();
  let [link, end] = [FIRST_LINK, 0];
  for (const record of decodeRecords(fd)) {
    if (!reader.accept(record)) break;
    // That one counts with what follows it, which is not there.
    if (record.type === JOURNAL_RECORDS.skipped) continue;
    link = record.link;
    end = record.end;
  }
  reader.forgetGrowing();
  return { reader, link, end };
}

function encodeAll(records: Iterable<JournalRecord>): { readonly bytes: Buffer; readonly link: Link } {
  let link = FIRST_LINK;
  const all: Buffer[] = [];
  for (const record of records) {
    const encoded = encodeRecord(record, link);
    link = encoded.link;
    all.push(encoded.bytes);
  }
  return { bytes: Buffer.concat(all), link };
}

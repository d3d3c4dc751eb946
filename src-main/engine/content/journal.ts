import { constants, fsyncSync, ftruncateSync, openSync, rmSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { Descriptor } from '../files/descriptor.ts';
import { DIRECTORY, NO_FOLLOW, nodeDisk, onProfile, profileError } from '../files/disk.ts';
import type { Disk } from '../files/disk.ts';
import type { PublishLog } from '../files/publication.ts';
import type { Move } from '../files/publish.ts';
import { SIDE_FILE_NAMES } from '../files/staging.ts';
import { FIRST_LINK, JOURNAL_RECORDS, decodeRecords, encodeRecord } from './journal-codec.ts';
import type { Link } from './journal-codec.ts';
import { JournalReader, journalBody } from './journal-state.ts';
import type { Checkpoint, JournalHeader, JournalState, SkippedGrowth } from './journal-state.ts';

const JOURNAL_NAME = 'journal';

/**
 * The receiver's journal of one transfer: how far it is safe on disk, so that it goes on there after whatever happens. A file that only
 * grows. Everything that writes throws or rejects with `profile-unusable`; after that nothing more is written.
 */
export class Journal implements PublishLog {
  readonly #descriptor: Descriptor;
  #link: Link;
  #isBroken = false;
  /** Bytes written since it was opened, and how many of them are safe. */
  #written = 0;
  #synced = 0;

  private constructor(descriptor: Descriptor, link: Link) {
    this.#descriptor = descriptor;
    this.#link = link;
  }

  /** Starts a new one in `folder`, instead of any that is there. Durable when it returns. */
  static create(folder: string, header: Omit<JournalHeader, 'version'>, disk: Disk = nodeDisk): Journal {
    return onProfile(() => {
      const { O_CREAT, O_TRUNC, O_WRONLY } = constants;
      const fd = openSync(join(folder, JOURNAL_NAME), O_CREAT | O_TRUNC | O_WRONLY | NO_FOLLOW, 0o600);
      const journal = new Journal(new Descriptor(fd, disk), FIRST_LINK);
      try {
        journal.#write(JOURNAL_RECORDS.header, { version: 1, ...header });
        fsyncSync(fd);
        syncFolder(folder);
        return journal;
      } catch (error) {
        journal.close();
        throw error;
      }
    });
  }

  /** Reads the one in `folder`, and goes on behind what of it counts; undefined when there is none, or nothing of it counts. */
  static open(
    folder: string,
    disk: Disk = nodeDisk,
  ): { readonly journal: Journal; readonly state: JournalState } | undefined {
    let fd: number;
    try {
      fd = openSync(join(folder, JOURNAL_NAME), constants.O_RDWR | constants.O_APPEND | NO_FOLLOW);
    } catch {
      return undefined;
    }
    try {
      const { state, link, end } = readJournal(fd);
      if (state !== undefined) {
        ftruncateSync(fd, end);
        return { journal: new Journal(new Descriptor(fd, disk), link), state };
      }
    } catch {
      // Nothing of it can be told.
    }
    closeSync(fd);
    return undefined;
  }

  /** Of which transfer the journal in `folder` is; undefined when that cannot be told. Changes nothing. */
  static peek(folder: string): JournalHeader | undefined {
    try {
      const fd = openSync(join(folder, JOURNAL_NAME), constants.O_RDONLY | NO_FOLLOW);
      try {
        const reader = new JournalReader();
        for (const record of decodeRecords(fd)) {
          reader.accept(record);
          break;
        }
        return reader.state?.header;
      } finally {
        closeSync(fd);
      }
    } catch {
      return undefined;
    }
  }

  /** Removes the journal in `folder` and the lists beside it, the journal last. Never throws. */
  static remove(folder: string): void {
    for (const name of [...SIDE_FILE_NAMES, JOURNAL_NAME]) {
      try {
        rmSync(join(folder, name), { force: true });
      } catch {
        // It stays, and counts for nothing: what it speaks of is gone.
      }
    }
  }

  /**
   * Everything that `checkpoint` says is safe on disk. It counts at once, should this process die; `sync` makes it outlive a power cut,
   * too.
   */
  checkpoint(checkpoint: Checkpoint, skipped: SkippedGrowth | null): void {
    if (skipped !== null) this.#write(JOURNAL_RECORDS.skipped, skipped);
    this.#write(JOURNAL_RECORDS.checkpoint, checkpoint);
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

  async begin(): Promise<void> {
    this.#write(JOURNAL_RECORDS.publishing, {});
    await this.sync();
  }

  /** Not durable by itself: a power cut at this very moment leaves an empty thing under a name, and no more. */
  move(move: Move): void {
    this.#write(JOURNAL_RECORDS.move, move);
  }

  async end(names: readonly string[]): Promise<void> {
    this.#write(JOURNAL_RECORDS.published, { names });
    await this.sync();
  }

  /** Idempotent. */
  close(): void {
    this.#isBroken = true;
    this.#descriptor.close();
  }

  #write(type: number, value: unknown): void {
    if (this.#isBroken) throw new SealaneError('internal', { detail: 'the journal is broken' });
    const { bytes, link } = encodeRecord({ type, body: journalBody(value) }, this.#link);
    // Half a record must not be followed by anything.
    this.#isBroken = true;
    onProfile(() => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor.fd, bytes, at);
    });
    this.#link = link;
    this.#written += bytes.length;
    this.#isBroken = false;
  }
}

/** What of an open journal counts. */
function readJournal(fd: number): {
  readonly state: JournalState | undefined;
  readonly link: Link;
  readonly end: number;
} {
  const reader = new JournalReader();
  let [link, end] = [FIRST_LINK, 0];
  for (const record of decodeRecords(fd)) {
    if (!reader.accept(record)) break;
    // That one counts with what follows it, which is not there.
    if (record.type === JOURNAL_RECORDS.skipped) continue;
    link = record.link;
    end = record.end;
  }
  return { state: reader.state, link, end };
}

/** Makes the names of new files outlive a power cut. */
function syncFolder(folder: string): void {
  if (DIRECTORY === 0) return;
  const fd = openSync(folder, constants.O_RDONLY | DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

import { SealaneError } from '../../../shared/errors.ts';
import { MAX_CHUNK_BODY_BYTES, MAX_CHUNK_PLAINTEXT_BYTES, MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { SkipReason, SkippedFile, TransferId } from '../../../shared/views.ts';
import { skippedFile } from '../files/names.ts';
import type { StagedFile, Staging } from '../files/staging.ts';
import type { ContentProgress, ReceiveSummary } from './contract.ts';
import { ContentParser } from './parser.ts';
import type { Offered } from './parser.ts';
import { readRecords } from './records.ts';
import type { ContentEntry, ContentRecord, FileEntry } from './records.ts';
import { chunkAssociatedData } from './seal.ts';
import type { Cipher, Opener } from './seal.ts';

export interface ReceivePipelineOptions {
  readonly cipher: Cipher;
  /** 32 bytes; stays the caller's, to be wiped. */
  readonly key: Uint8Array;
  readonly header: Uint8Array;
  readonly transfer: TransferId;
  readonly staging: Staging;
  readonly offered: Offered;
}

/** The file that the records are about now; `staged` is null when what comes of it is dropped. */
interface OpenFile {
  readonly entry: FileEntry;
  readonly staged: StagedFile | null;
}

/**
 * From sealed chunks to staged files: a chunk is opened into memory of its own and written from there. Nothing is done with a
 * record before the seal vouched for it and the grammar allowed it. After anything threw, only `close` may be called.
 */
export class ReceivePipeline {
  readonly #transfer: TransferId;
  readonly #staging: Staging;
  readonly #opener: Opener;
  readonly #parser: ContentParser;
  readonly #plaintext = new Uint8Array(MAX_CHUNK_PLAINTEXT_BYTES);
  #file: OpenFile | undefined;
  #finished = false;
  #syncing: Promise<void> = Promise.resolve();
  #files = 0;
  #bytes = 0;
  readonly #skipped: SkippedFile[] = [];
  #skippedCount = 0;

  constructor(options: ReceivePipelineOptions) {
    this.#transfer = options.transfer;
    this.#staging = options.staging;
    this.#parser = new ContentParser(options.offered);
    this.#opener = options.cipher.opener(options.key, options.header);
  }

  /** Content that came, whether it was kept or not, and files that are whole. */
  get progress(): ContentProgress {
    return { bytes: this.#parser.totals.bytes, files: this.#files };
  }

  /** True once the final chunk was taken, whole and without fault. */
  get finished(): boolean {
    return this.#finished;
  }

  /**
   * Takes the next chunk; one at a time. Throws `chunk-forged`, `frame-out-of-order`, `content-mismatch`, `name-refused`, and what
   * the staging folder throws.
   */
  async write(sealed: Uint8Array): Promise<void> {
    if (sealed.length > MAX_CHUNK_BODY_BYTES) throw new SealaneError('frame-too-long', { detail: 'chunk' });
    const { entry, offset } = this.#parser.cursor;
    const place = chunkAssociatedData(this.#transfer, entry, offset);
    const { length, final } = this.#opener.open(sealed, this.#plaintext, place);
    for (const record of readRecords(this.#plaintext.subarray(0, length))) {
      this.#parser.accept(record);
      if (record.type === 'entry' && this.#staging.needsFlush) await this.#syncAhead();
      this.#apply(record);
    }
    this.#parser.endChunk(final);
    this.#finished = final;
  }

  /** Puts everything under its name. Throws `content-truncated` before the final chunk, and what the staging folder throws. */
  async publish(): Promise<ReceiveSummary> {
    if (!this.#finished) throw new SealaneError('content-truncated', { detail: 'no final chunk' });
    await this.#syncing;
    const { into, names } = await this.#staging.publish();
    return {
      files: this.#files,
      bytes: this.#bytes,
      into,
      names,
      skipped: this.#skipped,
      skippedCount: this.#skippedCount,
    };
  }

  /** Forgets the key. What is staged is for the staging folder's owner to discard. Idempotent. */
  close(): void {
    this.#opener.wipe();
  }

  /** Lets the disk settle finished files while the next ones are written; never two such rounds at once. */
  async #syncAhead(): Promise<void> {
    await this.#syncing;
    this.#syncing = this.#staging.flush();
    // Whoever waits for it next is told.
    this.#syncing.catch(() => undefined);
  }

  #apply(record: ContentRecord): void {
    switch (record.type) {
      case 'entry':
        this.#begin(record.entry);
        return;
      case 'data':
        this.#file?.staged?.write(record.bytes);
        return;
      case 'end':
        this.#end();
        return;
      case 'fail':
        this.#fail(record.reason);
        return;
      case 'skip':
        this.#leaveOut({ path: record.path, reason: record.reason });
        return;
      case 'superseded':
      case 'finish':
        return;
      default:
        unreachable(record);
    }
  }

  #begin(entry: ContentEntry): void {
    if (entry.kind === 'folder') {
      const made = this.#staging.makeFolder(entry.path, { mtimeUs: entry.mtimeUs });
      if (made !== null) this.#leaveOut(skippedFile(entry.path, made.skipped));
      return;
    }
    const { path, size, mtimeUs, executable } = entry;
    const made = this.#staging.createFile(path, { size, mtimeUs, executable });
    if ('skipped' in made) {
      this.#leaveOut(skippedFile(path, made.skipped));
      this.#file = { entry, staged: null };
    } else {
      this.#file = { entry, staged: made };
    }
  }

  #end(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined || file.staged === null) return;
    file.staged.finish();
    this.#files += 1;
    this.#bytes += file.entry.size;
  }

  #fail(reason: SkipReason): void {
    const file = this.#file;
    this.#file = undefined;
    // What was dropped here is listed already, with the reason of this side.
    if (file === undefined || file.staged === null) return;
    file.staged.abandon();
    this.#leaveOut(skippedFile(file.entry.path, reason));
  }

  #leaveOut(skipped: SkippedFile): void {
    this.#skippedCount += 1;
    if (this.#skipped.length < MAX_LISTED_SKIPS) this.#skipped.push(skipped);
  }
}

import { FRAME_HEADER_BYTES } from '../../../shared/limits.ts';
import { FRAME_TYPES } from '../../../shared/frame-types.ts';
import type { SkippedFile, TransferId } from '../../../shared/views.ts';
import type { ManifestEntry } from '../files/manifest-record.ts';
import { writeFrameHeader } from '../net/frames.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { ContentSource } from './content-source.ts';
import type { ContentProgress, Cursor, Grown, LeftOut, Rewritten } from './contract.ts';
import { CHUNK_PLAINTEXT_BYTES } from './records.ts';
import { chunkAssociatedData, sealedLength } from './seal.ts';
import type { Cipher, Sealer } from './seal.ts';
import type { SentLog } from './sent-log.ts';

/** Room for the largest frame that `SendPipeline` makes. */
export const FRAME_BUFFER_BYTES = FRAME_HEADER_BYTES + sealedLength(CHUNK_PLAINTEXT_BYTES);

export interface SendPipelineOptions {
  readonly cipher: Cipher;
  /** 32 bytes; stays the caller's, to be wiped. */
  readonly key: Uint8Array;
  readonly transfer: TransferId;
  /** What to send; taken over. */
  readonly entries: Iterator<ManifestEntry, void, undefined>;
  readonly from: Cursor;
  /**
   * Where it is noted what is sent; stays the caller's. Without it, a file that may have changed is taken for
   * changed.
   */
  readonly sent?: SentLog;
  /** The numbers of entries whose files were sent before and have grown since. */
  readonly grown?: ReadonlySet<number>;
  /** Whether the stream may end before its end for files that were rewritten. Default: it may not. */
  readonly mayTryAgain?: boolean;
}

export interface FilledFrame {
  /** A view of the memory it was sealed into. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly progress: ContentProgress;
  readonly final: boolean;
  /** Left out since the frame before. */
  readonly skipped: readonly SkippedFile[];
  /** Left out by this pipeline so far. */
  readonly skippedCount: number;
  /** With the final frame: what had grown by the time it was sent. */
  readonly grown: Grown | null;
  /** Newer versions that were left out by this pipeline so far. */
  readonly lostAgain: LeftOut;
  /** Not null: this is the last frame, though not the final one, and this was rewritten. */
  readonly rewritten: Rewritten | null;
}

/**
 * From files to sealed frames: bytes are read from disk to where they are sealed from, and sealed to where they are sent from.
 * Synchronous: it belongs into a thread that may wait for a disk.
 */
export class SendPipeline {
  readonly #transfer: TransferId;
  readonly #source: ContentSource;
  readonly #sealer: Sealer;
  readonly #sent: SentLog | undefined;
  readonly #chunk = new ChunkWriter(CHUNK_PLAINTEXT_BYTES);

  /** Throws `frame-malformed` for a `from` that is not in the content, and what reading the manifest throws. */
  constructor(options: SendPipelineOptions) {
    this.#transfer = options.transfer;
    const { entries, from, sent, grown, mayTryAgain } = options;
    this.#source = new ContentSource(entries, from, sent, grown, mayTryAgain);
    this.#sent = options.sent;
    this.#sealer = options.cipher.sealer(options.key);
  }

  /** The sealed stream's header, 24 bytes. */
  get header(): Uint8Array {
    return this.#sealer.header;
  }

  /** What is sealed, or lay before the place it began at. */
  get progress(): ContentProgress {
    return this.#source.progress;
  }

  /** Seals the next frame into `buffer` (FRAME_BUFFER_BYTES). Not to be called after the last one. */
  next(buffer: ArrayBuffer): FilledFrame {
    const { entry, offset } = this.#source.cursor;
    this.#chunk.clear();
    const final = this.#source.fill(this.#chunk);
    // Nothing is sent of which it is not noted.
    this.#sent?.flush();
    const length = this.#sealer.seal(
      this.#chunk.plaintext,
      new Uint8Array(buffer, FRAME_HEADER_BYTES),
      chunkAssociatedData(this.#transfer, entry, offset),
      final,
    );
    const bytes = new Uint8Array(buffer, 0, FRAME_HEADER_BYTES + length);
    writeFrameHeader(bytes, FRAME_TYPES.chunk, length);
    return {
      bytes,
      progress: this.progress,
      final,
      skipped: this.#source.takeLeftOut(),
      skippedCount: this.#source.leftOut,
      grown: final ? this.#source.grown : null,
      lostAgain: this.#source.lostAgain,
      rewritten: this.#source.rewritten,
    };
  }

  /** Closes files and forgets the key. Idempotent. */
  close(): void {
    this.#source.close();
    this.#sealer.wipe();
  }
}

import { setImmediate } from 'node:timers/promises';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_CHUNK_BODY_BYTES, MAX_CHUNK_PLAINTEXT_BYTES } from '../../../shared/limits.ts';
import type { TransferId } from '../../../shared/views.ts';
import type { ContentProgress, ReceiveSummary } from './contract.ts';
import type { Reception } from './reception.ts';
import { readRecords } from './records.ts';
import { chunkAssociatedData } from './seal.ts';
import type { Cipher, Opener } from './seal.ts';

/**
 * So long, in milliseconds, records are applied without a pause. In a pause the thread hears of a discard or suspend: what a chunk costs
 * is up to the peer, which can make a few bytes of names cost many calls of the system.
 */
const SLICE_MS = 50;

export interface ReceivePipelineOptions {
  readonly cipher: Cipher;
  /** 32 bytes; stays the caller's, to be wiped. */
  readonly key: Uint8Array;
  readonly header: Uint8Array;
  readonly transfer: TransferId;
  /** Stays the caller's, to be suspended or discarded. */
  readonly reception: Reception;
}

/**
 * From sealed chunks to staged files, for one connection: a chunk is opened into memory of its own and written from there. Nothing is
 * done with a record before the seal vouched for it and the grammar allowed it. After anything threw, only `close` may be called.
 */
export class ReceivePipeline {
  readonly #transfer: TransferId;
  readonly #reception: Reception;
  readonly #opener: Opener;
  readonly #plaintext = new Uint8Array(MAX_CHUNK_PLAINTEXT_BYTES);
  #finished = false;
  #isClosed = false;
  /** When others had their turn last. */
  #pausedAt = performance.now();

  constructor(options: ReceivePipelineOptions) {
    this.#transfer = options.transfer;
    this.#reception = options.reception;
    this.#opener = options.cipher.opener(options.key, options.header);
  }

  /** From the beginning of the transfer. */
  get progress(): ContentProgress {
    return this.#reception.progress;
  }

  /** True once the final chunk was taken, whole and without fault. */
  get finished(): boolean {
    return this.#finished;
  }

  /**
   * Takes the next chunk; one at a time. Throws `chunk-forged`, `frame-out-of-order`, `content-mismatch`, `name-refused`, what the
   * staging folder and the journal throw, and `cancelled` when it was closed meanwhile.
   */
  async write(sealed: Uint8Array): Promise<void> {
    try {
      await this.#write(sealed);
    } catch (error) {
      this.#reception.halt();
      throw error;
    }
  }

  /** Puts everything under its name. Throws `content-truncated` before the final chunk, and what the staging folder throws. */
  async publish(): Promise<ReceiveSummary> {
    if (!this.#finished) throw new SealaneError('content-truncated', { detail: 'no final chunk' });
    return this.#reception.publish();
  }

  /** Forgets the key; a chunk that is being taken is given up at its next pause. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#opener.wipe();
  }

  async #write(sealed: Uint8Array): Promise<void> {
    if (sealed.length > MAX_CHUNK_BODY_BYTES) throw new SealaneError('frame-too-long', { detail: 'chunk' });
    const { parser } = this.#reception;
    const { entry, offset } = parser.cursor;
    const place = chunkAssociatedData(this.#transfer, entry, offset);
    const { length, final } = this.#opener.open(sealed, this.#plaintext, place);
    try {
      await this.#applyAll(this.#plaintext.subarray(0, length));
    } finally {
      this.#reception.endRound();
    }
    this.#reception.endChunk(final);
    this.#finished = final;
  }

  async #applyAll(plaintext: Uint8Array): Promise<void> {
    const reception = this.#reception;
    reception.beginRound();
    for (const record of readRecords(plaintext)) {
      const room = reception.room();
      if (room !== null || performance.now() - this.#pausedAt >= SLICE_MS) {
        await this.#pause(room);
        reception.beginRound();
      }
      reception.parser.accept(record);
      reception.apply(record);
    }
  }

  /** Waits for `room`, and lets others have their turn. */
  async #pause(room: Promise<void> | null): Promise<void> {
    await room;
    await setImmediate();
    this.#pausedAt = performance.now();
    if (this.#isClosed) throw new SealaneError('cancelled', { detail: 'closed while a chunk was taken' });
  }
}

import { SealaneError } from '../../../shared/errors.ts';
import type { SkipReason } from '../../../shared/views.ts';
import { encodeCborInto } from '../codec/cbor.ts';
import { MAX_MAP_RECORD_BYTES, RECORD_HEADER_BYTES, RECORD_TYPES, reasonNumber } from './records.ts';
import type { ContentEntry, ContentTotals, FileStub } from './records.ts';

/**
 * Fills one chunk's plaintext with records, in memory that is used again for every chunk. File content is not copied into it:
 * the caller reads from disk to where `dataTarget` says and then states with `commitData` how much came.
 */
export class ChunkWriter {
  readonly #memory: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #length = 0;

  /** `capacity` in bytes. */
  constructor(capacity: number) {
    this.#memory = new Uint8Array(capacity);
    this.#view = new DataView(this.#memory.buffer);
  }

  /** Bytes that still fit, record headers included. */
  get room(): number {
    return this.#memory.length - this.#length;
  }

  /** The records so far; a view that the next `clear` makes void. */
  get plaintext(): Uint8Array<ArrayBuffer> {
    return this.#memory.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  entry(entry: ContentEntry): void {
    this.#map(RECORD_TYPES.entry, entry);
  }

  /** `path` is for people to read. */
  skip(path: string, reason: SkipReason): void {
    this.#map(RECORD_TYPES.skip, { path, reason: reasonNumber(reason) });
  }

  superseded(file: FileStub): void {
    this.#map(RECORD_TYPES.superseded, file);
  }

  missing(file: FileStub, reason: SkipReason): void {
    this.#map(RECORD_TYPES.missing, { ...file, reason: reasonNumber(reason) });
  }

  /** `path` is for people to read. */
  grown(path: string): void {
    this.#map(RECORD_TYPES.grown, { path });
  }

  finish(totals: ContentTotals): void {
    this.#map(RECORD_TYPES.finish, totals);
  }

  end(): void {
    this.#header(RECORD_TYPES.end, 0);
  }

  fail(reason: SkipReason): void {
    this.#header(RECORD_TYPES.fail, 1);
    this.#memory[this.#length] = reasonNumber(reason);
    this.#length += 1;
  }

  /** Where the next `length` bytes of a file belong. */
  dataTarget(length: number): Uint8Array<ArrayBuffer> {
    const at = this.#length + RECORD_HEADER_BYTES;
    if (length > this.#memory.length - at) throw overflow();
    return this.#memory.subarray(at, at + length);
  }

  /** Makes the first `length` bytes of what `dataTarget` gave a DATA record. */
  commitData(length: number): void {
    this.#header(RECORD_TYPES.data, length);
    this.#length += length;
  }

  #map(type: number, value: unknown): void {
    const length = this.#encode(value, this.#length + RECORD_HEADER_BYTES);
    this.#header(type, length);
    this.#length += length;
  }

  /** Writes `value` to where its record's body belongs; gives its length. */
  #encode(value: unknown, at: number): number {
    try {
      return encodeCborInto(value, this.#memory.subarray(at, at + MAX_MAP_RECORD_BYTES));
    } catch {
      throw overflow();
    }
  }

  #header(type: number, length: number): void {
    if (RECORD_HEADER_BYTES + length > this.room) throw overflow();
    this.#view.setUint8(this.#length, type);
    this.#view.setUint32(this.#length + 1, length);
    this.#length += RECORD_HEADER_BYTES;
  }
}

function overflow(): SealaneError {
  return new SealaneError('internal', { detail: 'a chunk overflowed' });
}

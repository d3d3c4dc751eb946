import { createCipheriv, hash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** The slots of a `SentLog`: 32 bytes, of which the first 4 are CRC-32 over the others. */

export const SLOT_BYTES = 32;
const TAG_BYTES = 12;
export const KEY_BYTES = 16;

/** From here on the quicker function is worth its beginning. */
export const LARGE_PIECE_BYTES = 64 * 1024;

/** What slots say. */
export const KINDS = {
  /** The key of all slots up to the next one of these. */
  key: 1,
  /**
   * A file begins at its first byte; what was noted of it before is void. With the time of its last change.
   */
  begin: 2,
  /** A piece of it was sent. */
  piece: 3,
  /**
   * What was noted of it before was found to be its content at the time of the last change that this says.
   */
  equal: 4,
  /** What was sent of it is void. */
  void: 5,
  /**
   * The slots behind, up to the next one of these or of a key, were made under the numbers from the one on
   * that this says.
   */
  from: 6,
  /** First slot of a log that was written anew: how many slots it had then. */
  size: 7,
  /** It was begun with `anew`, in the place of what the receiver had of it. */
  anew: 8,
} as const;

/** A piece of a file that was sent. */
export interface SentPiece {
  readonly start: number;
  readonly length: number;
  /** The number of the slot that it was noted in first. */
  readonly slot: number;
  readonly key: Buffer;
  readonly tag: Buffer;
}

/** What is known to have been sent of one file. */
export interface SentContent {
  /** Without a gap, from the first byte on. */
  readonly pieces: readonly SentPiece[];
  /** Bytes in them. */
  readonly length: number;
  /** The time of the last change of the file when it had this content; null when nothing is known of it. */
  readonly ctimeNs: bigint | null;
  /**
   * Whether it was ever begun in the place of what the receiver had of it. Should that have been lost, the
   * receiver still has the other content, and no number of bytes that it says tells which.
   */
  readonly isAnew: boolean;
}

/** Slots in a row that have one key, and numbers in a row. */
export interface Segment {
  /** The one before its first. */
  readonly slot: number;
  readonly key: Buffer;
  /** How much more the number is that a slot was made under than the one that it has. */
  readonly shift: number;
}

/** Whether `bytes` are those of a piece that was sent. */
export function isPiece({ key, slot, tag }: SentPiece, bytes: Uint8Array): boolean {
  return tagOf(key, slot, bytes).equals(tag);
}

/** The one that a slot is in; `segments` are in order. */
export function segmentOf(segments: readonly Segment[], slot: number): Segment | undefined {
  let low = 0;
  for (let high = segments.length; low < high;) {
    const middle = (low + high) >>> 1;
    if ((segments[middle]?.slot ?? Infinity) < slot) low = middle + 1;
    else high = middle;
  }
  return segments[low - 1];
}

/** Whether the slot at `at` in `memory` is as it was written. */
export function isGood(memory: Buffer, at: number): boolean {
  return memory.readUInt32LE(at) === checksum(memory, at);
}

/** Of the slot at `at` in `memory`. */
export function checksum(memory: Buffer, at: number): number {
  return crc32(memory.subarray(at + 4, at + SLOT_BYTES));
}

/** What a piece of content is known by again: it was noted under this key, in the slot of this number. */
export function tagOf(key: Buffer, slot: number, bytes: Uint8Array): Buffer {
  if (bytes.length < LARGE_PIECE_BYTES) return hash('sha256', bytes, 'buffer').subarray(0, TAG_BYTES);
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(slot, 6, 6);
  const cipher = createCipheriv('aes-128-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bytes);
  cipher.final();
  return cipher.getAuthTag();
}

/** Writes `bytes` at byte `position`. Throws system errors. */
export function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
}

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { SealaneError } from '../../../shared/errors.ts';
import { NO_FOLLOW, errnoOf, onProfile } from '../files/disk.ts';
import type { ListSpace } from '../files/list-space.ts';
import {
  KEY_BYTES,
  KINDS,
  LARGE_PIECE_BYTES,
  SLOT_BYTES,
  checksum,
  isGood,
  segmentOf,
  tagOf,
  writeAll,
} from './sent-slot.ts';
import type { Segment, SentContent, SentPiece } from './sent-slot.ts';
import { SlotIndex } from './slot-index.ts';

/**
 * What was sent of each file, so that a file that may have changed can be compared with it: the receiver has
 * what was sent, and whether the file still has it can be found out by reading that part of it again, without
 * a word to the receiver.
 *
 * A file of slots of 32 bytes, which only grows while it is open; as it is opened, one that has doubled is
 * written anew with what still counts. Each connection begins with a key of its own; a large piece
 * of content is noted with its GMAC (AES-128-GCM over associated data alone) under that key, with the number
 * of the slot as the nonce, which takes an eighth of the time of SHA-256; a small one with its SHA-256, which
 * takes less to begin. Slots are written with each chunk, before the chunk is sent, and not synced: what a
 * power cut takes away is not known to have been sent, and then the file is sent anew. Nothing here throws
 * once it is open: where something cannot be noted, nothing is known of any file, since what was noted before
 * may be of another content than what is sent now.
 */

const SLOTS_AT_ONCE = 2048;

/** More is not noted: 64 TB in chunks of half a MiB. */
const MAX_SLOTS = 2 ** 27;

/** So many may be of no use, beside as many as there are of use, before a log is written anew: 2 MiB. */
const SPARE_SLOTS = 2 ** 16;

interface Known {
  readonly index: SlotIndex;
  readonly segments: readonly Segment[];
  /** The entry of which a piece or the beginning was noted last. */
  readonly last: number | undefined;
}

/** Says no, by a throw of `no-space`, where what is to be written would take what is kept free. */
type Space = Pick<ListSpace, 'take'>;

export class SentLog {
  readonly #fd: number;
  readonly #space: Space | undefined;
  readonly #batch = Buffer.alloc(SLOTS_AT_ONCE * SLOT_BYTES);
  /** Slots in the batch, and the number of its first. */
  #batched = 0;
  #written: number;
  #key: Buffer | undefined;
  /** What was taken over last is in this one. */
  #taken: Segment | undefined;
  #isBroken = false;
  #known: Known | undefined;

  private constructor(fd: number, slots: number, space: Space | undefined) {
    this.#fd = fd;
    this.#written = slots;
    this.#space = space;
  }

  /**
   * Goes on with `file` (absolute), or makes it; where most of it counts no more, it is written anew. `space`
   * is asked before anything is written. Throws `profile-unusable`.
   */
  static open(file: string, space?: Space): SentLog {
    return onProfile(() => {
      const log = SentLog.#at(file, 0, space);
      if (!log.#isWasteful()) return log;
      log.#writeAnew(file);
      return SentLog.#at(file, 0, space);
    });
  }

  static #at(file: string, flags: number, space: Space | undefined): SentLog {
    const fd = openSync(file, constants.O_RDWR | constants.O_CREAT | NO_FOLLOW | flags, 0o600);
    try {
      return new SentLog(fd, Math.ceil(fstatSync(fd).size / SLOT_BYTES), space);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Removes `file`: the numbers of entries in it mean nothing any more. Throws `profile-unusable`. */
  static remove(file: string): void {
    onProfile(() => {
      rmSync(file, { force: true });
    });
  }

  /** The file of `entry` is read from its first byte on, and was changed last at `ctimeNs`. */
  begin(entry: number, ctimeNs: bigint): void {
    this.#note(KINDS.begin, entry, ctimeNs);
  }

  /** What the receiver has of the file of `entry` is void, and all of it is sent: it is begun with `anew`. */
  replace(entry: number): void {
    this.#note(KINDS.anew, entry, 0n);
  }

  /** The next bytes of it, which begin at byte `start`. */
  piece(entry: number, start: number, bytes: Uint8Array): void {
    const at = this.#slot(KINDS.piece, entry, bytes.length);
    if (at === undefined || this.#key === undefined) return;
    this.#batch.writeBigUInt64LE(BigInt(start), at + 12);
    tagOf(this.#key, this.#next, bytes).copy(this.#batch, at + 20);
    this.#seal(at);
  }

  /**
   * The file of `entry`, which was changed last at `ctimeNs`, was compared with all that is noted of it, and
   * has it.
   */
  equal(entry: number, ctimeNs: bigint): void {
    this.#note(KINDS.equal, entry, ctimeNs);
  }

  /** What was sent of the file of `entry` counts for nothing. */
  void(entry: number): void {
    this.#note(KINDS.void, entry, 0n);
  }

  /** Writes what was noted, so that it outlives this process. */
  flush(): void {
    if (this.#batched === 0) return;
    const bytes = this.#batch.subarray(0, this.#batched * SLOT_BYTES);
    const position = this.#written * SLOT_BYTES;
    this.#written += this.#batched;
    this.#batched = 0;
    this.#known = undefined;
    if (this.#isBroken) return;
    try {
      this.#space?.take(bytes.length);
      writeAll(this.#fd, bytes, position);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** As `flush`; what was noted outlives a power cut, too. */
  sync(): void {
    this.flush();
    if (this.#isBroken) return;
    try {
      fsyncSync(this.#fd);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** What is known to have been sent of the file of `entry`. */
  sent(entry: number): SentContent {
    this.flush();
    let ctimeNs: bigint | null = null;
    let isAnew = false;
    const byStart = new Map<number, SentPiece>();
    try {
      const { index, segments } = this.#load();
      const slot = Buffer.alloc(SLOT_BYTES);
      for (const number of index.of(entry)) {
        if (readSync(this.#fd, slot, 0, SLOT_BYTES, number * SLOT_BYTES) < SLOT_BYTES) break;
        const kind = slot.readUInt8(4);
        if (kind === KINDS.begin || kind === KINDS.void) byStart.clear();
        if (kind === KINDS.anew) isAnew = true;
        else if (kind === KINDS.piece) {
          const { start, length } = { start: Number(slot.readBigUInt64LE(12)), length: slot.readUInt32LE(8) };
          const segment = segmentOf(segments, number);
          if (segment !== undefined) {
            const { key, shift } = segment;
            const tag = Buffer.from(slot.subarray(20));
            byStart.set(start, { start, length, slot: number + shift, key, tag });
          }
        } else ctimeNs = kind === KINDS.void ? null : slot.readBigInt64LE(12);
      }
    } catch (error) {
      this.#giveUp(error);
      return { pieces: [], length: 0, ctimeNs: null, isAnew: false };
    }
    const pieces: SentPiece[] = [];
    let length = 0;
    for (let next = byStart.get(0); next !== undefined; next = byStart.get(length)) {
      pieces.push(next);
      length += next.length;
    }
    return { pieces, length, ctimeNs, isAnew };
  }

  /** The entry that is under way, or was when the last was noted that is still known; undefined for none. */
  get last(): number | undefined {
    this.flush();
    try {
      return this.#load().last;
    } catch (error) {
      this.#giveUp(error);
      return undefined;
    }
  }

  /** What was not written is lost. Call it once. */
  close(): void {
    this.#isBroken = true;
    closeSync(this.#fd);
  }

  #note(kind: number, entry: number, ctimeNs: bigint): void {
    const at = this.#slot(kind, entry, 0);
    if (at !== undefined) this.#noteAt(at, ctimeNs);
  }

  #noteAt(at: number, value: bigint): void {
    this.#batch.writeBigInt64LE(BigInt.asIntN(64, value), at + 12);
    this.#seal(at);
  }

  /** A place in the batch for a slot; undefined when nothing is noted any more. */
  #slot(kind: number, entry: number, length: number): number | undefined {
    if (this.#isBroken) return undefined;
    if (this.#next >= MAX_SLOTS) {
      this.#break();
      return undefined;
    }
    if (this.#key === undefined) {
      this.#key = randomBytes(KEY_BYTES);
      this.#noteKey(this.#key);
    }
    return this.#place(kind, entry, length);
  }

  #noteKey(key: Buffer): void {
    const at = this.#place(KINDS.key, 0, 0);
    key.copy(this.#batch, at + 12);
    this.#seal(at);
  }

  #place(kind: number, entry: number, length: number): number {
    if (this.#batched === SLOTS_AT_ONCE) this.flush();
    const at = this.#batched * SLOT_BYTES;
    this.#batch.fill(0, at, at + SLOT_BYTES);
    this.#batch.writeUInt8(kind, at + 4);
    this.#batch.writeUIntLE(entry, at + 5, 3);
    this.#batch.writeUInt32LE(length, at + 8);
    return at;
  }

  #seal(at: number): void {
    this.#batch.writeUInt32LE(checksum(this.#batch, at), at);
    this.#batched += 1;
  }

  #giveUp(error: unknown): void {
    const isFull = error instanceof SealaneError && error.code === 'no-space';
    if (!isFull && errnoOf(error) === '') throw error;
    this.#break();
  }

  /** From now on nothing is noted, and nothing known: what is there may be of an older content. */
  #break(): void {
    this.#isBroken = true;
    this.#batched = 0;
    this.#known = undefined;
    try {
      ftruncateSync(this.#fd, 0);
    } catch {
      // A disk that takes not even this is not read from, either, as far as one can tell.
    }
  }

  #isWasteful(): boolean {
    const slot = Buffer.alloc(SLOT_BYTES);
    const isWhole = readSync(this.#fd, slot, 0, SLOT_BYTES, 0) === SLOT_BYTES;
    const isAnew = isWhole && isGood(slot, 0) && slot.readUInt8(4) === KINDS.size;
    return this.#written > 2 * (isAnew ? slot.readUInt32LE(12) : 0) + SPARE_SLOTS;
  }

  /** Puts what is known in the place of `file`, which is this one, if that can be written. Closes this. */
  #writeAnew(file: string): void {
    const draft = `${file}.new`;
    try {
      const isWritten = this.#copyTo(draft);
      this.close();
      if (isWritten) renameSync(draft, file);
      else rmSync(draft, { force: true });
    } catch (error) {
      if (errnoOf(error) === '') throw error;
    }
  }

  /** False when not all could be read or written. */
  #copyTo(file: string): boolean {
    const copy = SentLog.#at(file, constants.O_TRUNC, this.#space);
    try {
      const { index, last } = this.#load();
      copy.#noteSize();
      for (const entry of index.entries()) if (entry !== last) copy.#take(entry, this.sent(entry));
      // As it was: the one under way comes last.
      if (last !== undefined) copy.#take(last, this.sent(last));
      copy.flush();
      copy.#noteSize();
      copy.sync();
      return !copy.#isBroken && !this.#isBroken;
    } finally {
      copy.close();
    }
  }

  /** Takes over what another log knows of a file. */
  #take(entry: number, { pieces, ctimeNs, isAnew }: SentContent): void {
    if (isAnew) this.#noteAt(this.#place(KINDS.anew, entry, 0), 0n);
    if (ctimeNs === null) return;
    this.#noteAt(this.#place(KINDS.begin, entry, 0), ctimeNs);
    for (const piece of pieces) {
      this.#takeNumber(piece);
      const at = this.#place(KINDS.piece, entry, piece.length);
      this.#batch.writeBigUInt64LE(BigInt(piece.start), at + 12);
      piece.tag.copy(this.#batch, at + 20);
      this.#seal(at);
    }
  }

  /** The next slot shall count as made under the key and number of a piece, if these are part of its tag. */
  #takeNumber({ key, slot, length }: SentPiece): void {
    const isLarge = length >= LARGE_PIECE_BYTES;
    if (this.#taken === undefined || (isLarge && !this.#taken.key.equals(key))) {
      this.#noteKey(key);
      this.#taken = { slot: this.#next - 1, key, shift: 0 };
    }
    if (!isLarge || this.#next + this.#taken.shift === slot) return;
    this.#noteAt(this.#place(KINDS.from, 0, 0), BigInt(slot));
    this.#taken = { slot: this.#next - 1, key, shift: slot - this.#next };
  }

  /** The number of the next slot. */
  get #next(): number {
    return this.#written + this.#batched;
  }

  /** Notes in the first slot how many there are. */
  #noteSize(): void {
    const slot = Buffer.alloc(SLOT_BYTES);
    slot.writeUInt8(KINDS.size, 4);
    slot.writeUInt32LE(this.#written, 12);
    slot.writeUInt32LE(checksum(slot, 0), 0);
    writeAll(this.#fd, slot, 0);
    this.#written = Math.max(this.#written, 1);
  }

  /** Looks through the file; only where something is in doubt. */
  #load(): Known {
    if (this.#known !== undefined) return this.#known;
    const index = new SlotIndex();
    const segments: Segment[] = [];
    let last: number | undefined;
    const memory = Buffer.allocUnsafe(SLOTS_AT_ONCE * SLOT_BYTES);
    // Behind a slot that is not as it was written, nothing of that connection counts.
    let isWhole = false;
    for (let first = 0; ; first += SLOTS_AT_ONCE) {
      const slots = Math.floor(readSync(this.#fd, memory, 0, memory.length, first * SLOT_BYTES) / SLOT_BYTES);
      for (let n = 0; n < slots; n += 1) {
        const at = n * SLOT_BYTES;
        const kind = isGood(memory, at) ? memory.readUInt8(at + 4) : undefined;
        const key = kind === KINDS.key ? memory.subarray(at + 12, at + 12 + KEY_BYTES) : segments.at(-1)?.key;
        isWhole = kind === KINDS.key || (isWhole && kind !== undefined);
        if (!isWhole || key === undefined) continue;
        if (kind === KINDS.key || kind === KINDS.from) {
          const shift = kind === KINDS.key ? 0 : Number(memory.readBigUInt64LE(at + 12)) - first - n - 1;
          segments.push({ slot: first + n, key: Buffer.from(key), shift });
          continue;
        }
        const entry = memory.readUIntLE(at + 5, 3);
        index.add(entry, first + n);
        if (kind === KINDS.begin || kind === KINDS.piece) last = entry;
      }
      if (slots < SLOTS_AT_ONCE) break;
    }
    this.#known = { index, segments, last };
    return this.#known;
  }
}

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import type { SkipReason } from '../../../shared/views.ts';
import { NO_FOLLOW, NO_WAIT, errnoOf } from '../files/disk.ts';
import type { ManifestFile } from '../files/manifest-record.ts';
import { realPlaces } from '../files/real-place.ts';
import { isKnownByTimes, likeness } from '../files/source.ts';
import { isPiece } from './sent-slot.ts';
import type { SentContent } from './sent-slot.ts';

/**
 * A clock of a file system that shows more than seconds ticks at least this often, in ns: Linux writes a time
 * once per tick.
 */
const TICK_NS = 20_000_000n;

/** One that shows whole seconds may be one of FAT, which shows every other. */
const COARSE_TICK_NS = 2_000_000_000n;

const SECOND_NS = 1_000_000_000n;

/** Somebody who writes all the time is not waited for any longer: then the file counts as changed. */
const MAX_WAITS = 5;

/**
 * One file that is being sent: the very file that was listed, as it was then, or none. Its user's editor, or
 * whoever else has it open, may change it at any time; then a reason comes out instead of content that never was one file.
 */
export class SourceFile {
  readonly #fd: number;
  readonly #entry: ManifestFile;
  #stats: BigIntStats;
  #offset: number;
  #isOpen = true;

  private constructor(fd: number, entry: ManifestFile, stats: BigIntStats, offset: number) {
    this.#fd = fd;
    this.#entry = entry;
    this.#stats = stats;
    this.#offset = offset;
  }

  /**
   * Opens what `entry` names, to be read from `offset` (bytes) on; or says why it cannot be sent. A file that
   * was only touched since it was listed is opened: what of it was read before must then be compared. A file
   * that does not lie where it was listed is `changed`: a link in the place of a folder above led to another
   * one, which may be none of those that are to be sent. `places`: how that is told; default: the way of this
   * system.
   */
  static open(entry: ManifestFile, offset: number, places = realPlaces): SourceFile | SkipReason {
    let fd: number;
    try {
      fd = openSync(entry.source, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
    } catch (error) {
      return openingProblem(error);
    }
    try {
      const isThere = places.liesAt(fd, entry.source);
      const stats = isThere ? settledStats(fd) : undefined;
      if (stats !== undefined && likeness(entry, stats) !== 'other')
        return new SourceFile(fd, entry, stats, offset);
      closeSync(fd);
      return 'changed';
    } catch {
      closeSync(fd);
      return 'unreadable';
    }
  }

  get entry(): ManifestFile {
    return this.#entry;
  }

  /** When it was changed last, as it was opened or last accepted. */
  get ctimeNs(): bigint {
    return this.#stats.ctimeNs;
  }

  /** Whether its times tell that nothing was done to it since they were what they are. */
  get isKnownByTimes(): boolean {
    return isKnownByTimes(this.#entry.source, this.#stats);
  }

  /** Whether its times are still those that it was listed with. */
  get isAsListed(): boolean {
    return this.#stats.ctimeNs === this.#entry.ctimeNs;
  }

  /** Bytes before the next one to be read. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes still to be read. */
  get rest(): number {
    return this.#entry.size - this.#offset;
  }

  /** Goes back to the first byte. */
  rewind(): void {
    this.#offset = 0;
  }

  /** Fills all of `target` with the next bytes, or says why the file cannot be read whole. */
  read(target: Uint8Array): SkipReason | undefined {
    const problem = this.#readAt(target, this.#offset);
    if (problem === undefined) this.#offset += target.length;
    return problem;
  }

  /**
   * Says when this is not the file, or not in the state, that was opened; `touched`: only the time of its
   * last change says so. Ask after the last byte.
   */
  check(): SkipReason | 'touched' | undefined {
    try {
      const { size } = this.#entry;
      const { mtimeNs, ctimeNs, ino: inode } = this.#stats;
      const like = likeness({ size, mtimeNs, ctimeNs, inode }, fstatSync(this.#fd, { bigint: true }));
      if (like === 'same') return undefined;
      return like === 'touched' ? 'touched' : 'changed';
    } catch {
      return 'unreadable';
    }
  }

  /**
   * Takes the file as it is from now on for the one that was opened; what was read before must be compared.
   */
  accept(): SkipReason | undefined {
    try {
      const stats = settledStats(this.#fd);
      if (stats === undefined) return 'changed';
      this.#stats = stats;
      return likeness(this.#entry, stats) === 'other' ? 'changed' : undefined;
    } catch {
      return 'unreadable';
    }
  }

  /**
   * Whether it has all that was sent of it, and nothing was done to it meanwhile. Reads it; `onPiece` is
   * called now and then.
   */
  has({ pieces }: SentContent, onPiece: () => void = () => undefined): boolean {
    let memory = Buffer.alloc(0);
    for (const piece of pieces) {
      onPiece();
      if (memory.length < piece.length) memory = Buffer.allocUnsafe(piece.length);
      const bytes = memory.subarray(0, piece.length);
      if (this.#readAt(bytes, piece.start) !== undefined || !isPiece(piece, bytes)) return false;
    }
    return this.check() === undefined;
  }

  /** Idempotent. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#fd);
  }

  #readAt(target: Uint8Array, position: number): SkipReason | undefined {
    for (let filled = 0; filled < target.length;) {
      let count: number;
      try {
        count = readSync(this.#fd, target, filled, target.length - filled, position + filled);
      } catch {
        return 'unreadable';
      }
      if (count === 0) return 'changed';
      filled += count;
    }
    return undefined;
  }
}

/**
 * A file's state, from which any later change can be told. Two changes within one tick of the clock have the
 * same time: so a file that was changed just now is let be until the next change would have another one.
 * Undefined when it is changed again and again meanwhile.
 */
function settledStats(fd: number): BigIntStats | undefined {
  for (let n = 0; ; n += 1) {
    const stats = fstatSync(fd, { bigint: true });
    const age = BigInt(Date.now()) * 1_000_000n - stats.ctimeNs;
    const tick = stats.ctimeNs % SECOND_NS === 0n ? COARSE_TICK_NS : TICK_NS;
    // A time that is still to come is another machine's: waiting would not help.
    if (age < 0n || age >= tick) return stats;
    if (n === MAX_WAITS) return undefined;
    wait(Number((tick - age) / 1_000_000n) + 1);
  }
}

/** Blocks this thread, which is there to wait for disks, for `ms`. */
function wait(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, ms);
}

function openingProblem(error: unknown): SkipReason {
  switch (errnoOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'vanished';
    // A link stands in its place.
    case 'ELOOP':
      return 'changed';
    default:
      return 'unreadable';
  }
}

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { unreachable } from '../../../shared/unreachable.ts';
import type { SkipReason } from '../../../shared/views.ts';
import { NO_FOLLOW, NO_WAIT, errnoOf } from '../files/disk.ts';
import { endMark } from '../files/file-end.ts';
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

/** Somebody who writes all the time is not waited for any longer. */
const MAX_WAITS = 5;

/** The time of the last change of a file from whose times no later change can be told: no file has this one. */
const NO_TIME = -1n;

/** A file's state. */
interface State {
  readonly stats: BigIntStats;
  /** Whether any later change can be told from it. */
  readonly isSettled: boolean;
}

/**
 * One file that is being sent: the very file that was listed, as it was then, or none. Its user's editor, or
 * whoever else has it open, may change it at any time; then a reason comes out instead of content that never
 * was one file. Of a file that is appended to, a log or a recording, what was listed is the beginning.
 */
export class SourceFile {
  readonly #fd: number;
  readonly #entry: ManifestFile;
  #state: State;
  #hasGrown: boolean;
  #offset: number;
  #isOpen = true;

  private constructor(fd: number, entry: ManifestFile, state: State, offset: number) {
    this.#fd = fd;
    this.#entry = entry;
    this.#state = state;
    this.#hasGrown = state.stats.size > BigInt(entry.size);
    this.#offset = offset;
  }

  /**
   * Opens what `entry` names, to be read from `offset` (bytes) on; or says why it cannot be sent. A file that
   * was only touched since it was listed, or is longer, is opened: what of it was read before must then be
   * compared, and of what was not, `isAppended` be asked. A file that does not lie where it was listed is `changed`: a link in the place of a folder above led to another
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
      const state = isThere ? stateOf(fd, entry) : undefined;
      if (state !== undefined) return new SourceFile(fd, entry, state, offset);
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

  /** When it was changed last, as it was opened or last accepted; no time of any file where that tells nothing. */
  get ctimeNs(): bigint {
    return this.#state.isSettled ? this.#state.stats.ctimeNs : NO_TIME;
  }

  /** Whether its times tell that nothing was done to it since they were what they are. */
  get isKnownByTimes(): boolean {
    return this.#state.isSettled && isKnownByTimes(this.#entry.source, this.#state.stats);
  }

  /** Whether its size and times are still those that it was listed with. */
  get isAsListed(): boolean {
    return likeness(this.#entry, this.#state.stats) === 'same';
  }

  /** Whether it was seen to be longer than it was when it was listed. */
  get hasGrown(): boolean {
    return this.#hasGrown;
  }

  /**
   * Whether what stood at its end when it was listed still stands there, so that what follows was appended.
   * False where its end was not looked at then.
   */
  isAppended(): boolean {
    const { end, size } = this.#entry;
    try {
      return end !== undefined && endMark(this.#fd, size) === end;
    } catch {
      return false;
    }
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
   * last change says so; `growing`: it became longer, or may have. Ask after the last byte.
   */
  check(): SkipReason | 'touched' | 'growing' | undefined {
    try {
      const { size, mtimeNs, ctimeNs, ino: inode } = this.#state.stats;
      // In this order: what is appended in between is seen.
      const isLonger = readSync(this.#fd, new Uint8Array(1), 0, 1, this.#entry.size) > 0;
      const now = fstatSync(this.#fd, { bigint: true });
      // What a system makes up as it is read has a size that is not true.
      if (isLonger && now.size === BigInt(this.#entry.size)) return 'size-unknown';
      const like = likeness({ size: Number(size), mtimeNs, ctimeNs, inode }, now);
      this.#hasGrown ||= like === 'grown';
      switch (like) {
        case 'same':
          return this.#state.isSettled ? undefined : 'growing';
        case 'touched':
          return 'touched';
        case 'grown':
          return 'growing';
        case 'other':
          return 'changed';
        default:
          return unreachable(like);
      }
    } catch {
      return 'unreadable';
    }
  }

  /**
   * Takes the file as it is from now on for the one that was opened; what was read before must be compared.
   */
  accept(): SkipReason | undefined {
    try {
      const state = stateOf(this.#fd, this.#entry);
      if (state === undefined) return 'changed';
      this.#state = state;
      this.#hasGrown ||= state.stats.size > BigInt(this.#entry.size);
      return undefined;
    } catch {
      return 'unreadable';
    }
  }

  /**
   * Whether it has all that was sent of it, and nothing was done to it meanwhile but that it became longer: of
   * a file that is read twice and is twice the same, this was the content between the two readings, whatever
   * is appended meanwhile. Reads it; `onPiece` is called now and then.
   */
  has({ pieces }: SentContent, onPiece: () => void = () => undefined): boolean {
    let memory = Buffer.alloc(0);
    for (const piece of pieces) {
      onPiece();
      if (memory.length < piece.length) memory = Buffer.allocUnsafe(piece.length);
      const bytes = memory.subarray(0, piece.length);
      if (this.#readAt(bytes, piece.start) !== undefined || !isPiece(piece, bytes)) return false;
    }
    const problem = this.check();
    return problem === undefined || problem === 'growing';
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
      if (count === 0) return this.check() === undefined ? 'size-unknown' : 'changed';
      filled += count;
    }
    return undefined;
  }
}

/**
 * How the file of `entry` is now. One that is appended to all the time has no state that is settled; any
 * other, and one that is not the file that was listed, has none that counts: undefined.
 */
function stateOf(fd: number, entry: ManifestFile): State | undefined {
  const settled = settledStats(fd);
  const stats = settled ?? fstatSync(fd, { bigint: true });
  const like = likeness(entry, stats);
  if (like === 'other' || (settled === undefined && like !== 'grown')) return undefined;
  return { stats, isSettled: settled !== undefined };
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

import { constants, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { Descriptor } from './descriptor.ts';
import { NO_FOLLOW, errnoOf, onProfile, profileError } from './disk.ts';
import type { ListSpace } from './list-space.ts';

/** How far a side file is vouched for. */
export const sideMarkSchema = z.strictObject({
  bytes: z.number().int().min(0),
  lines: z.number().int().min(0),
  /** CRC-32 of these bytes. */
  crc: z.number().int().min(0),
});
export type SideMark = z.infer<typeof sideMarkSchema>;

export const EMPTY_MARK: SideMark = { bytes: 0, lines: 0, crc: 0 };

/** Written at once; small enough to be nothing, large enough that a system call per line is saved. */
const BATCH_CHARACTERS = 64 * 1024;
const READ_BYTES = 64 * 1024;

/** No line that is written here is longer: a path, each character escaped. */
const MAX_LINE_BYTES = 64 * 1024;

const NEWLINE = 10;

/** A line and where it begins. */
export interface SideLine {
  readonly text: string;
  readonly at: number;
}

/**
 * A list beside the journal, a line for each thing, too long for memory and for the journal. The journal says how far it counts:
 * after a crash it is cut to that, and what does not match the mark counts for nothing. Throws `profile-unusable`, and
 * `no-space` where more would take what is kept free.
 */
export class SideFile {
  readonly #descriptor: Descriptor;
  readonly #space: ListSpace;
  #mark: SideMark;
  #batch: string[] = [];
  #characters = 0;
  /** What is on disk for certain. */
  #synced: number;
  #isClosed = false;

  private constructor(fd: number, mark: SideMark, space: ListSpace) {
    this.#descriptor = new Descriptor(fd, space.disk);
    this.#space = space;
    this.#mark = mark;
    this.#synced = mark.bytes;
  }

  /** Makes or empties `file`. */
  static create(file: string, space: ListSpace): SideFile {
    const fd = onProfile(() => open(file, constants.O_CREAT | constants.O_TRUNC));
    return new SideFile(fd, EMPTY_MARK, space);
  }

  /**
   * Goes on after `mark`, and tells `onLine` what is before; null when that is not what the mark vouches for. What comes out of
   * `onLine` before a null is worth nothing.
   */
  static reopen(
    file: string,
    mark: SideMark,
    space: ListSpace,
    onLine: (line: SideLine) => void,
  ): SideFile | null {
    let fd: number;
    try {
      fd = open(file, 0);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      throw profileError(error);
    }
    const side = new SideFile(fd, mark, space);
    try {
      if (fstatSync(fd).size >= mark.bytes && side.#matches(onLine)) {
        ftruncateSync(fd, mark.bytes);
        return side;
      }
    } catch (error) {
      side.close();
      throw profileError(error);
    }
    side.close();
    return null;
  }

  /** Lines so far. */
  get lines(): number {
    return this.#mark.lines + this.#batch.length;
  }

  /** `line` must hold no line break. Not after `close`. */
  append(line: string): void {
    this.#batch.push(line);
    this.#characters += line.length + 1;
    if (this.#characters >= BATCH_CHARACTERS) this.#write();
  }

  /** Writes everything so far, and gives how far that is. */
  mark(): SideMark {
    this.#write();
    return this.#mark;
  }

  /** Resolves once everything up to the last `mark` would survive a power cut. */
  async sync(): Promise<void> {
    const { bytes } = this.#mark;
    if (bytes === this.#synced) return;
    try {
      await this.#descriptor.sync();
    } catch (error) {
      throw profileError(error);
    }
    this.#synced = Math.max(this.#synced, bytes);
  }

  /** As `mark` and `sync`, at once. */
  syncNow(): SideMark {
    this.#write();
    onProfile(() => {
      fsyncSync(this.#descriptor.fd);
    });
    this.#synced = this.#mark.bytes;
    return this.#mark;
  }

  /** The lines from byte `at` on, which is the beginning of one. Nothing may be appended meanwhile. */
  *read(at = 0): Generator<SideLine, void, undefined> {
    this.#write();
    yield* this.#linesFrom(at, () => undefined);
  }

  /** What is not written yet is lost. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#descriptor.close();
  }

  #matches(onLine: (line: SideLine) => void): boolean {
    let crc = 0;
    let lines = 0;
    for (const line of this.#linesFrom(0, (bytes) => {
      crc = crc32(bytes, crc);
    })) {
      lines += 1;
      onLine(line);
    }
    return crc === this.#mark.crc && lines === this.#mark.lines;
  }

  *#linesFrom(from: number, onBytes: (bytes: Uint8Array) => void): Generator<SideLine, void, undefined> {
    const memory = Buffer.allocUnsafe(READ_BYTES + MAX_LINE_BYTES);
    let held = 0;
    /** Of the first byte held. */
    let position = from;
    for (;;) {
      const rest = this.#mark.bytes - position - held;
      const read = readSync(this.#descriptor.fd, memory, held, Math.min(rest, READ_BYTES), position + held);
      if (read === 0) return;
      onBytes(memory.subarray(held, held + read));
      held += read;
      let start = 0;
      const whole = memory.subarray(0, held);
      for (;;) {
        const end = whole.indexOf(NEWLINE, start);
        if (end === -1) break;
        yield { text: memory.toString('utf8', start, end), at: position + start };
        start = end + 1;
      }
      memory.copyWithin(0, start, held);
      held -= start;
      position += start;
      if (held > MAX_LINE_BYTES) return;
    }
  }

  #write(): void {
    if (this.#isClosed) throw new SealaneError('internal', { detail: 'a list was used after its end' });
    if (this.#batch.length === 0) return;
    const bytes = Buffer.from(`${this.#batch.join('\n')}\n`);
    const { bytes: position, lines, crc } = this.#mark;
    onProfile(() => {
      this.#space.take(bytes.length);
      for (let at = 0; at < bytes.length;) {
        at += writeSync(this.#descriptor.fd, bytes, at, bytes.length - at, position + at);
      }
    });
    this.#mark = {
      bytes: position + bytes.length,
      lines: lines + this.#batch.length,
      crc: crc32(bytes, crc),
    };
    this.#batch = [];
    this.#characters = 0;
  }
}

function open(file: string, flags: number): number {
  return openSync(file, constants.O_RDWR | NO_FOLLOW | flags, 0o600);
}

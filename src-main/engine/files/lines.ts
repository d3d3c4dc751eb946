import { closeSync, constants, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { SealaneError } from '../../../shared/errors.ts';
import { NO_FOLLOW } from './disk.ts';

/** Lists too long for memory: files of lines that are written in batches and read in pieces. */

/** Written at once; small enough to be nothing, large enough that a system call per entry is saved. */
const BATCH_CHARACTERS = 64 * 1024;
const READ_BYTES = 64 * 1024;

/** A path of MAX_PATH_BYTES and one of Windows' 32,767 characters, escaped, stay below; a longer line is damage. */
const MAX_LINE_BYTES = 256 * 1024;

const NEWLINE = 10;

export class LineWriter {
  readonly #fd: number;
  /** Where the next batch belongs. */
  #position: number;
  #batch: string[] = [];
  #characters = 0;
  #closed = false;

  /** Makes `file` (mode 0600) or cuts it off after its first `keep` bytes, following no link. */
  constructor(file: string, keep = 0) {
    const { O_CREAT, O_RDWR } = constants;
    this.#fd = openSync(file, O_CREAT | O_RDWR | NO_FOLLOW, 0o600);
    this.#position = keep;
    try {
      ftruncateSync(this.#fd, keep);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** `line` must hold no line break. Not after `close`. */
  append(line: string): void {
    if (this.#closed) throw new SealaneError('internal', { detail: 'a list was written after its end' });
    this.#batch.push(line);
    this.#characters += line.length;
    if (this.#characters >= BATCH_CHARACTERS) this.#flush();
  }

  /** Bytes written to the file so far, with what was kept of it. */
  get bytes(): number {
    return this.#position;
  }

  /** Writes what is unwritten when `sync` is true, and throws it away otherwise. Idempotent. */
  close(options: { readonly sync: boolean }): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      if (!options.sync) return;
      this.#flush();
      fsyncSync(this.#fd);
    } finally {
      closeSync(this.#fd);
    }
  }

  /** The lines so far, read back from the open file and no other. Not after `close`. */
  *readBack(): Generator<string, void, undefined> {
    this.#flush();
    yield* linesOf(this.#fd);
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const bytes = Buffer.from(`${this.#batch.join('\n')}\n`);
    this.#batch = [];
    this.#characters = 0;
    for (let at = 0; at < bytes.length;) {
      const written = writeSync(this.#fd, bytes, at, bytes.length - at, this.#position);
      at += written;
      this.#position += written;
    }
  }
}

/**
 * The lines of `file`, one at a time. Throws `internal` for no file; and for a line that is too long or has no end, unless that is
 * to be expected (`tornEnd`) where writing may have been cut short: then the lines end before it.
 */
export function* readLines(
  file: string,
  options: { readonly tornEnd: boolean } = { tornEnd: false },
): Generator<string, void, undefined> {
  const fd = open(file);
  try {
    yield* linesOf(fd, options.tornEnd);
  } finally {
    closeSync(fd);
  }
}

function* linesOf(fd: number, tornEnd = false): Generator<string, void, undefined> {
  const memory = Buffer.allocUnsafe(READ_BYTES + MAX_LINE_BYTES);
  let held = 0;
  let position = 0;
  for (;;) {
    const read = readSync(fd, memory, held, memory.length - held, position);
    if (read === 0) break;
    position += read;
    held += read;
    let start = 0;
    for (;;) {
      const end = memory.subarray(0, held).indexOf(NEWLINE, start);
      if (end === -1) break;
      yield memory.toString('utf8', start, end);
      start = end + 1;
    }
    memory.copyWithin(0, start, held);
    held -= start;
    if (held > MAX_LINE_BYTES) break;
  }
  if (held > 0 && !tornEnd) throw damaged();
}

function open(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY | NO_FOLLOW);
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause?: unknown): SealaneError {
  return new SealaneError('internal', { detail: 'a list on disk is damaged', cause });
}

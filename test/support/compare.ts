import { lstat, open, readdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Compares what was sent with what arrived: every byte, modification times, executable bits, empty folders. Reads both sides a
 * piece at a time, so that the size does not matter, and knows nothing of how the one became the other.
 */

export interface Difference {
  /** From the name of what was sent down, joined with `/`. Raw: escape before showing. */
  readonly path: string;
  /** To follow the path: `is missing`. */
  readonly what: string;
}

export interface Comparison {
  readonly files: number;
  readonly folders: number;
  /** Of all files that were read on both sides. */
  readonly bytes: number;
  readonly executables: number;
  /** The first hundred; `differenceCount` counts all. */
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
  /** Paths that are not there, as was said. */
  readonly leftOut: readonly string[];
}

export interface CompareOptions {
  /** Paths of which it was said that they did not arrive, in the same form as a difference's. */
  readonly skipped?: ReadonlySet<string>;
  /** What a name becomes on the other side; by default it stays as it is. */
  readonly nameOnDisk?: (name: string) => string;
  /** Told how many bytes were compared so far. */
  readonly onProgress?: (bytes: number) => void;
}

const PIECE_BYTES = 1024 * 1024;
const LISTED = 100;

/** Compares the file or folder at `source` with the one at `target`. Links in the source count as what they lead to. */
export async function compareTrees(
  source: string,
  target: string,
  options: CompareOptions = {},
): Promise<Comparison> {
  const walk = new Walk(options);
  await walk.visit(source, target, basename(source));
  return walk.result();
}

class Walk {
  readonly #options: CompareOptions;
  readonly #left = Buffer.alloc(PIECE_BYTES);
  readonly #right = Buffer.alloc(PIECE_BYTES);
  readonly #differences: Difference[] = [];
  readonly #leftOut: string[] = [];
  #differenceCount = 0;
  #files = 0;
  #folders = 0;
  #bytes = 0;
  #executables = 0;

  constructor(options: CompareOptions) {
    this.#options = options;
  }

  result(): Comparison {
    return {
      files: this.#files,
      folders: this.#folders,
      bytes: this.#bytes,
      executables: this.#executables,
      differences: this.#differences,
      differenceCount: this.#differenceCount,
      leftOut: this.#leftOut,
    };
  }

  async visit(source: string, target: string, path: string): Promise<void> {
    const there = await statsOrNothing(() => lstat(target, { bigint: true }));
    if (this.#options.skipped?.has(path) === true) {
      this.#leftOut.push(path);
      if (there !== undefined) this.#differ(path, 'is there, although it was said not to have arrived');
      return;
    }
    const here = await statsOrNothing(() => stat(source, { bigint: true }));
    if (there === undefined) this.#differ(path, 'is missing');
    else if (here === undefined) this.#differ(path, 'cannot be read any more');
    else if (here.isFile() && there.isFile()) await this.#file(source, target, path, here, there);
    else if (here.isDirectory() && there.isDirectory()) await this.#folder(source, target, path, here, there);
    else this.#differ(path, 'is of another kind');
  }

  async #folder(source: string, target: string, path: string, here: BigIntStats, there: BigIntStats) {
    this.#folders += 1;
    this.#sameTime(path, here, there);
    const { nameOnDisk = (name: string) => name } = this.#options;
    const unexpected = new Set(await readdir(target));
    for (const name of await readdir(source)) {
      const arrived = nameOnDisk(name);
      unexpected.delete(arrived);
      await this.visit(join(source, name), join(target, arrived), `${path}/${name}`);
    }
    for (const name of unexpected) this.#differ(`${path}/${name}`, 'was never sent');
  }

  async #file(source: string, target: string, path: string, here: BigIntStats, there: BigIntStats) {
    this.#files += 1;
    this.#sameTime(path, here, there);
    // Windows keeps no such bit.
    if (process.platform !== 'win32') {
      if (isExecutable(here)) this.#executables += 1;
      if (isExecutable(here) !== isExecutable(there)) this.#differ(path, 'has another executable bit');
    }
    if (here.size !== there.size) this.#differ(path, `has ${there.size} bytes instead of ${here.size}`);
    else if (here.size > 0n) await this.#content(source, target, path);
  }

  async #content(source: string, target: string, path: string): Promise<void> {
    const [left, right] = [await open(source), await open(target)];
    try {
      for (let position = 0; ;) {
        const length = await fill(left, this.#left, position);
        const other = await fill(right, this.#right, position);
        if (length !== other || !this.#left.subarray(0, length).equals(this.#right.subarray(0, other))) {
          this.#differ(path, 'has other content');
          return;
        }
        if (length === 0) return;
        position += length;
        this.#bytes += length;
        this.#options.onProgress?.(this.#bytes);
      }
    } finally {
      await Promise.all([left.close(), right.close()]);
    }
  }

  /** To the microsecond, which is what travels. */
  #sameTime(path: string, here: BigIntStats, there: BigIntStats): void {
    if (here.mtimeNs / 1000n !== there.mtimeNs / 1000n) this.#differ(path, 'has another modification time');
  }

  #differ(path: string, what: string): void {
    this.#differenceCount += 1;
    if (this.#differences.length < LISTED) this.#differences.push({ path, what });
  }
}

function isExecutable(stats: BigIntStats): boolean {
  return (stats.mode & 0o111n) !== 0n;
}

/** Reads until the buffer is full or the file ends; gives how much it was. */
async function fill(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

async function statsOrNothing(look: () => Promise<BigIntStats>): Promise<BigIntStats | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ELOOP'))
      return undefined;
    throw error;
  }
}

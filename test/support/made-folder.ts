import { createCipheriv } from 'node:crypto';
import type { Cipheriv } from 'node:crypto';
import { chmod, mkdir, open, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A folder as people have them, made fast and of any size: for the demo and the tests that send hundreds of megabytes. */

export interface MadeFolderOptions {
  /** Of the one big file, in bytes. */
  readonly largeBytes: number;
  readonly smallFiles: number;
  /** Told how many bytes were written so far. */
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** What one small file holds at most, in bytes; they vary evenly between nothing and this. */
export const LARGEST_SMALL_FILE = 50_000;

const PIECE_BYTES = 1024 * 1024;
const SMALL_FILES_PER_FOLDER = 90;
const YEAR_2001 = Date.UTC(2001, 1, 3, 4, 5, 6) / 1000;

/**
 * Makes `root` and in it: one big file, many small ones in nested folders, empty folders, names in many scripts, an executable,
 * an empty file, times of long ago. The content is the same at every run, and cannot be compressed.
 */
export async function makeFolder(root: string, options: MadeFolderOptions): Promise<void> {
  const maker = new Maker(root, options);
  await maker.large('Film.mov', options.largeBytes);
  for (let index = 0; index < options.smallFiles; index += 1) {
    const folder = Math.floor(index / SMALL_FILES_PER_FOLDER);
    const path = `Photos/Year ${2010 + (folder % 4)}/Album ${folder + 1}/IMG_${String(index).padStart(4, '0')}.jpg`;
    // A prime step, so that neighbours differ in size.
    await maker.small(path, (index * 7919) % (LARGEST_SMALL_FILE + 1));
  }
  await maker.text('Notes/Grüße aus Zürich.txt', 'Schöne Grüße\n');
  await maker.text('Notes/日本語/旅のメモ.txt', '東京、京都、大阪\n');
  await maker.text('Notes/Ελλάδα и Кавказ/🎉 فوتبال.txt', '🎉\n');
  // The accent as a character of its own, as macOS writes names.
  await maker.text('Notes/Cafe\u0301.txt', 'crème brûlée\n');
  await maker.text('Tools/count files.sh', '#!/bin/sh\nfind "${1:-.}" -type f | wc -l\n');
  await chmod(join(root, 'Tools/count files.sh'), 0o755);
  await maker.text('Nothing in here.txt', '');
  await mkdir(join(root, 'Empty/and empty/all the way down'), { recursive: true });
  await mkdir(join(root, 'Empty/beside it'), { recursive: true });
  await utimes(join(root, 'Film.mov'), YEAR_2001, YEAR_2001);
  await utimes(join(root, 'Notes/Grüße aus Zürich.txt'), YEAR_2001, YEAR_2001 + 0.123456);
  await utimes(join(root, 'Empty'), YEAR_2001, YEAR_2001);
}

class Maker {
  readonly #root: string;
  readonly #options: MadeFolderOptions;
  readonly #noise = new Noise();
  #folder = '';
  #bytes = 0;

  constructor(root: string, options: MadeFolderOptions) {
    this.#root = root;
    this.#options = options;
  }

  async large(path: string, size: number): Promise<void> {
    const file = await open(await this.#place(path), 'wx');
    try {
      for (let left = size; left > 0; left -= PIECE_BYTES) {
        const piece = this.#noise.next(Math.min(left, PIECE_BYTES));
        await file.writeFile(piece);
        this.#count(piece.length);
      }
    } finally {
      await file.close();
    }
  }

  async small(path: string, size: number): Promise<void> {
    await writeFile(await this.#place(path), this.#noise.next(size), { flag: 'wx' });
    this.#count(size);
  }

  async text(path: string, text: string): Promise<void> {
    await writeFile(await this.#place(path), text, { flag: 'wx' });
    this.#count(Buffer.byteLength(text));
  }

  async #place(path: string): Promise<string> {
    const place = join(this.#root, path);
    const folder = dirname(place);
    if (folder !== this.#folder) await mkdir(folder, { recursive: true });
    this.#folder = folder;
    return place;
  }

  #count(bytes: number): void {
    this.#options.signal?.throwIfAborted();
    this.#bytes += bytes;
    this.#options.onProgress?.(this.#bytes);
  }
}

/** The key stream of AES-128 in counter mode: the fastest noise a processor makes. */
class Noise {
  readonly #cipher: Cipheriv = createCipheriv('aes-128-ctr', Buffer.alloc(16, 'sealane'), Buffer.alloc(16));
  readonly #zeros = Buffer.alloc(PIECE_BYTES);

  /** The next `length` bytes, at most a piece. */
  next(length: number): Buffer {
    return this.#cipher.update(this.#zeros.subarray(0, length));
  }
}

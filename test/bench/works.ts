import { createCipheriv } from 'node:crypto';
import { mkdir, open, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../support/made-folder.ts';

/** What is sent. The content is noise: nothing gains by compressing it. */

export const WORK_KEYS = ['file', 'small', 'mixed'] as const;
export type WorkKey = (typeof WORK_KEYS)[number];

export interface Work {
  readonly key: WorkKey;
  readonly title: string;
  /** The file or folder, absolute. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly files: number;
  readonly bytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const PIECE_BYTES = MIB;
const SMALL_FILE_BYTES = 10 * KIB;
const FILES_PER_FOLDER = 50;
const FOLDERS_PER_FOLDER = 10;

export interface Sizes {
  readonly fileBytes: number;
  readonly smallFiles: number;
  readonly mixedLargeBytes: number;
  readonly mixedSmallFiles: number;
}

export const FULL: Sizes = {
  fileBytes: 4096 * MIB,
  smallFiles: 20_000,
  mixedLargeBytes: 768 * MIB,
  mixedSmallFiles: 6000,
};

/** Enough to see that the benchmark works; its figures say nothing. */
export const QUICK: Sizes = {
  fileBytes: 16 * MIB,
  smallFiles: 300,
  mixedLargeBytes: 4 * MIB,
  mixedSmallFiles: 60,
};

/** The most that lies in memory at once: what is sent, what arrives, and an archive that somebody makes of it on the way. */
export function roomFor(sizes: Sizes, keys: readonly WorkKey[]): number {
  const bytes: Readonly<Record<WorkKey, number>> = {
    file: 2 * sizes.fileBytes,
    small: 3 * sizes.smallFiles * (SMALL_FILE_BYTES + 4 * KIB),
    mixed: 3 * (sizes.mixedLargeBytes + sizes.mixedSmallFiles * 32 * KIB),
  };
  return Math.max(...keys.map((key) => bytes[key])) + 64 * MIB;
}

/** Makes one of the works in `folder`. */
export async function makeWork(key: WorkKey, folder: string, sizes: Sizes): Promise<Work> {
  switch (key) {
    case 'file': {
      const path = join(folder, 'file.bin');
      await makeFile(path, sizes.fileBytes);
      return describe(key, path, `one file of ${sizeText(sizes.fileBytes)}`);
    }
    case 'small': {
      const path = join(folder, 'small');
      await makeSmallFiles(path, sizes.smallFiles);
      return describe(
        key,
        path,
        `${sizes.smallFiles.toLocaleString('en')} files of 10 KiB in nested folders`,
      );
    }
    case 'mixed': {
      const path = join(folder, 'mixed');
      await makeFolder(path, { largeBytes: sizes.mixedLargeBytes, smallFiles: sizes.mixedSmallFiles });
      return describe(key, path, 'a mixed tree');
    }
  }
}

async function describe(key: WorkKey, path: string, title: string): Promise<Work> {
  const { files, bytes } = await measureTree(path);
  const isFolder = (await stat(path)).isDirectory();
  const full = key === 'mixed' ? `${title}: ${files.toLocaleString('en')} files, ${sizeText(bytes)}` : title;
  return { key, path, title: full, isFolder, files, bytes };
}

export function sizeText(bytes: number): string {
  return bytes >= 1024 * MIB ? `${trim(bytes / MIB / 1024)} GiB` : `${trim(bytes / MIB)} MiB`;
}

function trim(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}

/** Files and their bytes at or below `path`. */
export async function measureTree(path: string): Promise<{ files: number; bytes: number }> {
  const stats = await stat(path);
  if (!stats.isDirectory()) return { files: 1, bytes: stats.size };
  let files = 0;
  let bytes = 0;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    const found = entry.isDirectory()
      ? await measureTree(below)
      : { files: 1, bytes: (await stat(below)).size };
    files += found.files;
    bytes += found.bytes;
  }
  return { files, bytes };
}

async function makeFile(path: string, size: number): Promise<void> {
  const noise = createNoise();
  const file = await open(path, 'wx');
  try {
    for (let left = size; left > 0; left -= PIECE_BYTES)
      await file.writeFile(noise(Math.min(left, PIECE_BYTES)));
  } finally {
    await file.close();
  }
}

/** 50 files to a folder, ten folders to a folder: `small/3/37/file 1852.dat`. */
export async function makeSmallFiles(root: string, count: number, size = SMALL_FILE_BYTES): Promise<void> {
  const noise = createNoise();
  let folder = '';
  for (let index = 0; index < count; index += 1) {
    const inner = Math.floor(index / FILES_PER_FOLDER);
    const path = join(
      root,
      String(Math.floor(inner / FOLDERS_PER_FOLDER)),
      String(inner),
      `file ${String(index)}.dat`,
    );
    if (dirname(path) !== folder) {
      folder = dirname(path);
      await mkdir(folder, { recursive: true });
    }
    await writeFile(path, noise(size), { flag: 'wx' });
  }
}

/** The key stream of AES-128 in counter mode: the fastest noise a processor makes. */
function createNoise(): (length: number) => Buffer {
  const cipher = createCipheriv(
    'aes-128-ctr',
    Buffer.alloc(16, 'sealane bench'.slice(0, 16)),
    Buffer.alloc(16),
  );
  const zeros = Buffer.alloc(PIECE_BYTES);
  return (length) => cipher.update(zeros.subarray(0, length));
}

/** Where the work is, once it was put into `target`. */
export function arrivedAt(work: Work, target: string): string {
  return join(target, basename(work.path));
}

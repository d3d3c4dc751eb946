import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a folder holds, in a form that two folders can be compared by. */
export type TreeListing = Readonly<Record<string, string>>;

/** Each entry below `root` by its relative path: kind, size, hash, executable bit, modification time in seconds. */
export async function listTree(root: string): Promise<TreeListing> {
  const listing: Record<string, string> = {};
  const walk = async (relative: string): Promise<void> => {
    const path = join(root, relative);
    const stats = await lstat(path);
    if (stats.isDirectory()) {
      listing[`${relative}/`] = 'folder';
      for (const name of await readdir(path)) await walk(join(relative, name));
    } else {
      const hash = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      const executable = (stats.mode & 0o100) !== 0 ? 'x' : '-';
      listing[relative] =
        `${stats.isFile() ? 'file' : 'other'} ${String(stats.size)} ${executable} ${String(Math.floor(stats.mtimeMs / 1000))} ${hash}`;
    }
  };
  await walk('.');
  return listing;
}

/** Names below `root`, or nothing when it does not exist: what a refused transfer must leave behind. */
export async function namesIn(root: string): Promise<readonly string[]> {
  try {
    return await readdir(root, { recursive: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Bytes that look random but are the same each time. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed >>> 0 || 1;
  for (let at = 0; at + 4 <= length; at += 4) {
    // xorshift32 (Marsaglia, 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state | 0, at);
  }
  return bytes;
}

/** A folder with what real folders have: large and small files, empty ones, Unicode names, an executable, nested and empty folders. */
export async function makeTree(
  root: string,
  { small = 50, large = 2 * 1024 * 1024 }: { readonly small?: number; readonly large?: number } = {},
): Promise<void> {
  const put = async (path: string, content: Buffer | string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  await put('film.mov', noise(large));
  await put('empty.txt', '');
  await put('Grüße/日本語/🎉 party.txt', 'Unicode');
  await put('bin/run.sh', '#!/bin/sh\n');
  await chmod(join(root, 'bin/run.sh'), 0o755);
  await mkdir(join(root, 'nothing/inside/here'), { recursive: true });
  for (let i = 0; i < small; i += 1)
    await put(`many/${String(i % 7)}/file ${String(i)}.txt`, noise(i * 37, i + 1));
  await utimes(join(root, 'film.mov'), new Date('2001-02-03T04:05:06Z'), new Date('2001-02-03T04:05:06Z'));
}

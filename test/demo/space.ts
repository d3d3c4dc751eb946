import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../../shared/format.ts';
import { DemoError } from './demo-error.ts';

/** What profiles, windows and file systems need besides the content, in bytes. */
const MARGIN = 100_000_000;

/** What the file or folder at `path` holds, in bytes, links counted as what they lead to. What cannot be read counts as nothing. */
export async function measure(path: string): Promise<number> {
  const seen = new Set<string>();
  const visit = async (place: string): Promise<number> => {
    try {
      const stats = await stat(place, { bigint: true });
      if (!stats.isDirectory()) return stats.isFile() ? Number(stats.size) : 0;
      const identity = `${stats.dev}:${stats.ino}`;
      if (seen.has(identity)) return 0;
      seen.add(identity);
      let total = 0;
      for (const name of await readdir(place)) total += await visit(join(place, name));
      return total;
    } catch {
      return 0;
    }
  };
  return await visit(path);
}

/** Throws DemoError when the disk that `folder` lies on has no room for `bytes`. */
export async function checkSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder, { bigint: true });
  const free = Number(bavail * bsize);
  const needed = bytes + MARGIN;
  if (free >= needed) return;
  throw new DemoError(
    `There is not enough free space in ${folder}: this takes about ${formatBytes(needed)}, and ${formatBytes(free)} are free.\n` +
      'Make room, or name a folder on another disk: TMPDIR=/another/folder npm run demo',
  );
}

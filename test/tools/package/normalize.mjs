import { chmod, lstat, lutimes, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The time that everything made from a commit carries, in seconds since 1970: that of the commit. */
export function sourceDate() {
  const epoch = Number(process.env['SOURCE_DATE_EPOCH']);
  if (!Number.isSafeInteger(epoch) || epoch <= 0) throw new Error('SOURCE_DATE_EPOCH is not set');
  return epoch;
}

/**
 * Gives a tree the modes and times that do not depend on who built it when: 755 for folders and what can be run, 644 for
 * the rest.
 *
 * @param {string} path
 */
export async function normalizeTree(path) {
  const stats = await lstat(path);
  if (stats.isDirectory()) {
    for (const name of await readdir(path)) await normalizeTree(join(path, name));
    await chmod(path, 0o755);
  } else if (stats.isFile()) {
    await chmod(path, (stats.mode & 0o111) === 0 ? 0o644 : 0o755);
  }
  await lutimes(path, sourceDate(), sourceDate());
}

import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { NO_FOLLOW, NO_WAIT } from './disk.ts';
import { isSame } from './real-place.ts';

/** How much of a file's end is remembered, in bytes. */
const END_BYTES = 4096;

/** In hexadecimal digits. */
const MARK_LENGTH = 32;

/** A file that was written into so shortly before, in ms, is one that somebody may be appending to. */
const FRESH_MS = 5_000;

/** Whether a file was written into just now, or at a time that is still to come. */
export function isFresh({ mtimeNs }: BigIntStats, now = Date.now()): boolean {
  return Number(mtimeNs / 1_000_000n) > now - FRESH_MS;
}

/**
 * What stands at the end of the first `size` bytes of an open file, as a digest: in a file that was only
 * appended to it still stands there, and in one that was written anew, and is longer now, it does not.
 * Undefined where the file has fewer bytes. Throws system errors.
 */
export function endMark(fd: number, size: number): string | undefined {
  const bytes = Buffer.alloc(Math.min(size, END_BYTES));
  for (let filled = 0; filled < bytes.length;) {
    const position = size - bytes.length + filled;
    const count = readSync(fd, bytes, filled, bytes.length - filled, position);
    if (count === 0) return undefined;
    filled += count;
  }
  return hash('sha256', bytes).slice(0, MARK_LENGTH);
}

/** As `endMark`, of the file at `path` that `stats` were read of; undefined where that cannot be read. */
export function endMarkAt(path: string, stats: BigIntStats): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
    return isSame(fstatSync(fd, { bigint: true }), stats) ? endMark(fd, Number(stats.size)) : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { NO_FOLLOW } from './disk.ts';

/** What it takes to put one thing under a name that nobody has. All of these throw system errors. */

export type Kind = 'file' | 'folder';

/** Up to `most` names in a folder, sorted. */
export function readSome(folder: string, most: number): string[] {
  const directory = opendirSync(folder);
  try {
    const names: string[] = [];
    while (names.length < most) {
      const entry = directory.readSync();
      if (entry === null) break;
      names.push(entry.name);
    }
    return names.sort();
  } finally {
    directory.closeSync();
  }
}

/** Puts a placeholder under a name, and gives what tells it from another thing there. */
export function claim(path: string, kind: Kind): BigIntStats {
  if (kind === 'folder') {
    mkdirSync(path, 0o700);
    return lstatSync(path, { bigint: true });
  }
  const fd = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | NO_FOLLOW, 0o600);
  try {
    return fstatSync(fd, { bigint: true });
  } finally {
    closeSync(fd);
  }
}

/** Takes a placeholder away, unless something else is under the name by now: that is not ours to delete. */
export function release(path: string, kind: Kind, claimed: BigIntStats): void {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (there?.ino !== claimed.ino || there.dev !== claimed.dev || !isEmpty(path, kind)) return;
  if (kind === 'folder') rmdirSync(path);
  else unlinkSync(path);
}

/** Whether an empty file, or an empty folder, is what is at `path`. */
export function isEmpty(path: string, kind: Kind): boolean {
  const stats = lstatSync(path);
  if (kind === 'file') return stats.isFile() && stats.size === 0;
  return stats.isDirectory() && readSome(path, 1).length === 0;
}

/**
 * Whether the very thing that was at its source is what is at `path`. The inode alone does not tell: that of a source which
 * somebody removed may have been given to our own placeholder.
 */
export function isAt(path: string, stats: BigIntStats): boolean {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (there?.dev !== stats.dev || there.ino !== stats.ino) return false;
  // A folder's time may change as it is moved, the moment it was made does not.
  if (there.isDirectory()) return there.birthtimeNs > 0n && there.birthtimeNs === stats.birthtimeNs;
  return there.size === stats.size && there.mtimeNs === stats.mtimeNs;
}

/** Windows renames a folder only to a name that nobody has. */
export function renameToAbsent(source: string, target: string): boolean {
  if (isTaken(target)) return false;
  try {
    renameSync(source, target);
    return true;
  } catch (error) {
    if (isTaken(target)) return false;
    throw error;
  }
}

/** Whether there is anything at `path`, a link included. */
export function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

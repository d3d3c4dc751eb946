import { closeSync, constants, futimesSync, openSync, utimesSync } from 'node:fs';
import { DIRECTORY, NO_FOLLOW } from './disk.ts';

/** Modification times in microseconds since 1970, which is what every desktop file system can hold. */

/** Nanoseconds rounded down to microseconds, before 1970 as well. */
export function microseconds(ns: bigint): number {
  const below = ns % 1000n < 0n ? 1n : 0n;
  return Number(ns / 1000n - below);
}

/** Sets the time of an open file or folder. What cannot hold it (a FAT file from 1970) keeps its own: no reason to fail. */
export function setTime(fd: number, mtimeUs: number): void {
  const time = systemTime(mtimeUs);
  attempt(() => {
    futimesSync(fd, time, time);
  });
}

/** As `setTime`, where there is only a path. */
export function setTimeAt(path: string, mtimeUs: number): void {
  const time = systemTime(mtimeUs);
  attempt(() => {
    utimesSync(path, time, time);
  });
}

/** Runs `move`, which moves a folder, and gives the folder its time back: some file systems take a move for a change of it. */
export function keepFolderTime<T>(folder: string, mtimeNs: bigint, move: () => T): T {
  if (DIRECTORY === 0) return move();
  const fd = openSync(folder, constants.O_RDONLY | DIRECTORY | NO_FOLLOW);
  try {
    const moved = move();
    setTime(fd, microseconds(mtimeNs));
    return moved;
  } finally {
    closeSync(fd);
  }
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // Best effort, as said above.
  }
}

/**
 * Seconds as Node takes them: a double, of which there is one for about every fourth part of a microsecond at today's dates, and
 * what it has beyond whole nanoseconds is cut off. A whole second arrives as it is: what unpacked, downloaded and copied files have
 * must not become newer than where it came from. Of any other time a third of a microsecond is added, so that the microsecond is
 * the same. A number below zero means "now" to Node, a text does not.
 */
function systemTime(mtimeUs: number): number | string {
  const seconds = mtimeUs % 1e6 === 0 ? mtimeUs / 1e6 : (mtimeUs + 0.3) / 1e6;
  return seconds < 0 ? String(seconds) : seconds;
}

import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_OFFER_NAMES } from '../../../shared/limits.ts';
import { NO_FOLLOW, errnoOf } from './disk.ts';
import type { Disk } from './disk.ts';
import { keepFolderTime } from './mtime.ts';
import { freeName } from './names.ts';

/**
 * Moves finished things to where the user sees them. A name belongs to whoever has it: it is claimed by making something new under
 * it, which fails when there is anything, a link (dangling or not) included; then the next name is tried.
 */

/** A folder where this many numbers are taken is full of them by intent. */
const MAX_NUMBER = 100_000;

/** Read at once; the rest is read after these are moved. */
const BATCH = 1024;

/**
 * Moves everything in `from` into `to` (both anchored paths, one file system). Gives the first names under which things are now.
 * `check` is called before each move and throws when the folders are no longer the ones they were. A crash in between leaves
 * complete things under their names, and the rest where it was.
 */
export function moveAll(from: string, to: string, disk: Disk, check: () => void): string[] {
  const names: string[] = [];
  for (;;) {
    const batch = readSome(from);
    if (batch.length === 0) return names;
    for (const name of batch) {
      check();
      const moved = move(join(from, name), to, name, disk);
      if (names.length < MAX_OFFER_NAMES) names.push(moved);
    }
  }
}

/** Up to BATCH names in a folder, sorted. */
function readSome(folder: string): string[] {
  const directory = opendirSync(folder);
  try {
    const names: string[] = [];
    while (names.length < BATCH) {
      const entry = directory.readSync();
      if (entry === null) break;
      names.push(entry.name);
    }
    return names.sort();
  } finally {
    directory.closeSync();
  }
}

function move(source: string, folder: string, name: string, disk: Disk): string {
  const stats = lstatSync(source, { bigint: true });
  if (!stats.isFile() && !stats.isDirectory()) {
    throw new SealaneError('destination-changed', { detail: 'neither a file nor a folder' });
  }
  if (stats.isFile()) {
    return claimName(folder, name, 'file', (target) => moveFile(source, target, disk));
  }
  return keepFolderTime(source, stats.mtimeNs, () =>
    claimName(folder, name, 'folder', (target) => moveFolder(source, target)),
  );
}

/** Tries `name`, ` (2)`, ` (3)`, … until `moveTo` succeeds; gives the name that it was. */
function claimName(
  folder: string,
  name: string,
  kind: 'file' | 'folder',
  moveTo: (target: string) => boolean,
): string {
  for (let n = 1; n <= MAX_NUMBER; n++) {
    const free = n === 1 ? name : freeName(name, n, kind);
    if (moveTo(join(folder, free))) return free;
  }
  throw new SealaneError('destination-unusable', { detail: 'no free name' });
}

/** False when the name is taken. A hard link is exclusive and whole at once; where there are none, an empty file claims the name. */
function moveFile(source: string, target: string, disk: Disk): boolean {
  try {
    disk.link(source, target);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    return moveFileWithoutLink(source, target);
  }
  unlinkSync(source);
  return true;
}

function moveFileWithoutLink(source: string, target: string): boolean {
  const claim = (): void => {
    closeSync(openSync(target, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | NO_FOLLOW, 0o600));
  };
  return moveOver(source, target, claim, unlinkSync);
}

function moveFolder(source: string, target: string): boolean {
  if (process.platform === 'win32') return renameToAbsent(source, target);
  // rename(2) replaces an empty folder and nothing else: if somebody was quick to put something into ours, it fails.
  const claim = (): void => {
    mkdirSync(target, 0o700);
  };
  return moveOver(source, target, claim, rmdirSync);
}

/** Claims the name with a placeholder and puts the thing in its place. False when the name is taken. */
function moveOver(
  source: string,
  target: string,
  claim: () => void,
  release: (path: string) => void,
): boolean {
  try {
    claim();
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    renameSync(source, target);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error))) return false;
    release(target);
    throw error;
  }
}

/** Windows renames a folder only to a name that nobody has. */
function renameToAbsent(source: string, target: string): boolean {
  if (isTaken(target)) return false;
  try {
    renameSync(source, target);
    return true;
  } catch (error) {
    if (isTaken(target)) return false;
    throw error;
  }
}

function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

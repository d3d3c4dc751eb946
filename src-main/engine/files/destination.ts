import { mkdirSync, realpathSync, rmdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { errnoOf, openingError } from './disk.ts';
import type { Disk, DiskSpace } from './disk.ts';
import { isStill, markFolder } from './folder-mark.ts';
import type { FolderMark } from './folder-mark.ts';
import type { NameTarget } from './names.ts';

/** The folder to receive into. */
export interface Destination {
  /** The path as it was asked for. */
  readonly into: string;
  /** The same with every link resolved, once. */
  readonly folder: FolderMark;
  /** Folders that were made for this transfer, outermost first: only these may be taken away again. */
  readonly made: readonly FolderMark[];
}

/** Finds or makes the destination. Throws `destination-unusable`, `no-space`; then nothing is left behind. */
export function openDestination(asked: string): Destination {
  if (!isAbsolute(asked) || asked.includes('\0')) {
    throw new SealaneError('destination-unusable', { detail: 'not an absolute path' });
  }
  const into = resolve(asked);
  const made: FolderMark[] = [];
  try {
    makeFolders(into, made);
    const real = realpathSync.native(into);
    return { into, folder: markFolder(real), made };
  } catch (error) {
    removeMade(made);
    throw openingError(error);
  }
}

function makeFolders(path: string, made: FolderMark[]): void {
  const missing: string[] = [];
  let at = path;
  while (!exists(at)) {
    missing.push(at);
    const parent = dirname(at);
    if (parent === at) break;
    at = parent;
  }
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder);
      made.push(markFolder(folder));
    } catch (error) {
      // Another transfer was faster; it is that one's to remove.
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Takes away what `openDestination` made, as far as it is still there and empty. Never throws. */
export function removeMade(made: readonly FolderMark[]): void {
  for (const folder of [...made].reverse()) {
    try {
      if (isStill(folder)) rmdirSync(folder.path);
    } catch {
      // Not empty, or not ours to remove: it stays.
      return;
    }
  }
}

/** Left free, so that the rest of the system goes on working while the last byte arrives. */
const RESERVE_BYTES = 16 * 1024 * 1024;

/** statfs(2) names of what keeps to Windows' rules on whatever system: msdos, exfat, ntfs, ntfs3, fuseblk (ntfs-3g), cifs, smb2. */
const WINDOWS_FILE_SYSTEMS = [0x4d44, 0x2011bab0, 0x5346544e, 0x7366746e, 0x65735546, 0xff534d42, 0xfe534d42];

export interface Demand {
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
}

/** Throws `no-space` unless `demand` fits. */
export function checkSpace(folder: FolderMark, demand: Demand, disk: Disk): void {
  const space = disk.space(folder.path);
  const wanted = demand.bytes + roundingLoss(demand, space) + RESERVE_BYTES;
  if (space.freeBytes !== null && space.freeBytes < wanted)
    throw new SealaneError('no-space', { detail: 'bytes' });
  if (space.freeInodes !== null && space.freeInodes < demand.files + demand.folders) {
    throw new SealaneError('no-space', { detail: 'inodes' });
  }
}

/** The rules of names that hold there. */
export function nameTarget(folder: FolderMark, disk: Disk): NameTarget {
  const { type } = disk.space(folder.path);
  return process.platform === 'win32' || WINDOWS_FILE_SYSTEMS.includes(type) ? 'windows' : 'posix';
}

/** Half a block is lost per file on average, and about one per folder. Some network file systems state huge blocks: capped. */
function roundingLoss(demand: Demand, space: DiskSpace): number {
  const block = Math.min(space.blockSize, 4096);
  return (demand.files * block) / 2 + demand.folders * block;
}

import { isAbsolute, resolve } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { missingMount } from '../../mount-points.ts';
import { openingError } from './disk.ts';
import type { DiskSpace } from './disk.ts';
import { isSameFolder, removeFolder } from './folder-mark.ts';
import type { FolderMark } from './folder-mark.ts';
import { walkTo } from './folder-walk.ts';

/** The folder to receive into. */
export interface Destination {
  /** The path as it was asked for. */
  readonly into: string;
  /** The same with every link resolved, once. */
  readonly folder: FolderMark;
  /**
   * Folders that were made for this transfer, by their real paths, outermost first: only these may be
   * taken away again.
   */
  readonly made: readonly FolderMark[];
}

/**
 * Finds or makes the destination. `earlier`: the one in which the same transfer was begun before, if it was.
 * Throws `destination-unusable`, `no-space`, and `destination-changed` where what stands there now is neither
 * that folder nor this user's own or root's: another user, who may write in the folder above, would have what
 * is received in a folder of his own. Then nothing is left behind. `mountPoint`: where the disk was mounted that the
 * folder was on when it was chosen; nothing is made where that disk would be.
 */
export function openDestination(
  asked: string,
  earlier?: FolderMark,
  mountPoint: string | null = null,
): Destination {
  if (!isAbsolute(asked) || asked.includes('\0')) {
    throw new SealaneError('destination-unusable', { detail: 'not an absolute path' });
  }
  const into = resolve(asked);
  if (missingMount(into, mountPoint) !== undefined)
    throw new SealaneError('destination-unusable', { detail: 'no disk' });
  const made: FolderMark[] = [];
  try {
    const { folder, isOwn } = walkTo(into, (each) => made.push(each));
    const isAllowed = isOwn || [earlier, made.at(-1)].some((each) => each && isSameFolder(each, folder));
    if (earlier === undefined || isAllowed) return { into, folder, made };
    removeMade(made);
  } catch (error) {
    removeMade(made);
    throw openingError(error);
  }
  throw new SealaneError('destination-changed', { detail: 'a folder of another user' });
}

/** Takes away what `openDestination` made, as far as it is still there and empty. Never throws. */
export function removeMade(made: readonly FolderMark[]): void {
  for (const folder of [...made].reverse()) {
    try {
      removeFolder(folder);
    } catch {
      // Not empty, or not ours to remove: it stays, and what is above it is not empty either.
      return;
    }
  }
}

/** Left free, so that the rest of the system goes on working while the last byte arrives. */
export const RESERVE_BYTES = 16 * 1024 * 1024;

/** The same of files and folders; more than are made until it is asked again how many are free. */
export const RESERVE_INODES = 512;

export interface Demand {
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
}

/** Bytes that `demand` takes of a disk. */
export function demandBytes(demand: Demand, space: DiskSpace): number {
  return demand.bytes + roundingLoss(demand, space);
}

/** Half a block is lost per file on average, and about one per folder. Some network file systems state huge blocks: capped. */
function roundingLoss(demand: Demand, space: DiskSpace): number {
  const block = Math.min(space.blockSize, 4096);
  return (demand.files * block) / 2 + demand.folders * block;
}

import { mkdirSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import type { TransferId } from '../../../shared/views.ts';
import { removeMade } from './destination.ts';
import { errnoOf } from './disk.ts';
import { markFolder, openAnchor } from './folder-mark.ts';
import type { FolderMark } from './folder-mark.ts';

/** What must be known to remove a transfer's traces, also from another thread or after a crash. Plain data. */
export interface StagingRecord {
  /** The staging folder. */
  readonly folder: FolderMark;
  /** Folders on the way to the destination that the transfer made, outermost first. */
  readonly made: readonly FolderMark[];
}

/** In the staging folder: the content, and the list of its folders. Apart, so that no name of a peer meets one of ours. */
export const TREE_NAME = 'tree';
export const SPOOL_NAME = 'folders';

/** The name is free but for a staging folder that a crash left behind under the same transfer. */
const MAX_ATTEMPTS = 9;

/** Makes a new folder in `destination` that only this user can enter. Throws system errors. */
export function makeStagingFolder(destination: FolderMark, transfer: TransferId): FolderMark {
  const name = `.sealane-${transfer.slice(0, 16)}`;
  for (let n = 1; n <= MAX_ATTEMPTS; n++) {
    const path = join(destination.path, n === 1 ? name : `${name}-${n}`);
    try {
      mkdirSync(path, 0o700);
      return markFolder(path);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }
  throw new SealaneError('destination-unusable', { detail: 'too many staging folders' });
}

/**
 * Removes a staging folder with all in it, and the folders that were made for it if they are empty. Follows no link, and does
 * nothing when something else stands in the folder's place. Never throws: what cannot be removed stays.
 */
export function discardStaging(record: StagingRecord): void {
  try {
    const anchor = openAnchor(record.folder);
    try {
      for (const name of readdirSync(anchor.path)) {
        rmSync(join(anchor.path, name), { recursive: true, force: true });
      }
    } finally {
      anchor.close();
    }
    rmdirSync(record.folder.path);
  } catch {
    // Gone, replaced or not removable: in each case there is nothing more to do.
  }
  removeMade(record.made);
}

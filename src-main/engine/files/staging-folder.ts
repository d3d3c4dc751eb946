import { randomBytes, timingSafeEqual } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import type { TransferId } from '../../../shared/views.ts';
import { removeMade } from './destination.ts';
import { NO_FOLLOW, NO_WAIT, errnoOf } from './disk.ts';
import { folderMarkSchema, markFolder, openAnchor } from './folder-mark.ts';
import type { FolderMark } from './folder-mark.ts';

/** What must be known to find a staging folder again, and to remove it, also from another process. */
export const stagingPlaceSchema = z.strictObject({
  /** The destination as it was asked for. */
  into: z.string().min(1),
  /** The destination, links resolved. */
  destination: folderMarkSchema,
  /** Folders on the way to the destination that the transfer made, outermost first. */
  made: z.array(folderMarkSchema).readonly(),
  /** The staging folder. */
  folder: folderMarkSchema,
  /** What the file ID_NAME in it holds. */
  token: z.string().regex(/^[0-9a-f]{32}$/),
});
export type StagingPlace = z.infer<typeof stagingPlaceSchema>;

/** In the staging folder: the content. Apart, so that no name of a peer meets one of ours. */
export const TREE_NAME = 'tree';
/** Newer versions of files in the tree, until they take their places; each called by the number of its entry. */
export const AGAIN_NAME = 'again';
/** The token. */
export const ID_NAME = 'id';

/** The name is free but for a staging folder that a crash left behind under the same transfer. */
const MAX_ATTEMPTS = 9;

/** Makes a new folder in `destination` that only this user can enter, with what belongs in it. Throws system errors. */
export function makeStagingFolder(
  destination: FolderMark,
  transfer: TransferId,
): { readonly folder: FolderMark; readonly token: string } {
  const folder = makeEmpty(destination, transfer);
  const token = randomBytes(16).toString('hex');
  try {
    writeFileSync(join(folder.path, ID_NAME), token, { flag: 'wx', mode: 0o600 });
    for (const name of [TREE_NAME, AGAIN_NAME]) mkdirSync(join(folder.path, name), 0o700);
  } catch (error) {
    removeStaging(folder);
    throw error;
  }
  return { folder, token };
}

function makeEmpty(destination: FolderMark, transfer: TransferId): FolderMark {
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
 * The staging folder as it stands now; null when it is not there any more, or something else is. It is known by its number in the
 * file system, or, since that is another one on a stick that was plugged in again, by the token that nobody else can read.
 */
export function findStaging(place: StagingPlace): FolderMark | null {
  try {
    const there = markFolder(place.folder.path);
    const isSame = there.dev === place.folder.dev && there.ino === place.folder.ino;
    return isSame || hasToken(there, place.token) ? there : null;
  } catch {
    return null;
  }
}

function hasToken(folder: FolderMark, token: string): boolean {
  const anchor = openAnchor(folder);
  try {
    const fd = openSync(join(anchor.path, ID_NAME), constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
    try {
      const wanted = Buffer.from(token);
      const stats = fstatSync(fd);
      if (!stats.isFile() || stats.size !== wanted.length) return false;
      return timingSafeEqual(readFileSync(fd), wanted);
    } finally {
      closeSync(fd);
    }
  } finally {
    anchor.close();
  }
}

/**
 * Removes a staging folder with all in it, and the folders that were made for it if they are empty. Follows no link, and does
 * nothing when something else stands in the folder's place. Never throws: what cannot be removed stays.
 */
export function discardStaging(place: StagingPlace): void {
  const folder = findStaging(place);
  if (folder !== null) removeStaging(folder);
  removeMade(place.made);
}

function removeStaging(folder: FolderMark): void {
  try {
    const anchor = openAnchor(folder);
    try {
      for (const name of readdirSync(anchor.path)) {
        rmSync(join(anchor.path, name), { recursive: true, force: true });
      }
    } finally {
      anchor.close();
    }
    rmdirSync(folder.path);
  } catch {
    // Gone, replaced or not removable: in each case there is nothing more to do.
  }
}

/** As `discardStaging`, for a thread that must not wait for a disk. */
export async function discardStagingAsync(place: StagingPlace): Promise<void> {
  const folder = findStaging(place);
  if (folder !== null) {
    try {
      const anchor = openAnchor(folder);
      try {
        for (const name of readdirSync(anchor.path)) {
          await rm(join(anchor.path, name), { recursive: true, force: true });
        }
      } finally {
        anchor.close();
      }
      rmdirSync(folder.path);
    } catch {
      // As above.
    }
  }
  removeMade(place.made);
}

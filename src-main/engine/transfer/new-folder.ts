import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { NoSpace } from '../../../shared/no-space.ts';
import { aboutFolder } from '../../../shared/received-folder.ts';
import { discardJournaled, hasAllArrived } from '../content/leftover.ts';
import { RESERVE_BYTES } from '../files/destination.ts';
import { openingError, errnoOf } from '../files/disk.ts';
import { mountPointOf, missingMount } from '../../mount-points.ts';
import type { ChosenFolder } from './consent.ts';
import { noteProgress } from './progress-note.ts';

/** Where an unfinished transfer goes from now on, by the word of this device's user. */
export interface NewFolder {
  /** Absolute path. */
  readonly into: string;
  /** Bytes of the whole transfer: all of it is received anew. */
  readonly bytes: number;
  /** Of the transfer, in the profile. */
  readonly journalFolder: string;
}

/**
 * Gives a transfer another folder; nothing else may work on it meanwhile. `note` writes the new consent. What had arrived is removed, since it
 * is received anew; gives whether nothing is left of it: what lies on a medium that is not there stays. Throws what is wrong with the
 * folder, `transfer-arrived`, and what `note` throws; then all is as before.
 */
export async function takeNewFolder(
  { into, bytes, journalFolder }: NewFolder,
  note: (chosen: Required<ChosenFolder>) => Promise<void>,
): Promise<boolean> {
  await checkUsable(into, bytes);
  // Some of it may stand under its name already.
  if (await hasAllArrived(journalFolder)) throw new SealaneError('transfer-arrived');
  // In this order: the start after a kill in between finds a journal of another consent, and removes what it names.
  await note({ destination: into, mountPoint: mountPointOf(into) });
  const isClean = await discardJournaled(journalFolder).catch(() => false);
  noteProgress(journalFolder, { bytes: 0, files: 0 });
  return isClean;
}

/** Throws what would keep `bytes` from being received into a folder, as far as that can be known; the nearest folder above it counts. */
async function checkUsable(into: string, bytes: number): Promise<void> {
  if (!isAbsolute(into)) throw new SealaneError('destination-unusable', { detail: 'not an absolute path' });
  try {
    if (missingMount(into) !== undefined)
      throw new SealaneError('destination-unusable', { detail: 'no disk' });
    const at = await nearest(into);
    await access(at, constants.W_OK | constants.X_OK);
    const { bavail, blocks, bsize } = await statfs(at);
    const [needed, free] = [bytes + RESERVE_BYTES, bavail * bsize];
    if (blocks > 0 && free < needed) throw new NoSpace({ needed, free });
  } catch (error) {
    throw aboutFolder(openingError(error), into);
  }
}

/** The folder itself, or the first one above it that is there. Throws ENOTDIR for something else. */
async function nearest(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      if ((await stat(at)).isDirectory()) return at;
      throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || at === dirname(at)) throw error;
    }
  }
}

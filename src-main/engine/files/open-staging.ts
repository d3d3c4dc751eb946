import { existsSync } from 'node:fs';
import { SealaneError } from '../../../shared/errors.ts';
import { openDestination, removeMade } from './destination.ts';
import type { Demand } from './destination.ts';
import { nodeDisk, openingError } from './disk.ts';
import type { Disk } from './disk.ts';
import { discardStaging } from './discard-staging.ts';
import { DiskStaging } from './disk-staging.ts';
import { EntryLog } from './entry-log.ts';
import type { FolderMark } from './folder-mark.ts';
import { FolderSpool } from './folder-spool.ts';
import { ListSpace } from './list-space.ts';
import { nameRules } from './name-rules.ts';
import { LeftOutLog } from './left-out-log.ts';
import { RenameLog } from './rename-log.ts';
import { makeStagingFolder } from './staging-folder.ts';
import type { StagingFolderOptions, StagingPlace } from './staging-folder.ts';
import { SpaceGuard } from './space-guard.ts';
import { SpaceClaim } from './space-ledger.ts';
import { sideFiles } from './staging.ts';
import type { Staging } from './staging.ts';

export interface StagingOptions extends StagingFolderOptions {
  /** Absolute path of the folder to receive into; made when absent. */
  readonly destination: string;
  /** Where the disk was mounted that it was on when it was chosen. Default: not known. */
  readonly mountPoint?: string | null;
  readonly offered: Demand;
  /** The destination in which the same transfer was begun before, if it was. */
  readonly earlier?: FolderMark | undefined;
  /** Absolute path of a folder of this device's own, for the lists beside the journal. */
  readonly journalFolder: string;
  /** What others of this process need. Default: nothing. */
  readonly space?: SpaceClaim | undefined;
  /** Default: the real one. */
  readonly disk?: Disk;
}

/** How often a destination is opened that is gone again before anything is in it. */
const MAX_TRIES = 3;

/**
 * Checks the destination (absolute, a folder, writable, with room for what was offered) and makes the staging
 * folder. Throws `destination-unusable`, `no-space`, and `destination-changed` where that is another user's
 * folder and not `earlier`; then nothing is left behind there. Throws `profile-unusable`.
 */
export function openStaging(options: StagingOptions): Staging {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const staging = openOnce(options);
    if (staging !== null) return staging;
  }
  throw new SealaneError('destination-unusable', { detail: 'gone again' });
}

/**
 * Null when the destination is gone before anything is in it: another transfer that ends takes away a folder
 * that it had made, where that is empty.
 */
function openOnce(options: StagingOptions): Staging | null {
  const disk = options.disk ?? nodeDisk;
  const opened = openDestination(options.destination, options.earlier, options.mountPoint);
  const { folder: destination, made } = opened;
  const claim = options.space ?? SpaceClaim.alone();
  const space = new SpaceGuard(destination, disk, claim);
  let place: StagingPlace | undefined;
  try {
    space.begin(options.offered);
    place = makeStagingFolder(opened, options);
    const { folder } = place;
    const { folders, entries, renames, leftOut, details } = sideFiles(options.journalFolder);
    const lists = new ListSpace(options.journalFolder, disk, claim);
    return new DiskStaging({
      place,
      destination,
      folder,
      rules: nameRules(folder, disk),
      disk,
      space,
      spool: FolderSpool.create(folders, lists),
      entries: EntryLog.create(entries, lists),
      renames: RenameLog.create(renames, lists),
      leftOut: LeftOutLog.create(leftOut, lists),
      details,
      lists,
    });
  } catch (error) {
    const isGone = place === undefined && !existsSync(destination.path);
    space.end();
    if (place === undefined) removeMade(made);
    else discardStaging(place);
    if (isGone) return null;
    throw openingError(error);
  }
}

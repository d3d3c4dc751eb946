import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { checkSpace, nameTarget } from './destination.ts';
import type { Demand } from './destination.ts';
import { destinationError, errnoOf } from './disk.ts';
import type { Disk } from './disk.ts';
import { DiskStaging } from './disk-staging.ts';
import { EntryLog } from './entry-log.ts';
import { markFolder } from './folder-mark.ts';
import type { FolderMark } from './folder-mark.ts';
import { FolderSpool } from './folder-spool.ts';
import { PathSet } from './path-set.ts';
import { Publication } from './publication.ts';
import { TREE_NAME, findStaging } from './staging-folder.ts';
import type { StagingPlace } from './staging-folder.ts';
import { sideFiles } from './staging.ts';
import type { Staging, StagingState } from './staging.ts';

/**
 * Finds a staging folder again. Null when it is gone for good: the destination is there, and it is not. Throws
 * `destination-unusable` where the destination itself is not there, or another disk is in its place: a stick may be plugged in again.
 */
export function findAgain(place: StagingPlace): FolderMark | null {
  const folder = findStaging(place);
  if (folder !== null) return folder;
  let destination: FolderMark;
  try {
    destination = markFolder(place.destination.path);
  } catch (cause) {
    throw new SealaneError('destination-unusable', { cause, detail: errnoOf(cause) || 'no folder' });
  }
  if (destination.dev === place.destination.dev) return null;
  throw new SealaneError('destination-unusable', { detail: 'another disk' });
}

export interface ReopenOptions {
  /** As the journal has it. */
  readonly place: StagingPlace;
  /** The staging folder as it stands now. */
  readonly folder: FolderMark;
  readonly state: StagingState;
  readonly journalFolder: string;
  /** What is still to come. */
  readonly missing: Demand;
  readonly disk: Disk;
}

/**
 * Goes on with a staging folder: whatever the journal does not vouch for is removed. Null when it does not hold what the journal
 * says, or the lists beside the journal are damaged: then there is nothing to go on with. Throws `destination-changed`,
 * `destination-unusable`, `profile-unusable`, and `no-space` when the rest does not fit; then everything stays.
 */
export function reopenStaging(options: ReopenOptions): Staging | null {
  const { place, folder, state, missing, disk } = options;
  const files = sideFiles(options.journalFolder);
  const vouched = new PathSet();
  const closing: { close(): void }[] = [];
  try {
    const destination = markFolder(place.destination.path);
    const spool = FolderSpool.reopen(files.folders, state.folders, disk, (names) => {
      vouched.add('folder', names);
    });
    if (spool === null) return null;
    closing.push(spool);
    const entries = EntryLog.reopen(files.entries, state.entries, disk, (fate) => {
      if (fate.kind === 'kept') vouched.add('file', fate.names);
    });
    if (entries === null) return null;
    closing.push(entries);
    const target = nameTarget(destination, disk);
    const staging = new DiskStaging({ place, destination, folder, target, disk, spool, entries });
    closing.push({
      close: () => {
        staging.release();
      },
    });
    if (!staging.recover(vouched, state.partial)) return null;
    checkSpace(destination, missing, disk);
    closing.length = 0;
    return staging;
  } catch (error) {
    // The destination was there a moment ago: what is missing is something of the staging folder.
    if (errnoOf(error) === 'ENOENT') return null;
    throw destinationError(error);
  } finally {
    for (const each of closing) each.close();
  }
}

/** Goes on with a publication that was cut short. Null when there is nothing left to publish. Throws as `reopenStaging`. */
export function reopenPublication(place: StagingPlace, folder: FolderMark, disk: Disk): Publication | null {
  try {
    const destination = markFolder(place.destination.path);
    const tree = markFolder(join(folder.path, TREE_NAME));
    return new Publication(place, { destination, folder, tree }, disk);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw destinationError(error);
  }
}

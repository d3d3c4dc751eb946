import type { TransferId } from '../../../shared/views.ts';
import { checkSpace, nameTarget, openDestination, removeMade } from './destination.ts';
import type { Demand } from './destination.ts';
import { nodeDisk, openingError } from './disk.ts';
import type { Disk } from './disk.ts';
import { DiskStaging } from './disk-staging.ts';
import { EntryLog } from './entry-log.ts';
import { FolderSpool } from './folder-spool.ts';
import { discardStaging, makeStagingFolder } from './staging-folder.ts';
import type { StagingPlace } from './staging-folder.ts';
import { sideFiles } from './staging.ts';
import type { Staging } from './staging.ts';

export interface StagingOptions {
  /** Absolute path of the folder to receive into; made when absent. */
  readonly destination: string;
  readonly transfer: TransferId;
  readonly offered: Demand;
  /** Absolute path of a folder of this device's own, for the lists beside the journal. */
  readonly journalFolder: string;
  /** Default: the real one. */
  readonly disk?: Disk;
}

/**
 * Checks the destination (absolute, a folder, writable, with room for what was offered) and makes the staging folder.
 * Throws `destination-unusable`, `no-space`; then nothing is left behind there. Throws `profile-unusable`.
 */
export function openStaging(options: StagingOptions): Staging {
  const disk = options.disk ?? nodeDisk;
  const { into, folder: destination, made } = openDestination(options.destination);
  let place: StagingPlace | undefined;
  try {
    checkSpace(destination, options.offered, disk);
    const { folder, token } = makeStagingFolder(destination, options.transfer);
    place = { into, destination, made, folder, token };
    const { folders, entries } = sideFiles(options.journalFolder);
    return new DiskStaging({
      place,
      destination,
      folder,
      target: nameTarget(destination, disk),
      disk,
      spool: FolderSpool.create(folders, disk),
      entries: EntryLog.create(entries, disk),
    });
  } catch (error) {
    if (place === undefined) removeMade(made);
    else discardStaging(place);
    throw openingError(error);
  }
}

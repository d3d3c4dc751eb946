import { SealaneError } from '../../../shared/errors.ts';
import type { Demand } from './destination.ts';
import { destinationError, errnoOf, onDestination } from './disk.ts';
import type { Disk } from './disk.ts';
import { DiskStaging } from './disk-staging.ts';
import { EntryLog } from './entry-log.ts';
import { markAbove, markFolder, markInside } from './folder-mark.ts';
import type { FolderMark } from './folder-mark.ts';
import { FolderSpool } from './folder-spool.ts';
import { ListSpace } from './list-space.ts';
import { nameRules } from './name-rules.ts';
import { PathSet } from './path-set.ts';
import { Publication } from './publication.ts';
import { LeftOutLog } from './left-out-log.ts';
import { RenameLog } from './rename-log.ts';
import { EMPTY_MARK } from './side-file.ts';
import { TREE_NAME, lookForStaging } from './staging-folder.ts';
import type { StagingPlace } from './staging-folder.ts';
import { SpaceGuard } from './space-guard.ts';
import { SpaceClaim } from './space-ledger.ts';
import { sideFiles } from './staging.ts';
import type { Staging, StagingState } from './staging.ts';

/**
 * Finds a staging folder again. Null when it is gone for good: the destination is there, and it is not.
 * Throws `destination-unusable` where the destination itself is not there, or another disk is in its place: a
 * stick may be plugged in again; or where the system does not let it be looked at now.
 */
export function findAgain(place: StagingPlace): FolderMark | null {
  const folder = onDestination(() => lookForStaging(place));
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

/**
 * The destination in which the staging folder is. Found by way of that folder, which nobody else can put into
 * another one: at the path of the destination somebody might have put a folder of his own a moment ago.
 */
function destinationOf({ destination }: StagingPlace, folder: FolderMark): FolderMark {
  return markAbove(folder, destination.path);
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
  /** What others of this process need. Default: nothing. */
  readonly space?: SpaceClaim | undefined;
  readonly disk: Disk;
}

/**
 * Goes on with a staging folder: what its journal does not name is removed. Null when the tree in
 * it is gone, or the lists beside the journal are damaged: then there is nothing to go on
 * with. Where only some of what was in the tree is gone, the rest is gone on with, see `recover`; where the unfinished file is not
 * as it should be, `partial` is
 * null. Throws `destination-changed`, `destination-unusable`, `profile-unusable`, and `no-space` when the
 * rest does not fit; then everything stays.
 */
export function reopenStaging(options: ReopenOptions): Staging | null {
  const { place, folder, state, missing, disk } = options;
  const files = sideFiles(options.journalFolder);
  const claim = options.space ?? SpaceClaim.alone();
  const folders = new PathSet();
  let kept = new PathSet();
  const closing: { close(): void }[] = [];
  try {
    const destination = destinationOf(place, folder);
    const lists = new ListSpace(options.journalFolder, disk, claim);
    const spool = FolderSpool.reopen(files.folders, state.folders, lists, (names) => {
      folders.add('folder', names);
    });
    if (spool === null) return null;
    closing.push(spool);
    const entries = EntryLog.reopen(files.entries, state.entries, lists, (fate) => {
      if (fate.kind === 'kept') kept.add('file', fate.names);
    });
    if (entries === null) return null;
    closing.push(entries);
    if (entries.hasLost) {
      // What was left out as lost, and is there again, is no file of this transfer: its end counts it as left out.
      kept = new PathSet();
      for (const { names } of entries.kept()) kept.add('file', names);
    }
    const renames = RenameLog.reopen(files.renames, state.renames, lists);
    if (renames === null) return null;
    closing.push(renames);
    const leftOut = LeftOutLog.reopen(files.leftOut, state.leftOut ?? EMPTY_MARK, lists);
    closing.push(leftOut);
    const rules = nameRules(folder, disk);
    const space = new SpaceGuard(destination, disk, claim);
    const logs = { spool, entries, renames, leftOut, details: files.details, lists };
    const staging = new DiskStaging({ place, destination, folder, rules, disk, space, ...logs });
    closing.push({
      close: () => {
        staging.release();
      },
    });
    staging.recover({ files: kept, folders }, state.partial);
    // An unfinished file that was not found comes anew.
    const lost = staging.partial === null ? (state.partial?.offset ?? 0) : 0;
    space.begin({ ...missing, bytes: missing.bytes + lost });
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
    const destination = destinationOf(place, folder);
    const tree = markInside(folder, TREE_NAME);
    return new Publication(place, { destination, folder, tree }, disk);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw destinationError(error);
  }
}

import { join } from 'node:path';
import { z } from 'zod';
import type { SkipReason } from '../../../shared/views.ts';
import type { EntryLog, KeptFile } from './entry-log.ts';
import type { LeftOutLog } from './left-out-log.ts';
import type { PublishLog, Published } from './publication.ts';
import type { Renames, RenameLog } from './rename-log.ts';
import { sideMarkSchema } from './side-file.ts';
import type { StagedFile, StagedFileOptions } from './staged-file.ts';
import type { StagingPlace } from './staging-folder.ts';

/** Nothing was put on disk for this path, and why; the transfer goes on. */
export interface SkippedPath {
  readonly skipped: SkipReason;
}

/** A folder that is there now. */
export interface StagedFolder {
  /** Names on disk, from the top-level item down. */
  readonly names: readonly string[];
}

/** Where one file stands that is not whole yet. */
export const partialFileSchema = z.strictObject({
  /** `again`: it is a newer version of a file that is here already, called by the number of its entry. */
  place: z.enum(['tree', 'again']),
  names: z.array(z.string().min(1)).min(1).readonly(),
  /** Bytes of it that count; never 0, for then there is nothing to go on with. */
  offset: z.number().int().min(1),
});
export type PartialFile = z.infer<typeof partialFileSchema>;

/** What the journal must know of a staging folder to go on with it. */
export const stagingStateSchema = z.strictObject({
  folders: sideMarkSchema,
  entries: sideMarkSchema,
  renames: sideMarkSchema,
  /** Null: that list is lost. */
  leftOut: sideMarkSchema.nullable(),
  partial: partialFileSchema.nullable(),
});
export type StagingState = z.infer<typeof stagingStateSchema>;

/** The state at one moment. */
export interface Captured {
  readonly state: StagingState;
  /** Resolves once all of it would survive a power cut; until then nothing may vouch for it. */
  readonly synced: Promise<void>;
  /** To be called once the journal vouches for it. */
  settle(): void;
}

/** An older version of a file that is here, whose place a newer one takes. */
export interface OlderVersion {
  readonly entry: number;
  readonly names: readonly string[];
}

/** In the journal's folder: the lists. */
const FOLDERS_NAME = 'folders';
const ENTRIES_NAME = 'entries';
const RENAMES_NAME = 'renames';
const LEFT_OUT_NAME = 'left-out';
/** What comes of the last two. */
const DETAILS_NAME = 'details';
/** What was moved by a publication under way. */
const MOVED_NAME = 'moved';
export const SIDE_FILE_NAMES = [
  FOLDERS_NAME,
  ENTRIES_NAME,
  RENAMES_NAME,
  LEFT_OUT_NAME,
  DETAILS_NAME,
  MOVED_NAME,
];

/**
 * A hidden folder in the destination, in which a transfer is built until it is whole.
 *
 *     destination/.sealane-0123456789abcdef/      a random name, mode 0700: nobody else gets in
 *                                          tree/   what arrives, under the names it will have
 *                                          again/  newer versions of what is in the tree, by the numbers of their entries
 *                                          id      what it is known by
 *
 * Everything but `release` and `discard` throws `destination-changed` when a folder is no longer the one that was made, `no-space`
 * and `destination-unusable` when the disk refuses; after a throw only those two may be called.
 */
export interface Staging {
  readonly place: StagingPlace;
  /** What became of the entries; its user's to write. */
  readonly entries: EntryLog;
  /** What got another name than it was sent under; its user's to write. */
  readonly renames: RenameLog;
  /** All that was left out; its user's to write. */
  readonly leftOut: LeftOutLog;
  /** A file that was not whole when the staging folder was left: to be gone on with, or dropped, before another one is made. */
  readonly partial: PartialFile | null;
  /** How many files and folders a sync would have to touch. */
  readonly unsynced: number;
  /**
   * From here to `endRound` a folder is looked at when it is entered, and not anew for each file. Never across a pause in which others
   * have their turn; begin again after one, which looks again.
   */
  beginRound(): void;
  /** Idempotent. */
  endRound(): void;
  /** Makes a folder and those above it, unless it is there. Throws `name-refused`. */
  makeFolder(path: readonly string[], options: { readonly mtimeUs: number }): StagedFolder | SkippedPath;
  /** Makes a new file and the folders above it. Tell the results apart by `'skipped' in result`. Throws `name-refused`. */
  createFile(path: readonly string[], options: StagedFileOptions): StagedFile | SkippedPath;
  /** Makes the file for the next entry, which takes the place of `older` some time after it is finished. */
  createNewer(older: OlderVersion, options: StagedFileOptions): StagedFile;
  /** Goes on with `partial`; `older` as for `createNewer` where it lies in that place. */
  goOn(options: StagedFileOptions, older: OlderVersion | null): StagedFile;
  /** Removes `partial`. */
  dropPartial(): void;
  /** Bytes in the newest whole version of a file. */
  sizeOf(older: OlderVersion): number;
  capture(): Captured;
  /**
   * Syncs everything, puts the top-level items under their names, overwriting nothing, and removes the staging folder. `onLost` is told,
   * before `log` is told to begin, of each file that is no longer there as it was, and is left out. Throws
   * `content-truncated` while a file is neither finished nor abandoned, `cancelled` when let go meanwhile.
   */
  publish(log: PublishLog, onLost?: (lost: KeptFile) => void): Promise<Published & Renames>;
  /** Closes everything and removes nothing. Idempotent. Never throws. */
  release(): void;
  /**
   * Removes the staging folder, and the destination if this transfer made it and it is empty. Idempotent; leaves alone what
   * `publish` has put under its name. Never throws.
   */
  discard(): void;
}

/** Where the lists of a transfer are. */
export function sideFiles(
  journalFolder: string,
): Readonly<Record<'folders' | 'entries' | 'renames' | 'leftOut' | 'moved' | 'details', string>> {
  return {
    folders: join(journalFolder, FOLDERS_NAME),
    entries: join(journalFolder, ENTRIES_NAME),
    renames: join(journalFolder, RENAMES_NAME),
    leftOut: join(journalFolder, LEFT_OUT_NAME),
    moved: join(journalFolder, MOVED_NAME),
    details: join(journalFolder, DETAILS_NAME),
  };
}

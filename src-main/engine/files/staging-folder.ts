import { randomBytes, timingSafeEqual } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { removeMade } from './destination.ts';
import type { Destination } from './destination.ts';
import { NO_FOLLOW, NO_WAIT, errnoOf } from './disk.ts';
import { folderMarkSchema, markFolder, openAnchor, removeFolder } from './folder-mark.ts';
import type { Anchor, FolderMark } from './folder-mark.ts';
import { ALL_TRIAL_NAMES } from './names.ts';

const TOKEN_CHARACTERS = 32;

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

/** A random name is free. */
const MAX_ATTEMPTS = 9;

/** What is about to be made: to be written down first, so that it is somebody's whatever happens next. */
export const stagingIntentSchema = stagingPlaceSchema.omit({ folder: true }).extend({
  /** Of the staging folder, in the destination. */
  name: z.string().min(1),
});
export type StagingIntent = z.infer<typeof stagingIntentSchema>;

/** A name that nothing has. */
export function randomStagingName(): string {
  return `.sealane-${randomBytes(8).toString('hex')}`;
}

/** Whence the names of staging folders come, and who is told before one is made. */
export interface StagingFolderOptions {
  /** Default: `randomStagingName`. */
  readonly newName?: (() => string) | undefined;
  /** Called before the folder is made, once more when its name is taken; durable when it returns. */
  readonly onIntent: (intent: StagingIntent) => void;
}

/**
 * Makes a new folder in the destination that only this user can enter, with what belongs in it. Throws
 * `destination-changed` when somebody puts another one in its place meanwhile, what `onIntent` throws, and
 * system errors; then nothing of it is left.
 */
export function makeStagingFolder(
  { into, folder: destination, made }: Destination,
  { newName = randomStagingName, onIntent }: StagingFolderOptions,
): StagingPlace {
  const token = randomBytes(16).toString('hex');
  for (let n = 1; n <= MAX_ATTEMPTS; n++) {
    const name = newName();
    onIntent({ into, destination, made, token, name });
    const folder = makeEmpty(destination, name);
    if (folder === null) continue;
    furnish(folder, token);
    if (made.length > 0) checkMaker(destination, folder);
    return { into, destination, made, token, folder };
  }
  throw new SealaneError('destination-unusable', { detail: 'too many staging folders' });
}

/** Null when the name is taken. */
function makeEmpty(destination: FolderMark, name: string): FolderMark | null {
  const anchor = openAnchor(destination);
  try {
    const path = join(anchor.path, name);
    mkdirSync(path, 0o700);
    return { ...markFolder(path), path: join(destination.path, name) };
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return null;
    throw error;
  } finally {
    anchor.close();
  }
}

/**
 * Throws `destination-changed` where somebody put a folder of his own in the place of the destination that
 * was just made: what is made belongs to one user, whom some file systems choose. Then the staging folder is
 * gone.
 */
function checkMaker(destination: FolderMark, staging: FolderMark): void {
  const [above, folder] = [openAnchor(destination), openAnchor(staging)];
  try {
    if (above.fd === null || folder.fd === null) return;
    if (fstatSync(above.fd).uid === fstatSync(folder.fd).uid) return;
  } finally {
    above.close();
    folder.close();
  }
  removeEmptied(staging);
  throw new SealaneError('destination-changed', { detail: 'not the folder that was made' });
}

/** Puts what belongs in it into the folder that was just made, or takes it away again. */
function furnish(folder: FolderMark, token: string): void {
  const anchor = openAnchor(folder);
  let isOurs = false;
  try {
    const { O_CREAT, O_EXCL, O_WRONLY } = constants;
    const fd = openSync(join(anchor.path, ID_NAME), O_CREAT | O_EXCL | O_WRONLY | NO_FOLLOW, 0o600);
    try {
      isOurs = isMadeHere(anchor, fd);
      if (isOurs) writeFileSync(fd, token);
      else unlinkSync(join(anchor.path, ID_NAME));
    } finally {
      closeSync(fd);
    }
    if (!isOurs) throw new SealaneError('destination-changed', { detail: 'not the folder that was made' });
    for (const name of [TREE_NAME, AGAIN_NAME]) mkdirSync(join(anchor.path, name), 0o700);
  } catch (error) {
    if (isOurs) removeEmptied(folder);
    throw error;
  } finally {
    anchor.close();
  }
}

/**
 * Whether a folder is the one that was made, and not one that somebody put in its place before it was looked
 * at: nothing but the new file `fd` is in it, it belongs to whom the file belongs to, and other users may not
 * enter it. Some file systems keep no modes, as the file shows, or say another owner than this user for all
 * that is made: so it is the file that the folder is held against.
 */
function isMadeHere({ fd: folder, path }: Anchor, fd: number): boolean {
  if (folder === null) return true;
  const [made, file] = [fstatSync(folder), fstatSync(fd)];
  const keepsModes = (file.mode & OTHERS) === 0;
  const isClosed = (made.mode & OTHERS) === 0 || !keepsModes;
  return made.uid === file.uid && isClosed && readdirSync(path).length === 1;
}

/** What a mode lets group and others do. */
const OTHERS = 0o077;

/**
 * The staging folder as it stands now; null when it is not there any more, or something else is. It is known by the token, which nobody
 * else can read: its number in the file system is another one on a stick that was plugged in again, and soon another folder's once it is
 * removed. Throws system errors where that cannot be told now.
 */
export function lookForStaging(place: StagingPlace): FolderMark | null {
  try {
    const there = markFolder(place.folder.path);
    return hasToken(there, place.token) ? there : null;
  } catch (error) {
    if (error instanceof SealaneError || ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error))) return null;
    throw error;
  }
}

/** The same where it cannot be told, for what is to be removed: that is left alone then. */
export function findStaging(place: StagingPlace): FolderMark | null {
  try {
    return lookForStaging(place);
  } catch {
    return null;
  }
}

/**
 * Whether a staging folder is there, is gone for good, or cannot be told of now: `away` where the medium on
 * which it lies is not there, or may not be looked at. Never throws.
 */
export function standingOf(place: StagingPlace): 'there' | 'gone' | 'away' {
  try {
    if (lookForStaging(place) !== null) return 'there';
  } catch {
    return 'away';
  }
  return isMediumThere(place.destination) ? 'gone' : 'away';
}

/** Whether the file system in which a folder was marked is there: the folder is, or what is left of its path is in it. */
function isMediumThere({ path, dev, ino }: FolderMark): boolean {
  for (let at = path; ; at = dirname(at)) {
    try {
      const there = lstatSync(at, { bigint: true });
      // The number of the device may be another one after a restart, that of the folder is not.
      return there.dev === dev || (at === path && there.ino === ino);
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(errnoOf(error)) || at === dirname(at)) return false;
    }
  }
}

/** Whether the folder's file ID_NAME holds `token`. Throws `destination-changed`, and system errors. */
function hasToken(folder: FolderMark, token: string): boolean {
  const anchor = openAnchor(folder);
  try {
    return isTokenIn(anchor, token);
  } finally {
    anchor.close();
  }
}

/** Whether it is the token that the folder's file ID_NAME holds. Throws as `hasToken`. */
export function isTokenIn(anchor: Anchor, token: string): boolean {
  const [there, wanted] = [readId(anchor), Buffer.from(token)];
  return there.length === wanted.length && timingSafeEqual(there, wanted);
}

/**
 * What the file ID_NAME holds; more than a token is not read. Throws system errors, and `destination-changed`
 * for what is no file.
 */
function readId(anchor: Anchor): Buffer {
  const fd = openSync(join(anchor.path, ID_NAME), constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
  try {
    if (!fstatSync(fd).isFile()) throw new SealaneError('destination-changed', { detail: 'no file' });
    const memory = Buffer.alloc(TOKEN_CHARACTERS + 1);
    return memory.subarray(0, readSync(fd, memory));
  } finally {
    closeSync(fd);
  }
}

/**
 * Takes a staging folder away from which everything was moved, or into which nothing was put yet. Never throws: what somebody else put
 * there is not ours to delete. Whatever stands in the folder's place, nothing is deleted but what is in the folder itself.
 */
export function removeEmptied(folder: FolderMark): void {
  try {
    const anchor = openAnchor(folder);
    try {
      const names = readdirSync(anchor.path);
      for (const name of [AGAIN_NAME, TREE_NAME]) {
        if (names.includes(name)) rmdirSync(join(anchor.path, name));
      }
      // Last: what a process that was killed has left is known by it.
      unlinkSync(join(anchor.path, ID_NAME));
    } finally {
      anchor.close();
    }
    removeFolder(folder);
  } catch {
    // Gone, replaced or not removable: in each case there is nothing more to do.
  }
}

/**
 * Takes away what there is of a staging folder that was about to be made when the process was killed: nothing
 * had arrived yet, so it is empty but for what belongs in it, of which each part may be missing. What is
 * otherwise is not that folder, and stays. Never throws.
 */
export function sweepIntended({ destination, made, name, token }: StagingIntent): void {
  try {
    const folder = markFolder(join(destination.path, name));
    const anchor = openAnchor(folder);
    try {
      const names = readdirSync(anchor.path);
      if (!names.every((each) => [ID_NAME, TREE_NAME, AGAIN_NAME].includes(each))) return;
      if (names.includes(ID_NAME)) {
        if (!token.startsWith(readId(anchor).toString('latin1'))) return;
        unlinkSync(join(anchor.path, ID_NAME));
      }
      if (names.includes(AGAIN_NAME)) removeTrials(join(anchor.path, AGAIN_NAME));
      for (const each of names) if (each !== ID_NAME) rmdirSync(join(anchor.path, each));
    } finally {
      anchor.close();
    }
    removeFolder(folder);
  } catch {
    // As said above.
  }
  removeMade(made);
}

/** Takes away the empty folders by which the file system was being asked for its rules of names. */
function removeTrials(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (ALL_TRIAL_NAMES.includes(name)) rmdirSync(join(folder, name));
  }
}

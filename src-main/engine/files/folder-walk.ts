import { closeSync, fstatSync, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname, isAbsolute, join, parse } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { DIRECTORY, errnoOf } from './disk.ts';
import { isSameFolder } from './folder-mark.ts';
import type { FolderMark } from './folder-mark.ts';
import { openPlace, realPlaces, throughOpen } from './real-place.ts';
import { ForeignLinkError, MAX_LINKS, ReplacedError, isTrusted, readTrustedLink } from './trusted-link.ts';

/** A folder that a walk has come to. */
interface Held {
  /** Without a link in it. */
  readonly path: string;
  /**
   * A path that leads to the folder: to that very one, whatever stands at `path` by now, with descriptors.
   */
  readonly at: string;
  readonly stats: BigIntStats;
  close(): void;
}

/** How a walk takes hold of a folder. */
interface Way {
  /**
   * Takes hold of the folder at `at`, which `path` is the real path of. Throws ENOTDIR for a link, system
   * errors.
   */
  hold(at: string, path: string): Held;
  /** Gives the real path of what was come to. */
  realPath(path: string): string;
  /** Whether somebody else could lead `hold` astray between two calls: such a walk is done twice. */
  readonly isTwice: boolean;
}

/** Each name is looked up in the open folder before it, as with openat(2). */
const byDescriptor: Way = {
  hold(at, path) {
    // O_DIRECTORY has the system mount what is mounted on demand.
    const fd = openPlace(at, DIRECTORY);
    const close = (): void => {
      closeSync(fd);
    };
    return { path, at: throughOpen(fd), stats: fstatSync(fd, { bigint: true }), close };
  },
  realPath: (path) => path,
  isTwice: false,
};

const byPath: Way = {
  hold: (at, path) => heldByPath(path, lstatSync(at, { bigint: true })),
  realPath: (path) => path,
  isTwice: true,
};

/** Without owners no link is another user's, and the system follows all of them. */
const withoutOwners: Way = {
  hold: (at, path) => heldByPath(path, statSync(at, { bigint: true })),
  realPath: (path) => realpathSync.native(path),
  isTwice: false,
};

/** The ways of Linux, of other systems that have users, and of those that have none (Windows). */
export const WAYS = { linux: byDescriptor, posix: byPath, windows: withoutOwners };

function wayOfThisSystem(): Way {
  if (process.geteuid === undefined) return WAYS.windows;
  return realPlaces.byDescriptor ? WAYS.linux : WAYS.posix;
}

function heldByPath(path: string, stats: BigIntStats): Held {
  if (!stats.isDirectory()) throw noFolder();
  return { path, at: path, stats, close: () => undefined };
}

function noFolder(): Error {
  return Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
}

/** Where a walk has come to. */
export interface WalkedFolder {
  readonly folder: FolderMark;
  /** Whether the folder belongs to this user or to root, or there are no owners. */
  readonly isOwn: boolean;
}

/** A name that is still to be gone to. */
interface Ahead {
  readonly name: string;
  /** Whether the name is of the path itself, and not of a link's: only such a folder is made. */
  readonly isAsked: boolean;
}

/**
 * Goes to a folder, name by name, and makes what is missing. A link on the way is followed where it belongs
 * to this user or to root: another user who may write in a folder on the way could have put any other one
 * there, and have what is received put wherever this user may write. `into`: an absolute path without `.` and
 * `..`. `onMade` is told of each folder that was made, by its real path, outermost first. Throws
 * `destination-unusable` for a link of another user, `destination-changed` when something else is found where
 * a folder was just made or gone to, and system errors; what was made stays.
 */
export function walkTo(
  into: string,
  onMade: (folder: FolderMark) => void,
  way: Way = wayOfThisSystem(),
): WalkedFolder {
  const walked = walkOnce(into, onMade, way);
  if (way.isTwice) {
    const { folder } = walkOnce(into, onMade, way);
    if (folder.path !== walked.folder.path || !isSameFolder(folder, walked.folder)) throw replaced();
  }
  return walked;
}

function walkOnce(into: string, onMade: (folder: FolderMark) => void, way: Way): WalkedFolder {
  const { root } = parse(into);
  const ahead = namesOf(into.slice(root.length), true);
  let here = way.hold(root, root);
  let links = 0;
  let maker: bigint | undefined;
  try {
    for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
      const { held, link, isMade } = enter(here, next, way);
      if (link !== undefined) {
        links += 1;
        if (links > MAX_LINKS) throw new SealaneError('destination-unusable', { detail: 'ELOOP' });
        ahead.unshift(...namesOf(link, false));
      }
      const target = held ?? (link !== undefined && isAbsolute(link) ? way.hold(root, root) : undefined);
      if (target === undefined) continue;
      here.close();
      here = target;
      if (!isMade) continue;
      // A folder that somebody puts in the place of one that was just made is told by what is made in it:
      // all of that has one owner.
      maker ??= here.stats.uid;
      if (here.stats.uid !== maker) throw replaced();
      onMade(markOf(here));
    }
    const mark = markOf(here);
    return { folder: { ...mark, path: way.realPath(mark.path) }, isOwn: isTrusted(here.stats) };
  } finally {
    here.close();
  }
}

function markOf({ path, stats }: Held): FolderMark {
  return { path, dev: stats.dev, ino: stats.ino };
}

function namesOf(path: string, isAsked: boolean): Ahead[] {
  const names = path.split(process.platform === 'win32' ? /[\\/]/ : '/');
  return names.filter((name) => name !== '' && name !== '.').map((name) => ({ name, isAsked }));
}

/** What is under a name: a folder, or a link that may be followed. */
interface Entered {
  readonly held?: Held;
  /** What the link says. */
  readonly link?: string;
  readonly isMade?: boolean;
}

function enter(here: Held, { name, isAsked }: Ahead, way: Way): Entered {
  // No `join`, which would take a `..` for a part of the text.
  const at = `${here.at}/${name}`;
  const path = name === '..' ? dirname(here.path) : join(here.path, name);
  const found = look(at, path, way);
  if (found !== undefined) return found;
  let isMade = true;
  try {
    if (!isAsked) throw new SealaneError('destination-unusable', { detail: 'ENOENT' });
    mkdirSync(at);
  } catch (error) {
    // Another transfer was faster; it is that one's to remove.
    if (errnoOf(error) !== 'EEXIST') throw error;
    isMade = false;
  }
  const now = look(at, path, way);
  if (now === undefined || (isMade && now.held === undefined)) throw replaced();
  return { ...now, isMade };
}

/** Undefined when there is nothing. */
function look(at: string, path: string, way: Way): Entered | undefined {
  try {
    return { held: way.hold(at, path) };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return undefined;
    if (errno === 'ENOTDIR') return { link: readTrusted(at) };
    throw error;
  }
}

/** What the link at `at` says, as `readTrustedLink`, whose errors come out as what they mean here. */
function readTrusted(at: string): string {
  try {
    return readTrustedLink(at);
  } catch (error) {
    if (error instanceof ReplacedError) throw replaced();
    if (!(error instanceof ForeignLinkError)) throw error;
    throw new SealaneError('destination-unusable', { detail: 'a link of another user' });
  }
}

function replaced(): SealaneError {
  return new SealaneError('destination-changed', { detail: 'a folder was replaced' });
}

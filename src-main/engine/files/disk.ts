import {
  constants,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { createSync } from './sync.ts';

/** What of the disk a test must be able to make fail: a full disk, a file system without hard links, a late write error. */
export interface Disk {
  /** Bytes written, at least one. */
  write(fd: number, bytes: Uint8Array): number;
  /** Resolves once the content and the metadata behind `fd` would survive a power cut. `device`: on which it lies, where that is known. */
  sync(fd: number, device?: number): Promise<void>;
  /** The same in this thread: done when it returns. */
  syncNow(fd: number): void;
  /** A second name `to` for `from`; fails with EEXIST when there is anything under `to`, and never follows a link there. */
  link(from: string, to: string): void;
  /** Moves, over a file or an empty folder if there is one under `to`. */
  rename(from: string, to: string): void;
  /** Makes a new file and opens it for writing; `mode` is before the umask. EEXIST when there is anything, be it a link. */
  create(path: string, mode: number): number;
  makeFolder(path: string): void;
  space(path: string): DiskSpace;
  /** Whether something called `name` can be in `folder` under just that name. Leaves nothing there. */
  holdsName(folder: string, name: string): boolean;
}

export interface DiskSpace {
  /** Null where the file system does not say how large it is (some FUSE ones). */
  readonly freeBytes: number | null;
  /** Null where the file system does not count them in advance (btrfs, FAT). */
  readonly freeInodes: number | null;
  readonly blockSize: number;
}

/** Flags that Windows lacks; there, making a link takes a privilege, and a folder cannot be opened. */
export const NO_FOLLOW = 'O_NOFOLLOW' in constants ? constants.O_NOFOLLOW : 0;
export const DIRECTORY = 'O_DIRECTORY' in constants ? constants.O_DIRECTORY : 0;
/** Opening what should be a file must not wait for ever when it is a pipe. Windows has no such pipes. */
export const NO_WAIT = 'O_NONBLOCK' in constants ? constants.O_NONBLOCK : 0;

const { O_CREAT, O_EXCL, O_WRONLY } = constants;

export const nodeDisk: Disk = {
  write: (fd, bytes) => writeSync(fd, bytes),
  sync: createSync(),
  syncNow: fsyncSync,
  link: linkSync,
  rename: renameSync,
  create: (path, mode) => openSync(path, O_CREAT | O_EXCL | O_WRONLY | NO_FOLLOW, mode),
  makeFolder(path) {
    mkdirSync(path);
  },
  space(path) {
    const { bavail, blocks, bsize, files, ffree } = statfsSync(path);
    return {
      freeBytes: blocks > 0 ? bavail * bsize : null,
      freeInodes: files > 0 ? ffree : null,
      blockSize: bsize,
    };
  },
  holdsName(folder, name) {
    const path = join(folder, name);
    try {
      mkdirSync(path);
    } catch (error) {
      // Such a one was left by a process that was killed.
      if (errnoOf(error) !== 'EEXIST') return isAboutName(error);
    }
    try {
      return readdirSync(folder).includes(name);
    } finally {
      rmdirSync(path);
    }
  },
};

/** What file systems, and the servers behind them, say of a name that they do not take. */
const NAME_REFUSED = ['EINVAL', 'EILSEQ', 'ENOENT', 'EACCES', 'EPERM', 'ENAMETOOLONG'];

/** False for an error about a name; throws any other. */
function isAboutName(error: unknown): false {
  if (NAME_REFUSED.includes(errnoOf(error))) return false;
  throw error;
}

/** The system's name of an error (`ENOENT`), or nothing for one of another kind. */
export function errnoOf(error: unknown): string {
  // That one's code is not a system error's.
  if (error instanceof SealaneError) return '';
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What a failed system call in the folder for received files means to the user. Paths stay out of `detail`. */
export function destinationError(error: unknown): SealaneError {
  if (error instanceof SealaneError) return error;
  const errno = errnoOf(error);
  const options = { cause: error, detail: errno || 'no system error' };
  switch (errno) {
    case '':
      return new SealaneError('internal', options);
    case 'ENOSPC':
    case 'EDQUOT':
      return new SealaneError('no-space', options);
    // Something that was there a moment ago is gone, or is a link now.
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ELOOP':
    case 'ESTALE':
      return new SealaneError('destination-changed', options);
    default:
      return new SealaneError('destination-unusable', options);
  }
}

/** The same before anything is received: nothing can have changed yet, the folder is none to begin with. */
export function openingError(error: unknown): SealaneError {
  const known = destinationError(error);
  if (known.code !== 'destination-changed') return known;
  return new SealaneError('destination-unusable', { cause: error, detail: known.detail ?? 'changed' });
}

/** Runs `work`; a system error comes out as what it means to the user. */
export function onDestination<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw destinationError(error);
  }
}

/** Runs `work` on this device's own files, about which a system error says nothing of what is sent or received. */
export function onProfile<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw profileError(error);
  }
}

/** What a failed system call in the profile means to the user, a full disk included: `no-space` is about received files. */
export function profileError(error: unknown): unknown {
  const errno = errnoOf(error);
  return errno === '' ? error : new SealaneError('profile-unusable', { cause: error, detail: errno });
}

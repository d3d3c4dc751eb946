import { closeSync, fstatSync, lstatSync, openSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { DIRECTORY, NO_FOLLOW, errnoOf } from './disk.ts';

/**
 * Proofs that what is looked at, or opened, to be sent lies at a real path: that no link leads there, not even
 * one that another user puts in the place of a folder above while the path is being resolved. A path is
 * resolved anew by every call, so that two looks by one path may be at two files: what counts is a descriptor.
 */
export interface RealPlaces {
  /**
   * Whether paths lead through an open folder, as with openat(2): what is below it is found in that very
   * folder then, whatever stands at its path by now.
   */
  readonly byDescriptor: boolean;
  /** Whether the file or folder that is open as `fd` lies at `source`. Throws system errors. */
  liesAt(fd: number, source: string): boolean;
  /** What lies at `source`; undefined when a link led there. Throws system errors. */
  statsAt(source: string): BigIntStats | undefined;
}

/**
 * Linux's flag to open no more than the place, which takes no permission to read and waits for no pipe. Node
 * has no name for it; the number is that of all architectures that this program is built for.
 */
const O_PATH = 0o10000000;

/** Opens a place on Linux, and a link itself for what is a link. Throws system errors. */
export function openPlace(path: string, flags = 0): number {
  return openSync(path, O_PATH | NO_FOLLOW | flags);
}

/** Where Linux shows what is open as `fd`; paths that begin with it lead through that. */
export function throughOpen(fd: number): string {
  return `/proc/self/fd/${String(fd)}`;
}

/** Airtight: asks the system under which path it holds what is open. */
const linuxPlaces: RealPlaces = {
  byDescriptor: true,
  liesAt(fd, source) {
    const path = readlinkSync(throughOpen(fd));
    if (path === source) return true;
    const stats = fstatSync(fd, { bigint: true });
    // Deleted since it was opened: it was there. With another name left, the file could be the one called so.
    if (path === `${source} (deleted)` && stats.nlink === 0n) return true;
    return isReachedByNames(source, stats);
  },
  statsAt(source) {
    const fd = openPlace(source);
    try {
      return linuxPlaces.liesAt(fd, source) ? fstatSync(fd, { bigint: true }) : undefined;
    } finally {
      closeSync(fd);
    }
  },
};

/**
 * The same asked step by step, each name in the open folder before it, and no link followed: a file system
 * that does not tell upper case from lower shows a path as it was first asked for.
 */
function isReachedByNames(source: string, stats: BigIntStats): boolean {
  let fd = openPlace('/');
  try {
    const names = source.split('/').filter((name) => name !== '');
    for (const [index, name] of names.entries()) {
      const isLast = index === names.length - 1;
      const next = openPlace(`${throughOpen(fd)}/${name}`, isLast ? 0 : DIRECTORY);
      closeSync(fd);
      fd = next;
    }
    return isSame(stats, fstatSync(fd, { bigint: true }));
  } catch (error) {
    if (errnoOf(error) === '') throw error;
    return false;
  } finally {
    closeSync(fd);
  }
}

/**
 * Where there are no paths through descriptors: resolves the path before and after each look. Another user
 * would have to swap a folder there and back in the moments between two calls: once to have a size or a time
 * listed, and twice to have a file opened, which is compared with what was listed besides.
 */
const otherPlaces: RealPlaces = {
  byDescriptor: false,
  liesAt(fd, source) {
    const stats = otherPlaces.statsAt(source);
    return stats !== undefined && isSame(stats, fstatSync(fd, { bigint: true }));
  },
  statsAt(source) {
    if (realpathSync.native(source) !== source) return undefined;
    const stats = lstatSync(source, { bigint: true });
    return realpathSync.native(source) === source ? stats : undefined;
  },
};

/** Whether both are of one file or folder. */
export function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** Whether the system is Linux and shows this process what it has open. */
function leadsThroughDescriptors(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const fd = openPlace('/');
    try {
      return isSame(statSync(throughOpen(fd), { bigint: true }), fstatSync(fd, { bigint: true }));
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

/** The proofs of a system with paths through descriptors (Linux), and of one without. */
export const PLACES = { linux: linuxPlaces, other: otherPlaces };

/** The proofs of this system. */
export const realPlaces: RealPlaces = leadsThroughDescriptors() ? PLACES.linux : PLACES.other;

import { closeSync, constants, fstatSync, lstatSync, openSync, rmdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { DIRECTORY, NO_FOLLOW, errnoOf } from './disk.ts';

/** 64-bit numbers, which a file holds in decimal: JSON's numbers would round them. */
const wide = z.union([
  z.bigint(),
  z
    .string()
    .regex(/^-?\d{1,20}$/)
    .transform(BigInt),
]);

export const folderMarkSchema = z.strictObject({ path: z.string().min(1), dev: wide, ino: wide }).readonly();
/** A folder and what tells it from another one that is put in its place. */
export type FolderMark = z.infer<typeof folderMarkSchema>;

/** Marks the folder at `path`. Throws `destination-changed` for anything else there, a link to a folder included. */
export function markFolder(path: string): FolderMark {
  const stats = lstatSync(path, { bigint: true });
  if (!stats.isDirectory()) throw new SealaneError('destination-changed', { detail: 'not a folder' });
  return { path, dev: stats.dev, ino: stats.ino };
}

/** Whether both marks are of one folder, wherever it stood when they were made. */
export function isSameFolder(one: FolderMark, other: FolderMark): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** Whether the marked folder is still what stands at its path. */
export function isStill(mark: FolderMark): boolean {
  try {
    const stats = lstatSync(mark.path, { bigint: true });
    return stats.isDirectory() && stats.dev === mark.dev && stats.ino === mark.ino;
  } catch (error) {
    if (errnoOf(error) === '') throw error;
    return false;
  }
}

/** Throws `destination-changed` when something else stands at the folder's path. */
export function checkStill(mark: FolderMark): void {
  if (!isStill(mark)) throw new SealaneError('destination-changed', { detail: 'a folder was replaced' });
}

/**
 * A hold on a folder. On Linux, paths that begin with `path` go through the open descriptor, as with openat(2), which Node does
 * not have: whoever swaps the folder for a link between a check and a write gains nothing. Elsewhere it is the plain path.
 */
export interface Anchor {
  readonly path: string;
  /** Null where folders cannot be opened (Windows). */
  readonly fd: number | null;
  close(): void;
}

/** Takes hold of a marked folder. Throws `destination-changed` when it is not that one any more. */
export function openAnchor(mark: FolderMark): Anchor {
  if (DIRECTORY === 0) {
    checkStill(mark);
    return { path: mark.path, fd: null, close: () => undefined };
  }
  const fd = openSync(mark.path, constants.O_RDONLY | DIRECTORY | NO_FOLLOW);
  let open = true;
  const close = (): void => {
    if (open) closeSync(fd);
    open = false;
  };
  const stats = fstatSync(fd, { bigint: true });
  if (stats.dev !== mark.dev || stats.ino !== mark.ino) {
    close();
    throw new SealaneError('destination-changed', { detail: 'a folder was replaced' });
  }
  return { path: throughDescriptor(fd, mark), fd, close };
}

/**
 * Marks the folder called `name` in a marked one: in that very folder, whatever stands at its path by now.
 * Throws `destination-changed`, and system errors.
 */
export function markInside(parent: FolderMark, name: string): FolderMark {
  const anchor = openAnchor(parent);
  try {
    return { ...markFolder(join(anchor.path, name)), path: join(parent.path, name) };
  } finally {
    anchor.close();
  }
}

/**
 * Marks the folder in which a marked one is, whatever stands at its path by now; `path`: where it is held to
 * be. Throws `destination-changed`, and system errors.
 */
export function markAbove(folder: FolderMark, path: string): FolderMark {
  const anchor = openAnchor(folder);
  try {
    return { ...markFolder(`${anchor.path}/..`), path };
  } finally {
    anchor.close();
  }
}

/**
 * Removes a marked folder that is empty, through a hold on the folder above: a folder of the path that is
 * swapped for a link changes nothing. Throws `destination-changed` when something else is under its name, and
 * system errors (ENOTEMPTY, above all).
 */
export function removeFolder(mark: FolderMark): void {
  const above = holdAbove(mark.path);
  try {
    const here = { ...mark, path: join(above.path, basename(mark.path)) };
    checkStill(here);
    rmdirSync(here.path);
  } finally {
    above.close();
  }
}

/** A hold on whatever folder is above `path` now. What is in it must be looked at through the hold. */
function holdAbove(path: string): Anchor {
  const parent = dirname(path);
  if (DIRECTORY === 0) return { path: parent, fd: null, close: () => undefined };
  const fd = openSync(parent, constants.O_RDONLY | DIRECTORY);
  const { dev, ino } = fstatSync(fd, { bigint: true });
  const close = (): void => {
    closeSync(fd);
  };
  return { path: throughDescriptor(fd, { path: parent, dev, ino }), fd, close };
}

function throughDescriptor(fd: number, mark: FolderMark): string {
  const path = `/proc/self/fd/${fd}`;
  try {
    const stats = statSync(path, { bigint: true });
    if (stats.dev === mark.dev && stats.ino === mark.ino) return path;
  } catch (error) {
    if (errnoOf(error) === '') throw error;
  }
  return mark.path;
}

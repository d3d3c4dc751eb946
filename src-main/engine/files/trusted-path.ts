import { closeSync, fstatSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname, isAbsolute, join, parse } from 'node:path';
import { DIRECTORY, errnoOf } from './disk.ts';
import { isSame, openPlace, realPlaces, throughOpen } from './real-place.ts';
import { MAX_LINKS, ReplacedError, readTrustedLink } from './trusted-link.ts';

/** What a path led to. */
export interface TrustedPlace {
  /** Its real path, in which no link is left. */
  readonly path: string;
  readonly stats: BigIntStats;
}

/** What a walk has come to. */
interface Held {
  /** Without a link in it. */
  readonly path: string;
  /** A path that leads to it: to that very thing, whatever stands at `path` by now, with descriptors. */
  readonly at: string;
  readonly stats: BigIntStats;
  close(): void;
}

/** Takes hold of what is at `at`, which `path` is the real path of; of a link itself. Throws system errors. */
type Hold = (at: string, path: string) => Held;

const byDescriptor: Hold = (at, path) => {
  const fd = openAny(at);
  const close = (): void => {
    closeSync(fd);
  };
  return { path, at: throughOpen(fd), stats: fstatSync(fd, { bigint: true }), close };
};

/** As a folder first, which has the system mount what is mounted on demand. */
function openAny(at: string): number {
  try {
    return openPlace(at, DIRECTORY);
  } catch (error) {
    if (errnoOf(error) !== 'ENOTDIR') throw error;
    return openPlace(at);
  }
}

const byPath: Hold = (_at, path) => ({
  path,
  at: path,
  stats: lstatSync(path, { bigint: true }),
  close: () => undefined,
});

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Goes to `path` name by name; gives what `read` says of what it comes to. */
function walk<T>(path: string, hold: Hold, read: (there: Held) => T): T {
  const { root } = parse(path);
  const ahead = namesOf(path);
  let here = hold(root, root);
  let links = 0;
  const goTo = (next: Held): void => {
    here.close();
    here = next;
  };
  try {
    for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
      // No `join`, which would take a `..` for a part of the text.
      const at = `${here.at}/${name}`;
      const there = hold(at, name === '..' ? dirname(here.path) : join(here.path, name));
      if (!there.stats.isSymbolicLink()) {
        goTo(there);
        continue;
      }
      there.close();
      links += 1;
      if (links > MAX_LINKS) throw systemError('ELOOP');
      const text = readTrustedLink(at);
      if (isAbsolute(text)) goTo(hold(root, root));
      ahead.unshift(...namesOf(text));
    }
    return read(here);
  } finally {
    here.close();
  }
}

/** Each name is looked up in what was opened before it, and the system says where what was come to lies. */
function placeByDescriptor(path: string): TrustedPlace {
  return walk(path, byDescriptor, ({ at, stats }) => {
    const real = readlinkSync(at);
    // What lies out of this process's sight, or has been deleted.
    if (!isAbsolute(real) || stats.nlink === 0n) throw systemError('ENOENT');
    return { path: real, stats };
  });
}

/**
 * Where nothing can be looked up in an open folder: goes there twice, and has the system resolve what was found in between, since a disk
 * may have names of its own for it. All three must have come to the same.
 */
function placeByPath(path: string): TrustedPlace {
  const find = (): TrustedPlace => walk(path, byPath, ({ path: found, stats }) => ({ path: found, stats }));
  const first = find();
  const real = realpathSync.native(first.path);
  const stats = lstatSync(real, { bigint: true });
  const again = find();
  if (first.path !== again.path || !isSame(first.stats, again.stats) || !isSame(first.stats, stats)) {
    throw new ReplacedError('something on the way');
  }
  return { path: real, stats };
}

/**
 * What stands at `path` (absolute), and its real path. As realpath(3), but a link is followed only where it belongs to this user or to
 * root, as `walkTo` does on the way to a destination; what another user puts in the place of something on the way meanwhile changes
 * nothing (`byDescriptor`), or is noticed. Windows, whose links only administrators make, has no owners to go by. Throws
 * `ForeignLinkError`, `ReplacedError`, and what the file system says.
 */
export function trustedPlace(path: string, { byDescriptor: isByDescriptor } = realPlaces): TrustedPlace {
  if (process.geteuid === undefined) {
    const real = realpathSync.native(path);
    return { path: real, stats: lstatSync(real, { bigint: true }) };
  }
  return isByDescriptor ? placeByDescriptor(path) : placeByPath(path);
}

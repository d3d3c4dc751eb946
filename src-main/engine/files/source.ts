import { accessSync, constants, lstatSync, realpathSync, statfsSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { basename, join, sep } from 'node:path';
import type { SkipReason } from '../../../shared/views.ts';
import { errnoOf } from './disk.ts';
import type { ManifestFile } from './manifest-record.ts';
import { microseconds } from './mtime.ts';
import { isSame, realPlaces } from './real-place.ts';
import type { RealPlaces } from './real-place.ts';
import type { SourceFolder } from './source-folder.ts';
import { ForeignLinkError, ReplacedError } from './trusted-link.ts';
import { trustedPlace } from './trusted-path.ts';

/** Something to send, links resolved. */
export interface Source {
  /** Absolute path that is no link itself. */
  readonly source: string;
  readonly stats: BigIntStats;
}

/** Throws a system error when what was found cannot be read. */
export type SourceAccess = (found: Source) => void;

/** The permission to read of whoever owns a file. */
const OWNER_READS = 0o400n;

const user = process.geteuid?.();

/**
 * Asks the system, which costs as much as all else that is asked about a file: not about one's own, whose permissions say it. Windows
 * does not tell the whole truth. Wherever it turns out otherwise, opening will say so.
 */
export const checkReadable: SourceAccess = ({ source, stats }) => {
  if (user !== undefined && stats.uid === BigInt(user) && (stats.mode & OWNER_READS) !== 0n) return;
  accessSync(source, constants.R_OK);
};

/** Something that was found, and where it can be opened. */
export interface Found extends Source {
  /** Leads to it through the folder that it was found in, or is `source`. */
  readonly at: string;
  /** Whether it was found by its path, and not in a folder that is being walked. */
  readonly byPath?: true;
}

export type Examined = Found | { readonly skipped: SkipReason };

/**
 * Looks at a top-level item, to which the chosen `path` must still lead, by way of nobody else's link: an item before it may have taken
 * hours. Throws nothing.
 */
export function examineItem(
  { path, source }: { readonly path: string; readonly source: string },
  places: RealPlaces,
): Examined {
  try {
    const there = trustedPlace(path, places);
    if (there.path !== source) return { skipped: 'changed' };
    const examined = found(source, places);
    return 'skipped' in examined || isSame(examined.stats, there.stats) ? examined : { skipped: 'changed' };
  } catch (error) {
    return { skipped: skipReasonOf(error, source) };
  }
}

/**
 * Looks at what is called `name` in a folder. A link is followed only to what lies inside one of `roots` (real
 * paths of the top-level items): sending a folder must not send what somebody's link in it points to
 * elsewhere. Throws nothing.
 */
export function examine(
  folder: SourceFolder,
  name: string,
  roots: readonly string[],
  places: RealPlaces,
): Examined {
  const source = join(folder.source, name);
  try {
    const looked = folder.look(name);
    if (looked === undefined) return { skipped: 'changed' };
    if (!looked.stats.isSymbolicLink()) return { source, ...looked };
    const real = realpathSync.native(source);
    if (!roots.some((root) => isInside(root, real))) return { skipped: 'link-outside' };
    return found(real, places);
  } catch (error) {
    return { skipped: skipReasonOf(error, source) };
  }
}

/** What lies at a real path. Throws system errors. */
function found(source: string, places: RealPlaces): Examined {
  const stats = places.statsAt(source);
  // By a link, or one itself: it was none when its path was resolved.
  if (stats === undefined || stats.isSymbolicLink()) return { skipped: 'changed' };
  return { source, at: source, stats, byPath: true };
}

/**
 * How a file that was found is listed; `path` are the names it is sent under, `end` is what stood at its end
 * then, where that was looked at.
 */
export function fileEntry(path: readonly string[], { source, stats }: Source, end?: string): ManifestFile {
  return {
    kind: 'file',
    path,
    source,
    size: Number(stats.size),
    mtimeUs: microseconds(stats.mtimeNs),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    inode: stats.ino,
    ...(end === undefined ? {} : { end }),
    executable: (stats.mode & 0o111n) !== 0n,
  };
}

/** What identifies one state of one file. */
export type FileState = Pick<ManifestFile, 'size' | 'mtimeNs' | 'ctimeNs' | 'inode'>;

/**
 * How a file stands to a state of it. `touched`: only the time of its last change differs, so that something
 * was done to it that may have changed its content or not: a write after which the modification time was set
 * back, or no more than a chmod. `grown`: it is longer, so that what it had may be the beginning of it or not.
 */
export type Likeness = 'same' | 'touched' | 'grown' | 'other';

/** Compares a file with a state of it. */
export function likeness({ size, mtimeNs, ctimeNs, inode }: FileState, stats: BigIntStats): Likeness {
  if (!stats.isFile() || stats.ino !== inode) return 'other';
  if (stats.size > BigInt(size)) return 'grown';
  if (stats.size < BigInt(size) || stats.mtimeNs !== mtimeNs) return 'other';
  return stats.ctimeNs === ctimeNs ? 'same' : 'touched';
}

/** statfs(2) names of what keeps a change through a memory mapping to itself: tmpfs, ramfs. */
const IN_MEMORY = [0x01021994, 0x858458f6];

/**
 * Names of what may have no time of the last change and show the modification time in its place: msdos,
 * exfat, FUSE, 9p.
 */
const WITHOUT_CHANGE_TIME = [0x4d44, 0x2011bab0, 0x65735546, 0x01021997];

/**
 * Whether the times of a file at `source` tell of every change of it. They do not where the time of the last
 * change is only the modification time by another name, which anybody can set back. Asks the system: not for
 * every file.
 */
export function isKnownByTimes(source: string, { ctimeNs, mtimeNs }: BigIntStats): boolean {
  if (ctimeNs <= 0n) return false;
  try {
    const { type } = statfsSync(source);
    return !IN_MEMORY.includes(type) && (ctimeNs !== mtimeNs || !WITHOUT_CHANGE_TIME.includes(type));
  } catch {
    return false;
  }
}

/** A file that was listed and is not as it was. */
export interface ChangedSource extends Source {
  readonly likeness: Exclude<Likeness, 'same'>;
}

/**
 * Looks again at a file that was listed. Gives it as it is now when it is another one, or has changed, and can be sent; undefined
 * when it is as it was, and when there is no such file any more: gone, unreadable, or something else in its place. No link is
 * followed, not even one above it: what was listed had none. Throws nothing.
 */
export function changedSince(
  listed: ManifestFile,
  checkReadable: SourceAccess,
  places = realPlaces,
): ChangedSource | undefined {
  const { source } = listed;
  try {
    if (likeness(listed, lstatSync(source, { bigint: true })) === 'same') return undefined;
  } catch {
    return undefined;
  }
  const found = asItIs(listed, checkReadable, places);
  if (found === undefined) return undefined;
  const like = likeness(listed, found.stats);
  return like === 'same' ? undefined : { ...found, likeness: like };
}

/** As `changedSince`, also of a file that is as it was. */
export function asItIs(
  { source }: ManifestFile,
  checkReadable: SourceAccess,
  places = realPlaces,
): Source | undefined {
  try {
    // Only a look that is proven to be at the file itself is listed.
    const stats = places.statsAt(source);
    if (stats?.isFile() !== true) return undefined;
    const found = { source, stats };
    checkReadable(found);
    return found;
  } catch {
    return undefined;
  }
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** What a system error says about a path that was listed a moment ago. */
export function skipReasonOf(error: unknown, path: string): SkipReason {
  if (error instanceof ForeignLinkError || error instanceof ReplacedError) return 'changed';
  switch (errnoOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      // A name that is no valid UTF-8 was read with a replacement character, and there is nothing under that one.
      return basename(path).includes('\ufffd') ? 'name-encoding' : 'vanished';
    case 'ELOOP':
      return 'link-loop';
    case 'ENAMETOOLONG':
      return 'name-too-long';
    default:
      return 'unreadable';
  }
}

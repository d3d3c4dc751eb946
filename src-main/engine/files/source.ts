import { accessSync, constants, lstatSync, realpathSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { basename, sep } from 'node:path';
import type { SkipReason } from '../../../shared/views.ts';
import { errnoOf } from './disk.ts';
import type { ManifestFile } from './manifest-record.ts';
import { microseconds } from './mtime.ts';

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

/**
 * Looks at one path. A link is followed only to what lies inside one of `roots` (real paths of the top-level items): sending a
 * folder must not send what somebody's link in it points to elsewhere. Throws nothing.
 */
export function examine(path: string, roots: readonly string[]): Source | { readonly skipped: SkipReason } {
  try {
    const stats = lstatSync(path, { bigint: true });
    if (!stats.isSymbolicLink()) return { source: path, stats };
    const real = realpathSync.native(path);
    if (!roots.some((root) => isInside(root, real))) return { skipped: 'link-outside' };
    return { source: real, stats: lstatSync(real, { bigint: true }) };
  } catch (error) {
    return { skipped: skipReasonOf(error, path) };
  }
}

/** How a file that was found is listed; `path` are the names it is sent under. */
export function fileEntry(path: readonly string[], { source, stats }: Source): ManifestFile {
  return {
    kind: 'file',
    path,
    source,
    size: Number(stats.size),
    mtimeUs: microseconds(stats.mtimeNs),
    mtimeNs: stats.mtimeNs,
    inode: stats.ino,
    executable: (stats.mode & 0o111n) !== 0n,
  };
}

/** Whether a file is still the one that was listed, untouched. */
export function isSameFile({ size, mtimeNs, inode }: ManifestFile, stats: BigIntStats): boolean {
  return stats.isFile() && stats.ino === inode && stats.size === BigInt(size) && stats.mtimeNs === mtimeNs;
}

/**
 * Looks again at a file that was listed. Gives it as it is now when it is another one, or has changed, and can be sent; undefined
 * when it is as it was, and when there is no such file any more: gone, unreadable, or something else in its place. No link is
 * followed, not even one above it: what was listed had none. Throws nothing.
 */
export function changedSince(listed: ManifestFile, checkReadable: SourceAccess): Source | undefined {
  const { source } = listed;
  try {
    const stats = lstatSync(source, { bigint: true });
    if (!stats.isFile() || isSameFile(listed, stats)) return undefined;
    if (realpathSync.native(source) !== source) return undefined;
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
  switch (errnoOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      // A name that is no valid UTF-8 was read with a replacement character, and there is nothing under that one.
      return basename(path).includes('\ufffd') ? 'unreadable' : 'vanished';
    case 'ELOOP':
      return 'link-loop';
    case 'ENAMETOOLONG':
      return 'name-too-long';
    default:
      return 'unreadable';
  }
}

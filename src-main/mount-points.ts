import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { systemCode } from './system-code.ts';

/**
 * What a folder for received files lies on. Where a disk is not mounted, its mount point is an ordinary folder of the disk above, or
 * is not there and could be made: what was meant for the one would fill the other.
 */

/** Where a folder is, as far as it is there. */
interface Ground {
  /** The folder, or the first one above it that is there; without a link in it. */
  readonly nearest: string;
  /** The folder itself, without a link in what is there of it. */
  readonly folder: string;
  /** The topmost folder of the file system that `nearest` is on. */
  readonly mountPoint: string;
}

/** Undefined where the system does not let it be looked at. */
function groundOf(folder: string): Ground | undefined {
  const asked = resolve(folder);
  for (let at = asked; ; at = dirname(at)) {
    try {
      // With a name after it, since the system mounts nothing on demand for the last name of a path.
      const { dev } = statSync(`${at}/.`, { bigint: true });
      const nearest = realpathSync.native(at);
      return { nearest, folder: join(nearest, relative(at, asked)), mountPoint: topmost(nearest, dev) };
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || at === dirname(at)) return undefined;
    }
  }
}

function topmost(folder: string, dev: bigint): string {
  let at = folder;
  while (at !== dirname(at) && statSync(dirname(at), { bigint: true }).dev === dev) at = dirname(at);
  return at;
}

/** Whether `inner` is `outer` or lies below it; both absolute. */
function isWithin(inner: string, outer: string): boolean {
  const way = relative(outer, inner);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * Where the file system is mounted that a folder (absolute path), or the nearest one above it that is there, lies on: to be noted with the
 * folder when it is chosen. Null where that cannot be told.
 */
export function mountPointOf(folder: string): string | null {
  return groundOf(folder)?.mountPoint ?? null;
}

/** The system's lists, as text: what is to be mounted (fstab(5)), and what is (proc_pid_mountinfo(5)). */
export interface MountTables {
  readonly fstab: string;
  readonly mountinfo: string;
}

const FSTAB_COLUMN = 1;
const MOUNTINFO_COLUMN = 4;

/** Undefined where the system has none, or does not let them be read: then nothing is known to be missing. */
function systemTables(): MountTables | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const [fstab, mountinfo] = ['/etc/fstab', '/proc/self/mountinfo'].map((path) =>
      readFileSync(path, 'utf8'),
    );
    return fstab === undefined || mountinfo === undefined ? undefined : { fstab, mountinfo };
  } catch {
    return undefined;
  }
}

/** The absolute paths in a column of such a list, without a slash at their end. */
function pathsIn(text: string, column: number): ReadonlySet<string> {
  const rows = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const cells = rows.map((line) => line.trim().split(/[ \t]+/)[column] ?? '');
  return new Set(cells.filter((cell) => cell.startsWith('/')).map((cell) => resolve(unescaped(cell))));
}

/** Blanks and backslashes stand in these lists as `\040` and the like: bytes, in octal. */
function unescaped(cell: string): string {
  const bytes = Buffer.from(cell, 'utf8').toString('latin1');
  const plain = bytes.replaceAll(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
    String.fromCharCode(parseInt(octal, 8)),
  );
  return Buffer.from(plain, 'latin1').toString('utf8');
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return false;
  }
}

/**
 * The mount point on the way to a folder (absolute path) at which nothing is mounted now, although a disk belongs there; undefined when
 * there is none. `noted`: what `mountPointOf` said when the folder was chosen. By its path, because a disk has another number after
 * each start. Without that, an empty folder counts at which the system's list has something mounted.
 */
export function missingMount(
  folder: string,
  noted: string | null = null,
  tables: MountTables | undefined = systemTables(),
): string | undefined {
  const ground = groundOf(folder);
  if (ground === undefined) return undefined;
  const { nearest, mountPoint } = ground;
  // A link that leads elsewhere by now was changed by somebody who knows why.
  if (noted !== null && isWithin(ground.folder, noted) && !isWithin(mountPoint, noted)) return noted;
  if (tables === undefined) return undefined;
  const isListed = pathsIn(tables.fstab, FSTAB_COLUMN).has(nearest);
  const isMissing = isListed && !pathsIn(tables.mountinfo, MOUNTINFO_COLUMN).has(nearest) && isEmpty(nearest);
  return isMissing ? nearest : undefined;
}

import { chmod, readFile, readdir, realpath, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { homeFolder } from '../../folders.ts';
import { missingMount } from '../../mount-points.ts';
import { ForeignLinkError, ReplacedError } from '../files/trusted-link.ts';
import { trustedPlace } from '../files/trusted-path.ts';
import { makeFolder } from './durable-file.ts';
import { systemCode } from './failure.ts';

const STICKY = 0o1000;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;
const ANY_ACCESS_OF_OTHERS = 0o077;

/**
 * Makes a profile's folder if it is absent, closes it to other users (0700), and gives its real path, in
 * which no link is left that could be led elsewhere. Throws `profile-exposed` when another user can write in
 * it, can put another folder in its place, or owns a link on the way to it: what lies there could then be
 * anybody's, the list of trusted devices first of all. The same is asked of the folders above it as sshd's
 * StrictModes asks of those above authorized_keys, up to the home folder or the root: each belongs to this
 * user or to root, and others may write in it only where it is sticky. Throws `profile-unmounted` where a disk
 * belongs on the way to it and none is mounted: there it would be another device, on the disk above. Rejects with what the file system says
 * otherwise. Windows has neither owners nor modes here; what a folder there inherits is left as it is.
 */
export async function openProfileFolder(profile: string): Promise<string> {
  const path = resolve(profile);
  if (missingMount(path) !== undefined) throw new SealaneError('profile-unmounted');
  const user = process.geteuid?.();
  if (user !== undefined) checkLinks(path);
  await makeFolder(path);
  if (user === undefined) return realpath(path);
  // Not what `realpath` says, which follows all links: somebody may have put one there since.
  const folder = trusted(path);
  await checkAbove(folder, user);
  await closeToOthers(folder, user);
  return folder;
}

function exposed(detail: string): SealaneError {
  return new SealaneError('profile-exposed', { detail });
}

/** A link on the way leads to another folder, and so to another device, whenever its owner wants it to. */
function checkLinks(path: string): void {
  try {
    trusted(path);
  } catch (error) {
    // What is not there is made, and everything below it. The system says in its own words that there are too many links.
    if (error instanceof SealaneError || !['ENOENT', 'ELOOP'].includes(systemCode(error) ?? '')) throw error;
  }
}

/** The real path of what is there; throws `profile-exposed` where another user's link leads to it, and system errors. */
function trusted(path: string): string {
  try {
    return trustedPlace(path).path;
  } catch (error) {
    if (error instanceof ForeignLinkError || error instanceof ReplacedError) throw exposed('link');
    throw error;
  }
}

async function checkAbove(folder: string, user: number): Promise<void> {
  const named = homeFolder();
  const home = named === undefined ? undefined : await realpath(named).catch(() => undefined);
  let above = folder;
  // Who could replace the home folder has the account.
  while (above !== home && above !== dirname(above)) {
    above = dirname(above);
    const stats = await stat(above);
    if (stats.uid !== user && stats.uid !== 0) throw exposed('owner-above');
    if ((stats.mode & STICKY) === 0 && (await canOthersWrite(stats, user))) throw exposed('open-above');
  }
}

async function closeToOthers(folder: string, user: number): Promise<void> {
  const stats = await stat(folder);
  if (stats.uid !== user) throw exposed('owner');
  // A sticky folder is meant for everybody (root's /tmp): closing it would break the system.
  if ((stats.mode & STICKY) !== 0) throw exposed('shared-folder');
  if ((stats.mode & ANY_ACCESS_OF_OTHERS) === 0) return;
  if (!(await canOthersWrite(stats, user))) return chmod(folder, 0o700);
  if (!(await isEmpty(folder))) throw exposed('open');
  await chmod(folder, 0o700);
  if (await isEmpty(folder)) return;
  // Something was put there just before it was closed: the next start is to refuse it, too.
  await chmod(folder, stats.mode & 0o777);
  throw exposed('open');
}

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder)).length === 0;
}

async function canOthersWrite({ mode, gid }: Stats, user: number): Promise<boolean> {
  if ((mode & OTHERS_WRITE) !== 0) return true;
  return (mode & GROUP_WRITES) !== 0 && !(await isOwnGroup(gid, user));
}

/**
 * Whether only this user is in the group: the one named after the user that most Linux systems make, for
 * which some of them let new folders be writable (umask 002). Groups and users that are not in the system's
 * own files are not known to be such.
 */
async function isOwnGroup(gid: number, user: number): Promise<boolean> {
  const [users, groups] = await Promise.all(['/etc/passwd', '/etc/group'].map(readEntries));
  const name = users?.find(([, , uid]) => uid === String(user))?.[0];
  const group = groups?.find(([, , id]) => id === String(gid));
  if (name === undefined || group?.[0] !== name) return false;
  const members = (group[3] ?? '').split(',').filter((member) => member !== '' && member !== name);
  const othersByDefault = users?.filter(([each, , , own]) => own === String(gid) && each !== name) ?? [];
  return members.length === 0 && othersByDefault.length === 0;
}

/** The lines of a file such as /etc/passwd, cut at the colons. */
async function readEntries(file: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').map((line) => line.split(':'));
}

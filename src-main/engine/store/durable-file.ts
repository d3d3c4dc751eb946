import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { makeFolders } from '../../folders.ts';
import { systemCode } from './failure.ts';

/** Makes names in a folder outlive a power cut. Windows opens no folders; NTFS journals its names itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder (absolute path, 0700) and those above it that are missing. When it resolves, each of them is
 * on disk: a new folder outlives a power cut only once the folder it lies in was synced. That is done for
 * `folder` also where it was there already, since the process that made it may not have got so far. Rejects
 * with what the file system says.
 */
export async function makeFolder(folder: string): Promise<void> {
  const made = makeFolders(folder);
  if (made.length === 0) {
    // What lies above a folder of ours may be another user's, and closed to us.
    return syncFolder(dirname(folder)).catch((error: unknown) => {
      if (!['EACCES', 'EPERM'].includes(systemCode(error) ?? '')) throw error;
    });
  }
  for (const each of [...made].reverse()) await syncFolder(dirname(each));
}

/** Throws `profile-unusable` unless the file holds just this. */
async function verify(file: string, bytes: Buffer): Promise<void> {
  if (!bytes.equals(await readFile(file))) {
    throw new SealaneError('profile-unusable', { detail: 'not-kept' });
  }
}

/** Writes the bytes beside `file`, to be renamed, and reads them back. */
async function stage(file: string, bytes: Buffer): Promise<void> {
  const staged = `${file}.new`;
  // A new inode each time: one that was left by a process that was killed may be linked or open elsewhere.
  await rm(staged, { force: true });
  const handle = await open(staged, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await verify(staged, bytes);
}

/**
 * Replaces the content of these files of one folder (0600) by `text`, one after the other: a reader, and
 * whatever breaks, finds in each the old content or the new one, whole. Each is on disk, and was read back
 * and compared, before the next one is touched: a file system that keeps less than it was given, and says
 * nothing, costs one of them and not both. Rejects with what the file system says, or with `profile-unusable`
 * when what was written does not read back the same; then nothing is left beside them. Callers see to it that
 * a file has one writer at a time. The only writer of what a profile keeps, the private key included.
 */
export async function writeDurably(files: readonly [string, ...string[]], text: string): Promise<void> {
  const bytes = Buffer.from(text);
  // All are staged before the first is replaced, so that a disk that is full changes nothing.
  const stagings = files.map((file) => stage(file, bytes));
  try {
    await Promise.all(stagings);
    for (const file of files) {
      await rename(`${file}.new`, file);
      await syncFolder(dirname(file));
      await verify(file, bytes);
    }
  } catch (error) {
    await Promise.allSettled(stagings);
    await Promise.allSettled(files.map((file) => rm(`${file}.new`, { force: true })));
    throw error;
  }
}

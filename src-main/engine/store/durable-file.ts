import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

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

/** Writes the text beside `file`, to be renamed. */
async function stage(file: string, text: string): Promise<void> {
  const staged = `${file}.new`;
  // A new inode each time: a writer that was suspended half-way, and lost its turn, writes on into its own.
  await rm(staged, { force: true });
  const handle = await open(staged, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Replaces the content of these files of one folder (0600) by `text`, the first one first: whoever reads them, and whatever breaks,
 * finds in each the old content or the new one, whole. On disk when it resolves. `beforeRename` is the last moment at which
 * throwing leaves everything as it was. Callers see to it that a file has one writer at a time.
 *
 * Done here because write-file-atomic 6 (like its successors) takes a short write for a whole one: on a full disk it puts a
 * truncated file in place and reports success.
 */
export async function writeDurably(
  files: readonly [string, ...string[]],
  text: string,
  beforeRename?: () => Promise<void>,
): Promise<void> {
  await Promise.all(files.map((file) => stage(file, text)));
  await beforeRename?.();
  for (const file of files) await rename(`${file}.new`, file);
  await syncFolder(dirname(files[0]));
}

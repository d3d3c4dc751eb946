import { randomInt } from 'node:crypto';
import { link, open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { parseKeyRecord } from './key-record.ts';
import type { KeySlot } from './key-record.ts';

/** The key file and its copy on disk. Their methods reject with what the file system says. */
export class KeyFiles {
  readonly #main: string;
  readonly #copy: string;

  constructor(file: string) {
    this.#main = file;
    this.#copy = `${file}.copy`;
  }

  /** What they hold, the main one first. */
  async read(): Promise<readonly KeySlot[]> {
    return [await readSlot(this.#main), await readSlot(this.#copy)];
  }

  /** Makes both; resolves with false, having changed nothing, when the main one exists. Call under the lock. */
  async create(text: string): Promise<boolean> {
    // Named as the remnants are, which are tidied away.
    const fresh = `${this.#main}.${randomInt(2 ** 32)}`;
    await writePrivate(fresh, text);
    try {
      await link(fresh, this.#main);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      // A file system without hard links: here the lock alone keeps others away.
      await writePrivate(this.#main, text);
    } finally {
      await rm(fresh, { force: true });
    }
    await writePrivate(this.#copy, text);
    await this.#tidy();
    return true;
  }

  /** Replaces both, one after the other, so that one of them is whole at any moment. Call under the lock. */
  async replace(text: string): Promise<void> {
    await writePrivate(this.#main, text);
    await writePrivate(this.#copy, text);
    await this.#tidy();
  }

  /** Makes the new names last, and removes what a write that was killed left behind: it may hold an open key. */
  async #tidy(): Promise<void> {
    const folder = dirname(this.#main);
    const name = basename(this.#main);
    try {
      for (const entry of await readdir(folder)) {
        const rest = entry.startsWith(name) ? entry.slice(name.length) : '';
        if (/^(\.copy)?(\.\d+)+$/.test(rest)) await rm(join(folder, entry), { force: true });
      }
      const handle = await open(folder, 'r');
      await handle.sync().finally(() => handle.close());
    } catch {
      // Windows opens no folders, and a remnant that cannot be removed is tried again.
    }
  }
}

async function writePrivate(file: string, text: string): Promise<void> {
  await writeFileAtomic(file, text, { mode: 0o600, fsync: true });
}

async function readSlot(file: string): Promise<KeySlot> {
  try {
    const handle = await open(file, 'r');
    try {
      // Only its owner may read it, whatever a restored backup made of it. Some file systems know no permissions.
      if (process.platform !== 'win32' && ((await handle.stat()).mode & 0o077) !== 0) {
        await handle.chmod(0o600).catch(() => undefined);
      }
      return parseKeyRecord(await handle.readFile('utf8'));
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { state: 'absent' };
    throw error;
  }
}

/** Whether `error` is a system error of this code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

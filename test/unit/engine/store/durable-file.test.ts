import { execFile } from 'node:child_process';
import { mkdir, open, readFile, readdir, readlink, rename, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { makeFolder, writeDurably } from '../../../../src-main/engine/store/durable-file.ts';
import { openStore } from '../../../../src-main/engine/store/store.ts';
import { rejectionCode, temporaryFolder, transferId } from './support.ts';

/** What all open files of this process have in common. */
async function fileHandles(): Promise<FileHandle> {
  const handle = await open(import.meta.filename, 'r');
  await handle.close();
  const isTheirs = (value: unknown): value is FileHandle =>
    typeof value === 'object' && value !== null && 'sync' in value && 'writeFile' in value;
  const prototype: unknown = Object.getPrototypeOf(handle);
  if (!isTheirs(prototype)) throw new Error('a FileHandle is not what it was');
  return prototype;
}

describe('a durable file', () => {
  it('is replaced whole, readable by its owner only, and leaves nothing else behind', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'a.json');
    await writeFile(file, 'old', { mode: 0o644 });
    await writeFile(`${file}.new`, 'left by a process that was killed');
    await writeDurably([file], 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('keeps the old text when the new one does not fit on the disk, and leaves nothing beside it', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'a.json');
    await writeDurably([file], 'old');
    const fixture = join(import.meta.dirname, 'fixtures', 'write-large.ts');
    // A limit of 64 KiB cuts the write short in the middle, just as a full disk would.
    const command = 'ulimit -f 128; exec "$@"';
    const args = ['-c', command, 'sh', process.execPath, fixture, file, '1000000'];
    const { stdout } = await promisify(execFile)('sh', args);
    expect(stdout).toBe('EFBIG');
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('and its copy keep the old text on a disk that keeps half of it and says nothing', async () => {
    const folder = await temporaryFolder();
    const files = [join(folder, 'a.copy.json'), join(folder, 'a.json')] as const;
    await writeDurably(files, 'old');
    // No disk here does that: a fake of one, below the program.
    const prototype = await fileHandles();
    const lies = vi.spyOn(prototype, 'writeFile').mockImplementation(async function (this: FileHandle, data) {
      const bytes = Buffer.isBuffer(data) ? data : Buffer.from(z.string().parse(data));
      await this.write(bytes, 0, Math.floor(bytes.length / 2));
    });
    onTestFinished(() => {
      lies.mockRestore();
    });
    expect(await rejectionCode(writeDurably(files, 'what is new'))).toBe('profile-unusable');
    lies.mockRestore();
    expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual(['old', 'old']);
    expect((await readdir(folder)).sort()).toEqual(['a.copy.json', 'a.json']);
  });

  it('that turned out wrong under its name stops the write before the next one is touched', async () => {
    const folder = await temporaryFolder();
    const [first, second] = [join(folder, 'a.copy.json'), join(folder, 'a.json')];
    await writeDurably([first, second], 'old');
    // A fake of a disk that loses what a file held as it is renamed: when the folder is synced, the name has
    // come.
    const prototype = await fileHandles();
    const { sync } = prototype;
    const lies = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
      await sync.call(this);
      if ((await this.stat()).isDirectory()) await writeFile(first, '');
    });
    onTestFinished(() => {
      lies.mockRestore();
    });
    expect(await rejectionCode(writeDurably([first, second], 'new'))).toBe('profile-unusable');
    lies.mockRestore();
    expect(await readFile(second, 'utf8')).toBe('old');
  });
});

/** Runs `work`, and gives the folders that it made and did not sync the folder above of afterwards. */
async function unsynced(root: string, work: () => Promise<unknown>): Promise<readonly string[]> {
  const prototype = await fileHandles();
  const { sync } = prototype;
  const pending = new Set<string>();
  const known = new Set(await foldersIn(root));
  const look = async () => {
    for (const folder of await foldersIn(root)) {
      if (!known.has(folder)) pending.add(folder);
      known.add(folder);
    }
  };
  const watched = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
    await look();
    const path = await readlink(`/proc/self/fd/${String(this.fd)}`);
    await sync.call(this);
    for (const folder of pending) if (dirname(folder) === path) pending.delete(folder);
  });
  try {
    await work();
    await look();
  } finally {
    watched.mockRestore();
  }
  return [...pending].sort();
}

async function foldersIn(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

// Elsewhere nothing says which file a descriptor belongs to.
describe.runIf(process.platform === 'linux')('a folder outlives a power cut once it was made', () => {
  it('with all folders above it that were made with it', async () => {
    const root = await temporaryFolder();
    expect(await unsynced(root, () => makeFolder(join(root, 'a', 'b', 'c')))).toEqual([]);
    expect((await foldersIn(root)).toSorted()).toEqual(['a', 'a/b', 'a/b/c'].map((name) => join(root, name)));
  });

  it('also when another process had made it and was killed before it synced anything', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'made');
    const left = await unsynced(root, async () => {
      await mkdir(folder);
      await makeFolder(folder);
    });
    expect(left).toEqual([]);
  });

  it('as a profile, with those above it', async () => {
    const root = await temporaryFolder();
    const profile = join(root, 'config', 'sealane');
    const left = await unsynced(root, async () => {
      const store = await openStore({ profile, defaultName: 'laptop', now: Date.now });
      await store.close();
    });
    expect(left).toEqual([]);
    expect(await foldersIn(root)).toContain(profile);
  });

  it('for a transfer, with the one that holds all transfers, whichever of them was there', async () => {
    const root = await temporaryFolder();
    const profile = join(root, 'profile');
    const store = await openStore({ profile, defaultName: 'laptop', now: Date.now });
    onTestFinished(() => store.close());
    for (const n of [1, 2]) {
      const left = await unsynced(root, async () => {
        const claim = await store.claimTransfer(transferId(n));
        await claim?.write('job.json', '{}');
        await claim?.release();
      });
      expect(left).toEqual([]);
    }
    await rename(join(profile, 'transfers'), join(profile, 'moved'));
    const left = await unsynced(root, async () => {
      const claim = await store.claimTransfer(transferId(3));
      await claim?.write('job.json', '{}');
      await claim?.release();
    });
    expect(left).toEqual([]);
    expect(await foldersIn(root)).toContain(join(profile, 'transfers', transferId(3)));
  });
});

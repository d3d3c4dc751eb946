import { execFile } from 'node:child_process';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { writeDurably } from '../../../../src-main/engine/store/durable-file.ts';
import { temporaryFolder } from './support.ts';

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

  it('keeps the old text when the last check before the rename throws', async () => {
    const file = join(await temporaryFolder(), 'a.json');
    await writeDurably([file], 'old');
    await expect(writeDurably([file], 'new', () => Promise.reject(new Error('stop')))).rejects.toThrow(
      'stop',
    );
    expect(await readFile(file, 'utf8')).toBe('old');
  });

  it('keeps the old text when the new one does not fit on the disk', async () => {
    const file = join(await temporaryFolder(), 'a.json');
    await writeDurably([file], 'old');
    const fixture = join(import.meta.dirname, 'fixtures', 'write-large.ts');
    // A limit of 64 KiB cuts the write short in the middle, just as a full disk would.
    const command = 'ulimit -f 128; exec "$@"';
    const args = ['-c', command, 'sh', process.execPath, fixture, file, '1000000'];
    const { stdout } = await promisify(execFile)('sh', args);
    expect(stdout).toBe('EFBIG');
    expect(await readFile(file, 'utf8')).toBe('old');
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { plainGzip } from '../../../tools/package/gzip.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-gzip-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function made(name: string, seconds: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, 'the same content');
  await utimes(path, seconds, seconds);
  await promisify(execFile)('gzip', ['--name', path]);
  await plainGzip(`${path}.gz`);
  return `${path}.gz`;
}

it('name and time of what was compressed leave no trace', async () => {
  const [one, other] = [await made('one', 1000), await made('another-name', 2_000_000)];
  expect((await readFile(one)).equals(await readFile(other))).toBe(true);
  expect(gunzipSync(await readFile(one)).toString()).toBe('the same content');
  await plainGzip(one);
  expect((await readFile(one)).equals(await readFile(other))).toBe(true);
});

it('what is no gzip file is left alone', async () => {
  const path = join(folder, 'text');
  await writeFile(path, 'no gzip file');
  await expect(plainGzip(path)).rejects.toThrow('no gzip file');
  expect(await readFile(path, 'utf8')).toBe('no gzip file');
});

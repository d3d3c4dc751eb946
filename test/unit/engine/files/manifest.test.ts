import { appendFileSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ManifestWriter, readManifest } from '../../../../src-main/engine/files/manifest.ts';
import type { ManifestEntry } from '../../../../src-main/engine/files/manifest.ts';
import { codeOf, newFolder } from './world.ts';

const file: ManifestEntry = {
  kind: 'file',
  path: ['Ordner', 'Zeile\n"zwei".txt'],
  source: '/somewhere/Ordner/Zeile\n"zwei".txt',
  size: 2 ** 53 - 1,
  mtimeUs: -1,
  mtimeNs: -1n,
  inode: 2n ** 64n - 1n,
  device: 2n ** 63n,
  executable: true,
};
const entries: readonly ManifestEntry[] = [
  { kind: 'folder', path: ['Ordner'], mtimeUs: 1_700_000_000_123_456 },
  file,
  { kind: 'skipped', path: ['Ordner', '..\\x'], reason: 'name-reserved' },
];

function write(list: Iterable<ManifestEntry>): string {
  const path = join(newFolder(), 'manifest');
  const writer = new ManifestWriter(path);
  for (const entry of list) writer.append(entry);
  writer.close();
  return path;
}

const readAll = (path: string): ManifestEntry[] => [...readManifest(path)];

describe('the manifest', () => {
  it('gives back what was written, 64-bit numbers and line breaks in names included', () => {
    expect(readAll(write(entries))).toEqual(entries);
  });

  it('may be empty, and may be read twice', () => {
    const path = write([]);
    expect(readAll(path)).toEqual([]);
    expect(readAll(path)).toEqual([]);
  });

  it('is readable by its owner only', () => {
    expect(statSync(write(entries)).mode & 0o777).toBe(0o600);
  });

  it('crosses the borders of reading and writing in pieces', () => {
    const many = Array.from({ length: 5000 }, (_, index): ManifestEntry => {
      return { ...file, path: ['a', `${'x'.repeat(index % 97)}${index}`] };
    });
    expect(readAll(write(many))).toEqual(many);
  });

  it('replaces what was there, but follows no link', () => {
    const path = write(entries);
    const writer = new ManifestWriter(path);
    writer.close();
    expect(readAll(path)).toEqual([]);

    const folder = newFolder();
    writeFileSync(join(folder, 'precious'), 'precious');
    symlinkSync('precious', join(folder, 'manifest'));
    expect(codeOf(() => new ManifestWriter(join(folder, 'manifest')))).toBe('profile-unusable');
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('precious');
  });

  it('is not taken for whole when it was cut off or never ended', () => {
    const path = write(entries);
    const lines = readFileSync(path, 'utf8').split('\n');
    const end = lines.at(-2) ?? '';
    truncateSync(path, statSync(path).size - Buffer.byteLength(end) - 1);
    expect(codeOf(() => readAll(path))).toBe('internal');
    truncateSync(path, statSync(path).size - 3);
    expect(codeOf(() => readAll(path))).toBe('internal');

    const unfinished = join(newFolder(), 'manifest');
    const writer = new ManifestWriter(unfinished);
    writer.append(file);
    writer.abort();
    writer.abort();
    expect(codeOf(() => readAll(unfinished))).toBe('internal');
    expect(
      codeOf(() => {
        writer.append(file);
      }),
    ).toBe('internal');
  });

  it.each([
    ['no JSON', 'nonsense\n'],
    ['an unknown kind', '{"kind":"link","path":["a"]}\n'],
    ['an unknown field', '{"kind":"folder","path":["a"],"mtimeUs":0,"mode":7}\n'],
    ['an empty path', '{"kind":"folder","path":[],"mtimeUs":0}\n'],
    ['a negative size', `${JSON.stringify({ ...file, size: -1, mtimeNs: '0', inode: '0', device: '0' })}\n`],
    ['a line without end', `"${'x'.repeat(1_000_000)}`],
    ['entries after the end', '{"kind":"end","entries":0}\n{"kind":"end","entries":0}\n'],
    ['a wrong count', '{"kind":"end","entries":1}\n'],
  ])('is refused with %s', (_what, text) => {
    const path = join(newFolder(), 'manifest');
    writeFileSync(path, text);
    expect(codeOf(() => readAll(path))).toBe('internal');
    const good = write(entries);
    appendFileSync(good, text);
    expect(codeOf(() => readAll(good))).toBe('internal');
  });

  it('is refused when it is not there', () => {
    expect(codeOf(() => readAll(join(newFolder(), 'manifest')))).toBe('internal');
  });
});

import { appendFileSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ManifestWriter,
  readManifest,
  surveyManifest,
  surveyOfNew,
} from '../../../../src-main/engine/files/manifest.ts';
import type {
  ManifestEntry,
  ManifestFile,
  WrittenEntry,
} from '../../../../src-main/engine/files/manifest-record.ts';
import { formatRecord } from '../../../../src-main/engine/files/manifest-record.ts';
import { codeOf, newFolder } from './world.ts';

const file: ManifestFile = {
  kind: 'file',
  path: ['Ordner', 'Zeile\n"zwei".txt'],
  source: '/somewhere/Ordner/Zeile\n"zwei".txt',
  size: 2 ** 53 - 1,
  mtimeUs: -1,
  mtimeNs: -1n,
  ctimeNs: 1n,
  inode: 2n ** 64n - 1n,
  executable: true,
};
const entries: readonly WrittenEntry[] = [
  { kind: 'folder', path: ['Ordner'], mtimeUs: 1_700_000_000_123_456 },
  file,
  { kind: 'skipped', path: ['Ordner', '..\\x'], reason: 'name-reserved' },
];

/** The file above as it was found later. */
const changed: ManifestFile = { ...file, size: 7, mtimeNs: 5n, again: 1 };
const { executable } = file;
const old: ManifestEntry = {
  kind: 'superseded',
  path: file.path,
  size: file.size,
  executable,
  again: undefined,
};

/** Appends as a revision does. */
function append(path: string, ...list: readonly WrittenEntry[]): void {
  const writer = new ManifestWriter(path, surveyManifest(path).committed);
  for (const entry of list) writer.append(entry);
  writer.close();
}

function write(list: Iterable<WrittenEntry>): string {
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
    const many = Array.from({ length: 5000 }, (_, index): WrittenEntry => {
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

  it('is known to its writer as whoever looks through it finds it', () => {
    const path = join(newFolder(), 'manifest');
    const writer = new ManifestWriter(path);
    for (const entry of entries) writer.append(entry);
    const committed = writer.close();
    expect(committed).toEqual(surveyManifest(path).committed);
    expect(committed.bytes).toBe(statSync(path).size);
    expect([...readManifest(path, surveyOfNew(committed))]).toEqual(readAll(path));
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
    ['a negative size', `${JSON.stringify({ ...file, size: -1, mtimeNs: '0', ctimeNs: '0', inode: '0' })}\n`],
    ['a line without end', `"${'x'.repeat(1_000_000)}`],
    ['a wrong count', '{"kind":"end","entries":7}\n'],
  ])('is refused with %s', (_what, text) => {
    const path = join(newFolder(), 'manifest');
    writeFileSync(path, text);
    expect(codeOf(() => readAll(path))).toBe('internal');
    // In the middle, where it is damage and not the end of writing.
    const [first = '', ...rest] = readFileSync(write(entries), 'utf8').split('\n');
    writeFileSync(path, [first, text.trimEnd(), ...rest.slice(1)].join('\n'));
    expect(codeOf(() => readAll(path))).toBe('internal');
  });

  it('is refused when it is not there', () => {
    expect(codeOf(() => readAll(join(newFolder(), 'manifest')))).toBe('internal');
  });
});

describe('a manifest with changes', () => {
  it('gives them at its end, and says in the old place that they are there', () => {
    const path = write(entries);
    append(path, changed);
    expect(readAll(path)).toEqual([entries[0], old, entries[2], changed]);
  });

  it('gives the newest of several, each the number of the first', () => {
    const other: ManifestFile = { ...file, path: ['other'] };
    const path = write([...entries, other]);
    append(path, changed, { ...other, again: 3 });
    append(path, { ...changed, size: 8 });
    append(path, { ...changed, size: 9 });
    expect(readAll(path).slice(1)).toEqual([
      old,
      entries[2],
      { kind: 'superseded', path: ['other'], size: file.size, executable, again: undefined },
      { kind: 'superseded', path: file.path, size: 7, executable, again: 1 },
      { ...other, again: 3 },
      { kind: 'superseded', path: file.path, size: 8, executable, again: 1 },
      { ...changed, size: 9 },
    ]);
  });

  it('is the one before wherever writing a change was cut short, and goes on from there', () => {
    const path = write(entries);
    append(path, changed);
    const whole = readFileSync(path);
    const before = readAll(path);
    append(path, { ...changed, size: 8 }, { ...changed, size: 9 });
    const more = readFileSync(path);
    for (let length = whole.length; length < more.length; length += 1) {
      writeFileSync(path, more.subarray(0, length));
      expect(readAll(path)).toEqual(before);
    }
    append(path, { ...changed, size: 10 });
    expect(readAll(path).map((entry) => (entry.kind === 'file' ? entry.size : entry.kind))).toEqual([
      'folder',
      'superseded',
      'skipped',
      'superseded',
      10,
    ]);
    expect(readFileSync(path).subarray(0, whole.length).equals(whole)).toBe(true);
  });

  it.each([
    ['zeros, as a file system leaves them', '\0'.repeat(5000)],
    ['more zeros than a line can have', '\0'.repeat(1_000_000)],
    ['lines of nonsense', 'nonsense\nnonsense\n'],
    ['an entry for what is no entry of the walk', `${formatRecord({ ...changed, again: 3 })}\n`],
    ['an entry that is not marked', `${formatRecord(file)}\n`],
    ['an end that does not fit', '{"kind":"end","entries":4}\n'],
    ['an end whose beginning did not reach the disk', '\0\0\0\n{"kind":"end","entries":4}\n'],
  ])('takes no notice of %s behind its end', (_what, text) => {
    const path = write(entries);
    appendFileSync(path, text);
    expect(readAll(path)).toEqual(entries);
    append(path, changed);
    expect(readAll(path)).toEqual([entries[0], old, entries[2], changed]);
  });

  it('is refused when what is damaged has been whole: numbers that were told would be others', () => {
    const path = write(entries);
    append(path, changed);
    append(path, { ...changed, size: 8 });
    const lines = readFileSync(path, 'utf8').split('\n');
    lines[4] = 'nonsense';
    writeFileSync(path, lines.join('\n'));
    expect(codeOf(() => readAll(path))).toBe('internal');
  });

  it('reads what a survey said, whatever is appended meanwhile', () => {
    const path = write(entries);
    const reading = readManifest(path);
    expect(reading.next().value).toEqual(entries[0]);
    append(path, changed);
    expect([...reading]).toEqual(entries.slice(1));
  });
});

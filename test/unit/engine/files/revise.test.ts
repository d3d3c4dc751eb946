import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Revision } from '../../../../src-main/engine/content/contract.ts';
import type { SourceAccess } from '../../../../src-main/engine/files/source.ts';
import type { ManifestEntry } from '../../../../src-main/engine/files/manifest-record.ts';
import { ManifestWriter, readManifest, surveyManifest } from '../../../../src-main/engine/files/manifest.ts';
import { revise } from '../../../../src-main/engine/files/revise.ts';
import type { ReviseOptions } from '../../../../src-main/engine/files/revise.ts';
import { scan } from '../../../../src-main/engine/files/scan.ts';
import { endMarkAt } from '../../../../src-main/engine/files/file-end.ts';
import { fileEntry } from '../../../../src-main/engine/files/source.ts';
import { codeOf, lay, newFolder, systemError } from './world.ts';

const LONG_AGO = 1_600_000_000;

/** Walks a folder with three files and another one in it, all of long ago. */
function walked(): { readonly top: string; readonly manifest: string; readonly before: Buffer } {
  const top = join(newFolder(), 'top');
  lay(top, { a: 'aaa', b: 'bbb', 'sub/c': 'ccc' });
  for (const name of ['a', 'b', 'sub/c']) utimesSync(join(top, name), LONG_AGO, LONG_AGO);
  const manifest = join(newFolder(), 'manifest');
  const writer = new ManifestWriter(manifest);
  scan([top], writer, { onProgress: () => undefined, isCancelled: () => false });
  writer.close();
  return { top, manifest, before: readFileSync(manifest) };
}

/** Revises without looking for new files, of which nothing is told then. */
function run(
  manifest: string,
  options: Partial<ReviseOptions> = {},
): Omit<Revision, 'entries' | 'firstFiles' | 'later' | 'unsent'> {
  const { entries, firstFiles, later, unsent, ...revision } = revise(manifest, {
    isCancelled: () => false,
    ...options,
  });
  let firsts = 0;
  for (const entry of readManifest(manifest)) if ('size' in entry && entry.again === undefined) firsts += 1;
  expect(firstFiles).toBe(firsts);
  expect(entries).toBe(surveyManifest(manifest).committed.entries);
  expect(later).toEqual({ listed: [], count: 0 });
  // The receiver has been told of nothing since the walk.
  const listed = revision.resent.map((path) => ({ path, reason: 'changed' }));
  expect(unsent).toEqual({ listed, count: revision.resentCount });
  return revision;
}

/** One word per entry: `file top/b 3`, with `again 2` behind it. */
function told(manifest: string): string[] {
  return [...readManifest(manifest)].map((entry: ManifestEntry) => {
    const words: (string | number)[] = [entry.kind, entry.path.join('/')];
    if ('size' in entry) words.push(entry.size);
    if ('again' in entry && entry.again !== undefined) words.push('again', entry.again);
    return words.join(' ');
  });
}

const UNCHANGED = ['folder top', 'file top/a 3', 'file top/b 3', 'folder top/sub', 'file top/sub/c 3'];

const NOTHING_SENT_AGAIN = {
  files: 3,
  folders: 2,
  bytes: 9,
  hidden: 0,
  programs: 0,
  resent: [],
  resentCount: 0,
  grown: { listed: [], count: 0 },
};

describe('a revision', () => {
  it('of what did not change leaves the manifest alone', () => {
    const { manifest, before } = walked();
    const modified = statSync(manifest, { bigint: true }).mtimeNs;
    for (let time = 0; time < 2; time += 1) {
      expect(run(manifest)).toEqual(NOTHING_SENT_AGAIN);
    }
    expect(readFileSync(manifest).equals(before)).toBe(true);
    expect(statSync(manifest, { bigint: true }).mtimeNs).toBe(modified);
    expect(told(manifest)).toEqual(UNCHANGED);
  });

  const changes: Record<string, { readonly change: (file: string) => void; readonly size: number }> = {
    'was touched': {
      change: (file) => {
        utimesSync(file, LONG_AGO + 1, LONG_AGO + 1);
      },
      size: 3,
    },
    'has other content of the same size': {
      change: (file) => {
        writeFileSync(file, 'BBB');
      },
      size: 3,
    },
    'grew, and kept its time': {
      change: (file) => {
        appendFileSync(file, 'b');
        utimesSync(file, LONG_AGO, LONG_AGO);
      },
      size: 4,
    },
    shrank: {
      change: (file) => {
        truncateSync(file, 1);
      },
      size: 1,
    },
    'is empty': {
      change: (file) => {
        truncateSync(file, 0);
      },
      size: 0,
    },
    'is another file of the same size and time': {
      change: (file) => {
        copyFileSync(file, `${file} copy`);
        utimesSync(`${file} copy`, LONG_AGO, LONG_AGO);
        renameSync(`${file} copy`, file);
      },
      size: 3,
    },
  };
  for (const [name, { change, size }] of Object.entries(changes)) {
    it(`appends a file that ${name}, and never twice`, () => {
      const { top, manifest, before } = walked();
      change(join(top, 'b'));
      const expected = {
        files: 4,
        folders: 2,
        bytes: 9 + size,
        hidden: 0,
        programs: 0,
        resent: ['top/b'],
        resentCount: 1,
        grown: { listed: [], count: 0 },
      };
      const changed = [
        'folder top',
        'file top/a 3',
        'superseded top/b 3',
        'folder top/sub',
        'file top/sub/c 3',
      ];
      expect(run(manifest)).toEqual(expected);
      expect(told(manifest)).toEqual([...changed, `file top/b ${String(size)} again 2`]);
      const after = readFileSync(manifest);
      expect(after.subarray(0, before.length).equals(before)).toBe(true);
      expect(run(manifest)).toEqual(expected);
      expect(readFileSync(manifest).equals(after)).toBe(true);
    });
  }

  it('appends it as it is now, but for having become a program, which it was not offered as', () => {
    const { top, manifest } = walked();
    const file = join(top, 'b');
    writeFileSync(file, 'a new one');
    chmodSync(file, 0o755);
    expect(run(manifest)).toMatchObject({ resentCount: 1, programs: 0 });
    const stats = lstatSync(file, { bigint: true });
    expect([...readManifest(manifest)].at(-1)).toEqual({
      ...fileEntry(['top', 'b'], { source: file, stats }, endMarkAt(file, stats)),
      size: 9,
      executable: false,
      again: 2,
    });
  });

  const staying: Record<string, (file: string) => void> = {
    'is gone': (file) => {
      rmSync(file);
    },
    'is a folder now': (file) => {
      rmSync(file);
      mkdirSync(file);
    },
    'is a link to another file now': (file) => {
      rmSync(file);
      writeFileSync(`${file} other`, 'secret');
      symlinkSync(`${file} other`, file);
    },
    'has a folder above it that is a link to somewhere else now': (file) => {
      const folder = join(file, '..');
      renameSync(folder, `${folder} moved`);
      lay(`${folder} elsewhere`, { b: 'private' });
      symlinkSync(`${folder} elsewhere`, folder);
    },
    'has a file in the place of its folder': (file) => {
      const folder = join(file, '..');
      rmSync(folder, { recursive: true });
      writeFileSync(folder, '');
    },
    'has another name': (file) => {
      renameSync(file, `${file} renamed`);
    },
  };
  for (const [name, change] of Object.entries(staying)) {
    it(`leaves a file that ${name}: it is missed when its turn comes`, () => {
      const { top, manifest, before } = walked();
      change(join(top, 'b'));
      expect(run(manifest)).toEqual(NOTHING_SENT_AGAIN);
      expect(readFileSync(manifest).equals(before)).toBe(true);
    });
  }

  it('leaves one that cannot be read', () => {
    const { top, manifest } = walked();
    writeFileSync(join(top, 'b'), 'new');
    const checkReadable: SourceAccess = ({ source }) => {
      if (source === join(top, 'b')) throw systemError('EACCES');
    };
    expect(run(manifest, { checkReadable }).resentCount).toBe(0);
    expect(run(manifest).resentCount).toBe(1);
  });

  it('knows of no new files unless it looks for them, and looks at no folder', () => {
    const { top, manifest } = walked();
    lay(top, { new: 'new', 'sub/new': 'new' });
    expect(run(manifest).resentCount).toBe(0);
    expect(told(manifest)).toEqual(UNCHANGED);
  });

  it('compares a file with its newest entry, however often it changes, and counts every one', () => {
    const { top, manifest } = walked();
    appendFileSync(join(top, 'b'), 'b');
    expect(run(manifest)).toMatchObject({ files: 4, bytes: 13, resentCount: 1 });
    appendFileSync(join(top, 'b'), 'b');
    writeFileSync(join(top, 'sub/c'), '');
    const last = {
      files: 6,
      folders: 2,
      bytes: 18,
      hidden: 0,
      programs: 0,
      resent: ['top/sub/c', 'top/b'],
      resentCount: 2,
      grown: { listed: [], count: 0 },
    };
    expect(run(manifest)).toEqual(last);
    expect(run(manifest)).toEqual(last);
    expect(told(manifest)).toEqual([
      'folder top',
      'file top/a 3',
      'superseded top/b 3',
      'folder top/sub',
      'superseded top/sub/c 3',
      'superseded top/b 4 again 2',
      'file top/sub/c 0 again 4',
      'file top/b 5 again 2',
    ]);
    rmSync(join(top, 'b'));
    expect(run(manifest)).toEqual(last);
  });

  it('tells of what has changed since the receiver heard of the manifest, once for each file', () => {
    const { top, manifest } = walked();
    for (const name of ['a', 'b']) appendFileSync(join(top, name), 'x');
    run(manifest);
    const since = surveyManifest(manifest).committed.entries;
    const look = () => revise(manifest, { isCancelled: () => false, lookedFor: { paths: null, since } });
    expect(look()).toMatchObject({ resentCount: 2, unsent: { listed: [], count: 0 } });
    for (let time = 0; time < 2; time += 1) {
      for (const name of ['b', 'sub/c']) appendFileSync(join(top, name), 'x');
      const unsent = ['top/sub/c', 'top/b'].map((path) => ({ path, reason: 'changed' }));
      const { resentCount, unsent: found } = look();
      expect(resentCount).toBe(3);
      expect(found.count).toBe(2);
      expect(found.listed).toEqual(expect.arrayContaining(unsent));
    }
  });

  it('goes on behind the last end when the one before was cut short', () => {
    const { top, manifest, before } = walked();
    appendFileSync(join(top, 'b'), 'b');
    run(manifest);
    const revised = readFileSync(manifest);
    for (let length = before.length + 1; length < revised.length; length += 7) {
      writeFileSync(manifest, revised.subarray(0, length));
      expect(run(manifest)).toMatchObject({ files: 4, resent: ['top/b'] });
      expect(readFileSync(manifest).equals(revised)).toBe(true);
    }
  });

  it('lists the first hundred and counts all', () => {
    const top = join(newFolder(), 'top');
    const names = Array.from({ length: 130 }, (_, n) => String(n).padStart(3, '0'));
    lay(top, Object.fromEntries(names.map((name) => [name, 'x'])));
    const manifest = join(newFolder(), 'manifest');
    const writer = new ManifestWriter(manifest);
    scan([top], writer, { onProgress: () => undefined, isCancelled: () => false });
    writer.close();
    for (const name of names) appendFileSync(join(top, name), 'x');
    const { resent, resentCount } = run(manifest);
    expect(resent).toEqual(names.slice(0, 100).map((name) => `top/${name}`));
    expect(resentCount).toBe(130);
  });

  it('stops when it is told to, and nothing was appended', () => {
    const { top, manifest } = walked();
    appendFileSync(join(top, 'a'), 'a');
    let asked = 0;
    expect(codeOf(() => run(manifest, { isCancelled: () => (asked += 1) > 3 }))).toBe('cancelled');
    expect(told(manifest)).toEqual(UNCHANGED);
    expect(run(manifest).resentCount).toBe(1);
  });

  it('leaves what no entry is left for', () => {
    const { top, manifest } = walked();
    for (const name of ['a', 'b', 'sub/c']) appendFileSync(join(top, name), 'x');
    expect(run(manifest, { maxEntries: 7 })).toEqual({
      files: 5,
      folders: 2,
      bytes: 17,
      hidden: 0,
      programs: 0,
      resent: ['top/a', 'top/b'],
      resentCount: 2,
      grown: { listed: [], count: 0 },
    });
    expect(surveyManifest(manifest).committed.entries).toBe(7);
    expect(run(manifest, { maxEntries: 7 })).toMatchObject({ files: 5, resentCount: 2 });
  });

  it('fails for a manifest that is missing or damaged', () => {
    const { manifest, before } = walked();
    expect(codeOf(() => run(join(newFolder(), 'none')))).toBe('internal');
    truncateSync(manifest, before.length - 1);
    expect(codeOf(() => run(manifest))).toBe('internal');
    writeFileSync(manifest, before.toString().replace('"size":3', '"size":"'));
    expect(codeOf(() => run(manifest))).toBe('internal');
  });

  it('holds 200,000 entries in little memory, a tenth of them changed', { timeout: 180_000 }, () => {
    const folder = newFolder();
    const sources = Array.from({ length: 100 }, (_, n) => {
      const source = join(folder, String(n));
      writeFileSync(source, '');
      return source;
    });
    const manifest = join(newFolder(), 'manifest');
    const writer = new ManifestWriter(manifest);
    const listed = sources.map((source) => ({ source, stats: lstatSync(source, { bigint: true }) }));
    for (let n = 0; n < 2000; n += 1) {
      for (const [at, found] of listed.entries())
        writer.append(fileEntry(['x'.repeat(200), String(n), String(at)], found));
    }
    writer.close();
    for (const source of sources.slice(0, 10)) writeFileSync(source, 'x');
    run(walked().manifest);

    const before = process.memoryUsage.rss();
    let most = before;
    const isCancelled = (): boolean => {
      most = Math.max(most, process.memoryUsage.rss());
      return false;
    };
    const expected = { files: 220_000, bytes: 20_000, resentCount: 20_000 };
    expect(run(manifest, { isCancelled })).toMatchObject(expected);
    expect(run(manifest, { isCancelled })).toMatchObject(expected);
    const grown = Math.round((most - before) / 1024 / 1024);
    process.stdout.write(
      `Revising 200,000 entries twice, a tenth of them changed, took ${String(grown)} MiB more.\n`,
    );
    // As objects, the entries alone would take more than 200 MiB; what is kept of them is 16 bytes for each that changed.
    expect(grown).toBeLessThan(100);
  });
});

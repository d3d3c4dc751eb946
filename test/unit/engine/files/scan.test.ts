import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ScanSummary } from '../../../../src-main/engine/content/contract.ts';
import type { SourceAccess } from '../../../../src-main/engine/files/source.ts';
import { ManifestWriter, readManifest } from '../../../../src-main/engine/files/manifest.ts';
import type { ManifestEntry } from '../../../../src-main/engine/files/manifest-record.ts';
import { scan } from '../../../../src-main/engine/files/scan.ts';
import type { ScanOptions } from '../../../../src-main/engine/files/scan.ts';
import { codeOf, lay, newFolder, systemError } from './world.ts';

interface Scanned {
  readonly summary: ScanSummary;
  readonly entries: readonly ManifestEntry[];
}

function run(paths: readonly string[], options: Partial<ScanOptions> = {}): Scanned {
  const file = join(newFolder(), 'manifest');
  const manifest = new ManifestWriter(file);
  try {
    const summary = scan(paths, manifest, {
      onProgress: () => undefined,
      isCancelled: () => false,
      ...options,
    });
    manifest.close();
    return { summary, entries: [...readManifest(file)] };
  } finally {
    manifest.abort();
  }
}

/** One word per entry: `file a/b`, `folder a`, `vanished a/c`. */
function told({ entries }: Scanned): string[] {
  return entries.map(
    (entry) => `${entry.kind === 'skipped' ? entry.reason : entry.kind} ${entry.path.join('/')}`,
  );
}

describe('scan', () => {
  it('walks depth first, folders before what is in them, names in order', () => {
    const world = newFolder();
    lay(world, {
      'top/b.txt': 'bb',
      'top/a/z': 'z',
      'top/a/y/x': '',
      'top/empty/': '',
      'top/B': 'b',
      'top/.hidden': '',
    });
    const scanned = run([join(world, 'top')]);
    expect(told(scanned)).toEqual([
      'folder top',
      'file top/.hidden',
      'file top/B',
      'folder top/a',
      'folder top/a/y',
      'file top/a/y/x',
      'file top/a/z',
      'file top/b.txt',
      'folder top/empty',
    ]);
    expect(scanned.summary).toEqual({
      items: [{ name: 'top', kind: 'folder', program: false }],
      itemCount: 1,
      files: 5,
      folders: 4,
      bytes: 4,
      hidden: 1,
      programs: 0,
      skipped: [],
      skippedCount: 0,
    });
  });

  it('keeps size, time, identity and the executable bit', () => {
    const world = newFolder();
    lay(world, { plain: 'abc', 'run.sh': '#!' });
    chmodSync(join(world, 'run.sh'), 0o755);
    utimesSync(join(world, 'plain'), 0, 1_700_000_000.125);
    const [plain, script] = run([join(world, 'plain'), join(world, 'run.sh')]).entries;
    const stats = statSync(join(world, 'plain'), { bigint: true });
    expect(plain).toEqual({
      kind: 'file',
      path: ['plain'],
      source: join(world, 'plain'),
      size: 3,
      mtimeUs: 1_700_000_000_125_000,
      mtimeNs: stats.mtimeNs,
      ctimeNs: stats.ctimeNs,
      inode: stats.ino,
      executable: false,
    });
    expect(script).toMatchObject({ executable: true });
  });

  it('sends names as they are: any script, composed or not, and what only Windows dislikes', () => {
    const world = newFolder();
    const names = [
      'Gr\u00fc\u00dfe',
      'Gru\u0308\u00dfe',
      '日本語',
      'a: b?.txt',
      'trailing.',
      'a\u001b[31m',
      'line\nbreak',
    ];
    for (const name of names) lay(world, { [join('top', name)]: '' });
    const { entries, summary } = run([join(world, 'top')]);
    expect(entries.slice(1).map((entry) => entry.path[1])).toEqual([...names].sort());
    expect(summary.skippedCount).toBe(0);
  });

  describe('leaves out, and says so', () => {
    it('no name that another system could not hold: that is for the receiver to see', () => {
      const world = newFolder();
      lay(world, {
        'top/back\\slash': '',
        'top/aux.c': '',
        'top/NUL': '',
        'top/fine': '',
        'C: notes.txt': '',
        'top/con/x': '',
      });
      const scanned = run([join(world, 'top'), join(world, 'C: notes.txt')]);
      expect(told(scanned)).toEqual([
        'folder top',
        'file top/NUL',
        'file top/aux.c',
        'file top/back\\slash',
        'folder top/con',
        'file top/con/x',
        'file top/fine',
        'file C: notes.txt',
      ]);
      const items = [{ name: 'top' }, { name: 'C: notes.txt' }];
      expect(scanned.summary).toMatchObject({ itemCount: 2, items, skippedCount: 0 });
    });

    it('what is too deep', () => {
      const world = newFolder();
      // One by one: the whole path is longer than a path may be in one call.
      mkdirSync(join(world, 'top', ...Array.from({ length: 150 }, () => 'd')), { recursive: true });
      const { summary } = run([join(world, 'top')]);
      expect(summary).toMatchObject({ folders: 128, skippedCount: 1 });
      expect(summary.skipped[0]?.reason).toBe('name-too-long');
    });

    it('a name that is no valid UTF-8, beside one that reads the same', () => {
      const world = newFolder();
      lay(world, { 'top/good': '' });
      writeFileSync(Buffer.concat([Buffer.from(join(world, 'top', 'bad')), Buffer.from([0xff])]), '');
      expect(told(run([join(world, 'top')]))).toEqual([
        'folder top',
        'name-encoding top/bad\ufffd',
        'file top/good',
      ]);
      lay(world, { 'top/bad\ufffd': '' });
      expect(told(run([join(world, 'top')]))).toEqual([
        'folder top',
        'file top/bad\ufffd',
        'name-encoding top/bad\ufffd',
        'file top/good',
      ]);
    });

    it('pipes and sockets', async () => {
      const world = newFolder();
      lay(world, { 'top/file': '' });
      expect(spawnSync('mkfifo', [join(world, 'top', 'pipe')]).status).toBe(0);
      const server = createServer();
      onTestFinished(() => {
        server.close();
      });
      await new Promise<void>((done) =>
        server.listen(relative(process.cwd(), join(world, 'top', 'socket')), done),
      );
      expect(told(run([join(world, 'top')]))).toEqual([
        'folder top',
        'file top/file',
        'special-file top/pipe',
        'special-file top/socket',
      ]);
    });

    it('what cannot be read, a folder with all in it', () => {
      const world = newFolder();
      lay(world, { 'top/closed/x': '', 'top/open/x': '', 'top/secret': '' });
      // Tests may run as root, who reads everything: a stand-in for the system's refusal.
      const checkReadable: SourceAccess = ({ source }) => {
        if (/secret|closed/.test(source)) throw systemError('EACCES');
      };
      expect(told(run([join(world, 'top')], { checkReadable }))).toEqual([
        'folder top',
        'unreadable top/closed',
        'folder top/open',
        'file top/open/x',
        'unreadable top/secret',
      ]);
      expect(codeOf(() => run([join(world, 'top', 'secret')], { checkReadable }))).toBe('source-missing');
    });

    it('what vanishes while the walk is under way', () => {
      const world = newFolder();
      lay(world, { 'top/a': '', 'top/b': '', 'top/c/x': '', 'top/d': '' });
      let entry = 0;
      const isCancelled = (): boolean => {
        entry += 1;
        if (entry === 2) rmSync(join(world, 'top', 'b'));
        if (entry === 3) renameSync(join(world, 'top', 'c'), join(world, 'elsewhere'));
        return false;
      };
      expect(told(run([join(world, 'top')], { isCancelled }))).toEqual([
        'folder top',
        'file top/a',
        'vanished top/b',
        'vanished top/c',
        'file top/d',
      ]);
    });

    it('only the first hundred by name, and counts all', () => {
      const world = newFolder();
      lay(world, { 'top/fine': '' });
      for (let n = 0; n < 150; n++) symlinkSync('nowhere', join(world, 'top', `link${n}`));
      const { summary, entries } = run([join(world, 'top')]);
      expect(summary.skipped).toHaveLength(100);
      expect(summary.skippedCount).toBe(150);
      expect(entries).toHaveLength(152);
    });
  });

  describe('follows links', () => {
    it('to what lies inside what is sent, and sends what they point to', () => {
      const world = newFolder();
      lay(world, { 'top/real/file': 'abc', 'other/x': 'x' });
      symlinkSync('real/file', join(world, 'top', 'link'));
      symlinkSync('real', join(world, 'top', 'folder-link'));
      symlinkSync(join(world, 'other', 'x'), join(world, 'top', 'to-other'));
      const scanned = run([join(world, 'top'), join(world, 'other')]);
      expect(told(scanned)).toEqual([
        'folder top',
        'folder top/folder-link',
        'file top/folder-link/file',
        'file top/link',
        'folder top/real',
        'file top/real/file',
        'file top/to-other',
        'folder other',
        'file other/x',
      ]);
      const link = scanned.entries.find((entry) => entry.path.at(-1) === 'link');
      expect(link).toMatchObject({ source: join(world, 'top', 'real', 'file'), size: 3 });
    });

    it.each([
      ['a file outside', (world: string) => join(world, 'outside', 'secret')],
      ['a folder outside', (world: string) => join(world, 'outside')],
      ['a folder above', () => '../..'],
      ['a sibling whose name begins the same', (world: string) => join(world, 'top-secret')],
      ['the outside through a link inside', () => 'hop/secret'],
    ])('but not to %s', (_what, target) => {
      const world = newFolder();
      lay(world, { 'top/fine': '', 'outside/secret': 's', 'top-secret/x': '' });
      symlinkSync(join(world, 'outside'), join(world, 'top', 'hop'));
      symlinkSync(target(world), join(world, 'top', 'link'));
      expect(told(run([join(world, 'top')]))).toEqual([
        'folder top',
        'file top/fine',
        'link-outside top/hop',
        'link-outside top/link',
      ]);
    });

    it('but not round in circles, nor to nowhere', () => {
      const world = newFolder();
      lay(world, { 'top/a/b/': '' });
      symlinkSync('../..', join(world, 'top', 'a', 'b', 'up'));
      symlinkSync('.', join(world, 'top', 'self'));
      symlinkSync('two', join(world, 'top', 'one'));
      symlinkSync('one', join(world, 'top', 'two'));
      symlinkSync('nowhere', join(world, 'top', 'broken'));
      expect(told(run([join(world, 'top')]))).toEqual([
        'folder top',
        'folder top/a',
        'folder top/a/b',
        'link-loop top/a/b/up',
        'vanished top/broken',
        'link-loop top/one',
        'link-loop top/self',
        'link-loop top/two',
      ]);
    });

    it('that the user chose, wherever they lead', () => {
      const world = newFolder();
      lay(world, { 'far/away/x': 'x', 'far/y': '' });
      symlinkSync(join(world, 'far', 'away'), join(world, 'chosen'));
      symlinkSync(join(world, 'far', 'y'), join(world, 'far', 'away', 'link'));
      expect(told(run([join(world, 'chosen')]))).toEqual([
        'folder chosen',
        'link-outside chosen/link',
        'file chosen/x',
      ]);
    });
  });

  describe('of several paths', () => {
    it('takes each once, and gives a second of the same name a number', () => {
      const world = newFolder();
      lay(world, { 'a/src/x': '', 'b/src/x': '', 'a/Photo.jpg': '', 'b/photo.jpg': '' });
      const paths = ['a/src', 'b/src', 'a/./src/', 'a/Photo.jpg', 'b/photo.jpg', 'a/src'].map(
        (path) => `${world}/${path}`,
      );
      const scanned = run(paths);
      const names = scanned.summary.items.map(({ name }) => name);
      expect(names).toEqual(['src', 'src (2)', 'Photo.jpg', 'photo (2).jpg']);
      expect(scanned.summary).toMatchObject({
        itemCount: 4,
        files: 4,
        folders: 2,
      });
      expect(told(scanned)).toContain('file src (2)/x');
    });

    it('names the first sixteen and counts all', () => {
      const world = newFolder();
      const names = Array.from({ length: 20 }, (_, n) => `file${n}`);
      for (const name of names) lay(world, { [name]: name });
      const { summary } = run(names.map((name) => join(world, name)));
      expect(summary.items.map(({ name }) => name)).toEqual(names.slice(0, 16));
      expect(summary.itemCount).toBe(20);
    });
  });

  it('fails when nothing is left to send', () => {
    const world = newFolder();
    lay(world, { 'empty/': '' });
    symlinkSync('/dev/null', join(world, 'nothing'));
    expect(codeOf(() => run([]))).toBe('nothing-to-send');
    expect(codeOf(() => run([join(world, 'nothing')]))).toBe('nothing-to-send');
    expect(codeOf(() => run([join(world, 'empty')]))).toBe('nothing thrown');
  });

  it('stops when it is told to', () => {
    const world = newFolder();
    lay(world, { 'top/a': '', 'top/b': '' });
    let asked = 0;
    expect(codeOf(() => run([join(world, 'top')], { isCancelled: () => (asked += 1) > 2 }))).toBe(
      'cancelled',
    );
  });

  it('holds 20,000 files in no more memory than 2,000', { timeout: 180_000 }, () => {
    setFlagsFromString('--expose-gc');
    const context = createContext();
    const world = newFolder();
    for (let folder = 0; folder < 20; folder++) {
      const path = join(world, 'top', `folder${folder}`, 'x'.repeat(200));
      mkdirSync(path, { recursive: true });
      for (let file = 0; file < 1000; file++)
        writeFileSync(join(path, `a file with a long name ${file}`), '');
    }
    const heap: number[] = [];
    let last = 0;
    const onProgress = ({ files }: { readonly files: number }): void => {
      if (files < last + 2000) return;
      last = files;
      runInContext('gc()', context);
      heap.push(process.memoryUsage().heapUsed);
    };
    const { summary } = run([join(world, 'top')], { onProgress });
    expect(summary.files).toBe(20_000);
    expect(heap.length).toBeGreaterThan(5);
    // Each entry is about 1 KB: a list of them would grow by 18 MB.
    expect(Math.max(...heap) - (heap[0] ?? 0)).toBeLessThan(4 * 1024 * 1024);
  });
});

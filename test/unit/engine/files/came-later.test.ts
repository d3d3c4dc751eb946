import { appendFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ManifestWriter, readManifest, surveyManifest } from '../../../../src-main/engine/files/manifest.ts';
import { revise } from '../../../../src-main/engine/files/revise.ts';
import type { ReviseOptions } from '../../../../src-main/engine/files/revise.ts';
import { scan } from '../../../../src-main/engine/files/scan.ts';
import { codeOf, lay, newFolder } from './world.ts';

function scanned(paths: readonly string[]): string {
  const manifest = join(newFolder(), 'manifest');
  const writer = new ManifestWriter(manifest);
  scan(paths, writer, { onProgress: () => undefined, isCancelled: () => false });
  writer.close();
  return manifest;
}

/** Walks a folder with three files and another one in it. */
function walked(): { readonly top: string; readonly manifest: string; readonly before: Buffer } {
  const top = join(newFolder(), 'top');
  lay(top, { a: 'aaa', b: 'bbb', 'sub/c': 'ccc' });
  const manifest = scanned([top]);
  return { top, manifest, before: readFileSync(manifest) };
}

const lookIn = (manifest: string, paths: readonly string[], more: Partial<ReviseOptions> = {}) =>
  revise(manifest, { isCancelled: () => false, lookedFor: { paths, since: 0 }, ...more });

/** `came-later top/new` for each thing that is left out. */
function leftOut(manifest: string): string[] {
  return [...readManifest(manifest)].flatMap((entry) =>
    entry.kind === 'skipped' ? [`${entry.reason} ${entry.path.join('/')}`] : [],
  );
}

describe('a revision that looks for what came later', () => {
  it('leaves out new files, and new folders with all in them, and counts none of them', () => {
    const { top, manifest } = walked();
    lay(top, { '.hid': '', 'new/deep/x': 'x', 'new/y': 'y', 'sub/d': 'd', 'z.sh': 'z' });
    const revision = lookIn(manifest, [top]);
    const listed = ['top/.hid', 'top/new', 'top/sub/d', 'top/z.sh'].map((path) => ({
      path,
      reason: 'came-later',
    }));
    expect(revision).toMatchObject({ files: 3, folders: 2, bytes: 9, hidden: 0, programs: 0, entries: 9 });
    expect(revision.later).toEqual({ listed, count: 4 });
    expect(leftOut(manifest)).toEqual(listed.map(({ reason, path }) => `${reason} ${path}`));
  });

  it('appends each once, and tells those from a number on', () => {
    const { top, manifest } = walked();
    lay(top, { n1: '' });
    expect(lookIn(manifest, [top]).later.count).toBe(1);
    lay(top, { n2: '' });
    const { entries, later } = lookIn(manifest, [top]);
    expect({ entries, count: later.count }).toEqual({ entries: 7, count: 2 });
    expect(lookIn(manifest, [top], { lookedFor: { paths: null, since: 6 } }).later.listed).toEqual([
      { path: 'top/n2', reason: 'came-later' },
    ]);
  });

  it('sends what changed as well, and that again when it changes once more behind it', () => {
    const { top, manifest } = walked();
    for (const name of ['n1', 'n2']) {
      lay(top, { [name]: '' });
      appendFileSync(join(top, 'a'), '!');
      expect(lookIn(manifest, [top]).resent).toEqual(['top/a']);
    }
    const appended = [...readManifest(manifest)]
      .slice(5)
      .map(({ kind, path }) => `${kind} ${path.join('/')}`);
    expect(appended).toEqual(['superseded top/a', 'skipped top/n1', 'file top/a', 'skipped top/n2']);
  });

  it('gives the reason of what cannot be sent in any case, and keeps those that were given before', () => {
    const top = join(newFolder(), 'top');
    lay(top, { a: 'a' });
    symlinkSync('/etc/hostname', join(top, 'out'));
    const manifest = scanned([top]);
    rmSync(join(top, 'out'));
    lay(top, { out: 'now a file', con: '' });
    symlinkSync('/etc/passwd', join(top, 'out 2'));
    // What is in the place of a listed file is no news: that file's entry says what becomes of it.
    rmSync(join(top, 'a'));
    symlinkSync('/etc/hostname', join(top, 'a'));
    lookIn(manifest, [top]);
    expect(leftOut(manifest)).toEqual([
      'link-outside top/out',
      'came-later top/con',
      'link-outside top/out 2',
    ]);
  });

  it('lists a folder in the place of a file, and a file in that of a folder', () => {
    const { top, manifest } = walked();
    rmSync(join(top, 'a'));
    rmSync(join(top, 'sub'), { recursive: true });
    lay(top, { 'a/x': '', sub: '' });
    lookIn(manifest, [top]);
    expect(leftOut(manifest)).toEqual(['came-later top/a', 'came-later top/sub']);
  });

  it('knows several paths by the names of the first walk, also when one of them has gone', () => {
    const world = newFolder();
    for (const name of ['1/src', '2/src', '3/src']) lay(join(world, name), { a: 'a' });
    const paths = ['1/src', '2/src', '3/src'].map((name) => join(world, name));
    const manifest = scanned(paths);
    rmSync(join(world, '2/src'), { recursive: true });
    lay(join(world, '3/src'), { b: '' });
    lookIn(manifest, paths);
    expect(leftOut(manifest)).toEqual(['came-later src (3)/b']);
    rmSync(world, { recursive: true });
    expect(lookIn(manifest, paths).later.count).toBe(1);
  });

  it('lists the first hundred and counts all, as far as there is room', () => {
    const { top, manifest } = walked();
    for (let n = 0; n < 150; n += 1) writeFileSync(join(top, `n${String(n)}`), '');
    expect(lookIn(manifest, [top], { maxEntries: 125 }).later).toMatchObject({ count: 120 });
    const { later } = lookIn(manifest, [top]);
    expect([later.count, later.listed.length]).toEqual([150, 100]);
  });

  it('stops when it is told to, and nothing was appended', () => {
    const { top, manifest, before } = walked();
    lay(top, { n1: '', n2: '' });
    let left = 9;
    expect(codeOf(() => lookIn(manifest, [top], { isCancelled: () => (left -= 1) < 0 }))).toBe('cancelled');
    expect(readFileSync(manifest).subarray(0, before.length).equals(before)).toBe(true);
    expect(surveyManifest(manifest).committed.entries).toBe(5);
  });
});

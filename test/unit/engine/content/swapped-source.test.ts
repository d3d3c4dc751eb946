import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import {
  appendFileSync,
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SourceFile } from '../../../../src-main/engine/content/source-file.ts';
import { ManifestWriter, readManifest } from '../../../../src-main/engine/files/manifest.ts';
import { PLACES, realPlaces } from '../../../../src-main/engine/files/real-place.ts';
import type { RealPlaces } from '../../../../src-main/engine/files/real-place.ts';
import { revise } from '../../../../src-main/engine/files/revise.ts';
import { scan } from '../../../../src-main/engine/files/scan.ts';
import { betweenCalls } from '../../../support/between-calls.ts';
import { newFolder, write } from './support.ts';

/**
 * Somebody else on this computer owns a folder inside what is sent, and swaps it for a link to what he may not
 * even look at. He is a process of another user where this one is root; else one of this user, which cannot
 * show that he may not look, and shows all the rest.
 */

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const other = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

interface Scene {
  readonly shared: string;
  /** Inodes of what is private. */
  readonly prey: ReadonlySet<bigint>;
  /** Swaps his folder for the link, in this process. */
  readonly swap: () => void;
  /** Puts his folder back. */
  readonly back: () => void;
  /** Swaps his folder for the link, in another process. */
  readonly swapAsOther: () => void;
}

/** What is sent, with a folder of somebody else's in it; and a closed folder with things called as those in it. */
function scene(): Scene {
  const world = newFolder();
  chmodSync(world, 0o755);
  const [shared, closed] = [join(world, 'shared'), join(world, 'private')];
  const d = join(shared, 'd');
  for (const name of ['a/f1', 'a/f2', 'b', 'id_rsa']) write(d, name, 'his own');
  symlinkSync('d/b', join(shared, 'link'));
  symlinkSync('d/a', join(shared, 'link-to-folder'));
  for (const name of ['a/f1', 'a/f2', 'b', 'id_rsa', 'only-private', 'a/only-private'])
    write(closed, name, `PRIVATE ${name}`);
  mkdirSync(join(closed, 'only-private-folder'));
  chmodSync(closed, 0o700);
  chmodSync(shared, 0o777);
  if (isRoot) lchownSync(d, NOBODY, NOBODY);
  const moved = join(shared, '..', 'moved');
  const names = readdirSync(closed, { recursive: true, encoding: 'utf8' });
  const script = 'cd "$1" && mv d .moved && ln -s "$2" d';
  return {
    shared,
    prey: new Set(['', ...names].map((name) => lstatSync(join(closed, name), { bigint: true }).ino)),
    swap: () => {
      renameSync(d, moved);
      symlinkSync(closed, d);
    },
    back: () => {
      unlinkSync(d);
      renameSync(moved, d);
    },
    swapAsOther: () => {
      const run = { ...other, encoding: 'utf8' } as const;
      const { status, stderr } = spawnSync('/bin/sh', ['-c', script, 'sh', shared, closed], run);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    },
  };
}

/** What came of sending. */
interface Sent {
  readonly listed: readonly string[];
  readonly inodes: readonly bigint[];
  readonly contents: readonly string[];
  readonly refused: readonly string[];
}

/**
 * Walks, has a file changed, revises, and opens and reads every file that is listed, as it is sent;
 * `onCall` is called before each call of the file system.
 */
function send(shared: string, places: RealPlaces, onCall: () => void): Sent {
  const manifestFile = join(newFolder(), 'manifest');
  const own = fs.openSync(join(shared, 'd', 'id_rsa'), 'a');
  const manifest = new ManifestWriter(manifestFile);
  const contents: string[] = [];
  const refused: string[] = [];
  const opened = (): void => {
    for (const entry of readManifest(manifestFile)) {
      if (entry.kind === 'skipped') refused.push(`${entry.path.join('/')}: ${entry.reason}`);
      if (entry.kind !== 'file') continue;
      const file = SourceFile.open(entry, 0, places);
      if (!(file instanceof SourceFile)) {
        refused.push(`${entry.path.join('/')}: ${file}`);
        continue;
      }
      const bytes = Buffer.alloc(entry.size);
      expect(file.read(bytes)).toBeUndefined();
      contents.push(bytes.toString());
      file.close();
    }
  };
  betweenCalls(onCall, () => {
    scan([shared], manifest, { onProgress: () => undefined, isCancelled: () => false, places });
    manifest.close();
    appendFileSync(own, ', changed');
    fs.closeSync(own);
    revise(manifestFile, { isCancelled: () => false, places });
    opened();
  });
  const entries = [...readManifest(manifestFile)];
  return {
    listed: entries.map((entry) => entry.path.join('/')),
    inodes: entries.flatMap((entry) => (entry.kind === 'file' ? [entry.inode] : [])),
    contents,
    refused,
  };
}

/** Nothing of what is private is listed or read. */
function expectNothingOf(prey: ReadonlySet<bigint>, { listed, inodes, contents }: Sent): void {
  expect(listed.filter((path) => path.includes('only-private'))).toEqual([]);
  expect(inodes.filter((inode) => prey.has(inode))).toEqual([]);
  expect(contents.filter((text) => text.includes('PRIVATE'))).toEqual([]);
}

/** How many calls there are when nobody interferes. */
function callsOf(places: RealPlaces): number {
  let calls = 0;
  const sent = send(scene().shared, places, () => (calls += 1));
  expect(sent.refused).toEqual([]);
  expect([...sent.contents].sort()).toEqual([
    ...Array.from({ length: 6 }, () => 'his own'),
    'his own, changed',
  ]);
  expect(calls).toBeGreaterThan(30);
  return calls;
}

describe('somebody who swaps a folder inside what is sent for a link', { timeout: 180_000 }, () => {
  const ways = process.platform === 'linux' ? PLACES : { other: PLACES.other };
  for (const [system, places] of Object.entries(ways)) {
    it(`at whichever call, gets nothing listed or read that the link leads to (${system})`, () => {
      const reasons = new Set<string>();
      for (let at = callsOf(places); at > 0; at -= 1) {
        const { shared, prey, swapAsOther } = scene();
        let call = 0;
        const sent = send(shared, places, () => {
          call += 1;
          if (call === at) swapAsOther();
        });
        expectNothingOf(prey, sent);
        for (const text of sent.refused) reasons.add(text.replace(/.*: /, ''));
      }
      expect(reasons).toContain('changed');
    });
  }

  it.runIf(realPlaces.byDescriptor)(
    'at whichever call, and puts it back soon after, gets nothing listed or read where paths lead through descriptors',
    () => {
      const calls = callsOf(realPlaces);
      const { shared, prey, swap, back } = scene();
      for (let at = 1; at < calls; at += 1) {
        for (const until of [at + 1, at + 2, at + 5]) {
          let call = 0;
          const sent = send(shared, realPlaces, () => {
            call += 1;
            if (call === at) swap();
            if (call === until) back();
          });
          if (call >= at && call < until) back();
          expectNothingOf(prey, sent);
        }
      }
    },
  );
});

describe('a file that is opened to be sent', () => {
  const ways = process.platform === 'linux' ? PLACES : { other: PLACES.other };
  /** Walks a folder with one file, and opens that file while `onCall` is called before each call. */
  const opened = (places: RealPlaces, name: string, onCall: (path: string) => void): string => {
    const path = write(join(newFolder(), 'top'), name, 'text');
    const manifestFile = join(newFolder(), 'manifest');
    const manifest = new ManifestWriter(manifestFile);
    scan([join(path, '..')], manifest, { onProgress: () => undefined, isCancelled: () => false, places });
    manifest.close();
    const entry = [...readManifest(manifestFile)].find(({ kind }) => kind === 'file');
    if (entry?.kind !== 'file') throw new Error('no file was listed');
    const file = betweenCalls(
      () => {
        onCall(path);
      },
      () => SourceFile.open(entry, 0, places),
    );
    if (!(file instanceof SourceFile)) return file;
    file.close();
    return 'opened';
  };

  for (const [system, places] of Object.entries(ways)) {
    it(`is what it is called, also with a name that the system shows of deleted files (${system})`, () => {
      for (const name of ['x', 'x (deleted)', 'line\nbreak', 'ä ö', ' '])
        expect(opened(places, name, () => undefined)).toBe('opened');
    });

    it(`has changed when it has moved away since (${system})`, () => {
      let call = 0;
      const reason = opened(places, 'x', (path) => {
        call += 1;
        if (call === 2) renameSync(path, join(path, '..', '..', 'elsewhere'));
      });
      expect(['changed', 'unreadable']).toContain(reason);
    });
  }

  it.runIf(realPlaces.byDescriptor)('is the one that was there when it is deleted just then', () => {
    let call = 0;
    const reason = opened(realPlaces, 'x', (path) => {
      call += 1;
      if (call === 2) unlinkSync(path);
    });
    expect(reason).toBe('opened');
  });
});

import fs from 'node:fs';
import type { BigIntStats } from 'node:fs';
import {
  lchownSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { topLevelItems } from '../../../../src-main/engine/files/top-level.ts';
import { PLACES, realPlaces } from '../../../../src-main/engine/files/real-place.ts';
import { ReplacedError, readTrustedLink } from '../../../../src-main/engine/files/trusted-link.ts';
import { trustedPlace } from '../../../../src-main/engine/files/trusted-path.ts';
import { betweenCalls } from '../../../support/between-calls.ts';
import { codeOf, lay, newFolder } from './world.ts';

/** What the user chose to send, and links on the way to it. What belongs to whom only root can set. */

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const isPosix = process.platform !== 'win32';

/** A folder that others may write in, with links of theirs, beside one that only this user may read. */
function shared(): string {
  const world = newFolder();
  lay(world, { 'private/key': 'KEY', 'private/deep/file': 'x', 'shared/proj/a': 'a' });
  const theirs = (target: string, name: string): void => {
    symlinkSync(target, join(world, 'shared', name));
    lchownSync(join(world, 'shared', name), NOBODY, NOBODY);
  };
  theirs('../private', 'folder');
  theirs(join(world, 'private', 'key'), 'file');
  theirs('mine-again', 'chained');
  symlinkSync('../private/key', join(world, 'shared', 'mine-again'));
  symlinkSync('shared/folder', join(world, 'mine-to-theirs'));
  mkdirSync(join(world, 'shared', 'proj', 'inner'));
  return world;
}

describe.runIf(isRoot)('another user’s link on the way to what is chosen', () => {
  it.each([
    'shared/folder',
    'shared/folder/key',
    'shared/folder/deep/file',
    'shared/file',
    'shared/chained',
    'mine-to-theirs',
    'mine-to-theirs/key',
  ])('is not followed: %s', (name) => {
    const path = join(shared(), name);
    expect(codeOf(() => topLevelItems([path], realPlaces))).toBe('source-foreign-link');
  });

  it('is no hindrance where it is not on the way', () => {
    const world = shared();
    const path = join(world, 'shared', 'proj');
    const [item] = topLevelItems([path], realPlaces);
    expect(item).toEqual({ name: 'proj', path, source: realpathSync.native(path) });
  });
});

const WAYS = process.platform === 'linux' ? PLACES : { other: PLACES.other };

describe.runIf(isPosix).each(Object.entries(WAYS))('trustedPlace (%s)', (_system, places) => {
  it('leads through the links of this user where the system does', () => {
    const world = newFolder();
    lay(world, { 'real/there/deep/': '', 'other/': '' });
    const link = (target: string, name: string): void => {
      symlinkSync(target, join(world, name));
    };
    writeFileSync(join(world, 'real', 'there', 'file'), '');
    link('real/there', 'relative');
    link(join(world, 'real', 'there'), 'absolute');
    link('relative/deep', 'chain');
    link('../other/../real/there', 'other/up');
    // The folder above what the first link leads to, not the one that the link is in.
    link('chain/../../there', 'through');
    link('./real//there/', 'written oddly');
    link('relative/file', 'to a file');
    for (const name of [
      'relative',
      'absolute',
      'chain',
      'other/up',
      'through',
      'written oddly',
      'to a file',
      'real',
    ]) {
      const path = join(world, name);
      const real = realpathSync.native(path);
      const place = trustedPlace(path, places);
      expect([place.path, place.stats.ino]).toEqual([real, lstatSync(real, { bigint: true }).ino]);
    }
    expect(trustedPlace('/', places).path).toBe('/');
  });

  it('throws what the system says where the way ends or goes round', () => {
    const world = newFolder();
    lay(world, { file: '' });
    symlinkSync('round', join(world, 'round'));
    symlinkSync('nowhere', join(world, 'dangling'));
    const errno = (name: string): unknown => {
      try {
        return trustedPlace(join(world, name), places);
      } catch (error) {
        return error instanceof Error && 'code' in error ? error.code : error;
      }
    };
    expect(['absent', 'dangling', 'dangling/x', 'file/x', 'round'].map(errno)).toEqual([
      'ENOENT',
      'ENOENT',
      'ENOENT',
      'ENOTDIR',
      'ELOOP',
    ]);
  });
});

/** From here to the end of the test, the time of a change is that of a tick of 10 ms, as systems have them before Linux 6.13. */
function tickSlowly(): void {
  const { lstatSync: look } = fs;
  const restore = (): void => {
    Object.assign(fs, { lstatSync: look });
    syncBuiltinESMExports();
  };
  onTestFinished(restore);
  const looking = (path: string): BigIntStats => {
    const stats = look(path, { bigint: true });
    return Object.assign(stats, { ctimeNs: stats.ctimeNs - (stats.ctimeNs % 10_000_000n) });
  };
  Object.assign(fs, { lstatSync: looking });
  syncBuiltinESMExports();
}

describe.runIf(isPosix)('a link of the user’s own', () => {
  it('is not read while another one stands in its place, however shortly after it was made or moved', () => {
    const world = newFolder();
    const [link, other, aside] = [join(world, 'link'), join(world, 'other'), join(world, 'aside')];
    symlinkSync('mine', link);
    symlinkSync('another’s', other);
    const exchange = (): void => {
      renameSync(link, aside);
      renameSync(other, link);
      renameSync(aside, other);
    };
    tickSlowly();
    for (let n = 0; n < 50; n += 1) {
      let call = 0;
      let said = 'replaced';
      try {
        said = betweenCalls(
          () => {
            call += 1;
            if (call === 2 || call === 3) exchange();
          },
          () => readTrustedLink(link),
        );
      } catch (error) {
        expect(error).toBeInstanceOf(ReplacedError);
      }
      expect(['mine', 'replaced']).toContain(said);
    }
    expect(readTrustedLink(link)).toBe('mine');
  });
});

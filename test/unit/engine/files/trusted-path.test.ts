import { lchownSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { topLevelItems } from '../../../../src-main/engine/files/top-level.ts';
import { trustedPath } from '../../../../src-main/engine/files/trusted-path.ts';
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
    expect(codeOf(() => topLevelItems([path]))).toBe('source-foreign-link');
  });

  it('is no hindrance where it is not on the way', () => {
    const world = shared();
    const [item] = topLevelItems([join(world, 'shared', 'proj')]);
    expect(item).toEqual({ name: 'proj', source: realpathSync.native(join(world, 'shared', 'proj')) });
  });
});

describe.runIf(isPosix)('trustedPath', () => {
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
      expect(trustedPath(path)).toBe(realpathSync.native(path));
    }
    expect(trustedPath('/')).toBe('/');
  });

  it('throws what the system says where the way ends or goes round', () => {
    const world = newFolder();
    lay(world, { file: '' });
    symlinkSync('round', join(world, 'round'));
    symlinkSync('nowhere', join(world, 'dangling'));
    const errno = (name: string): unknown => {
      try {
        return trustedPath(join(world, name));
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

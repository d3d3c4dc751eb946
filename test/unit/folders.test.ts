import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolders } from '../../src-main/folders.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealane-folders-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const at = (...names: readonly string[]) => join(folder, ...names);
const codeOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
  return undefined;
};

describe('makeFolders', () => {
  it('makes what is missing, for this user alone, and says what it made, the outermost first', () => {
    expect(makeFolders(at('a', 'b', 'c'))).toEqual([at('a'), at('a', 'b'), at('a', 'b', 'c')]);
    if (process.platform !== 'win32') expect(statSync(at('a', 'b')).mode & 0o777).toBe(0o700);
    expect(makeFolders(at('a', 'b', 'd'))).toEqual([at('a', 'b', 'd')]);
    expect(makeFolders(at('a'))).toEqual([]);
  });

  it('goes through links to folders', () => {
    mkdirSync(at('real'));
    symlinkSync(at('real'), at('link'));
    expect(makeFolders(at('link', 'below'))).toEqual([at('link', 'below')]);
    expect(existsSync(at('real', 'below'))).toBe(true);
  });

  it('makes nothing in the place of a file, below one, or behind a link that leads nowhere', () => {
    writeFileSync(at('file'), '');
    symlinkSync(at('nowhere'), at('dangling'));
    symlinkSync(at('loop'), at('loop'));
    expect(codeOf(() => makeFolders(at('file')))).toBe('EEXIST');
    expect(codeOf(() => makeFolders(at('file', 'x', 'y')))).toBe('ENOTDIR');
    for (const name of ['dangling', 'loop'])
      expect(['ENOENT', 'ELOOP']).toContain(codeOf(() => makeFolders(at(name, 'x'))));
    expect(existsSync(at('nowhere'))).toBe(false);
  });

  it.runIf(process.platform === 'linux')(
    'ends with an error on a file system that lets no folder be made in it, and does not try for ever',
    () => {
      for (const path of ['/proc/x', '/proc/x/y/z', '/proc/self/x', '/proc/self/fd/x', '/dev/fd/x'])
        expect(codeOf(() => makeFolders(path))).toBe('ENOENT');
    },
  );
});

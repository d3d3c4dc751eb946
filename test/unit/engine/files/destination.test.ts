import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk, DiskSpace } from '../../../../src-main/engine/files/disk.ts';
import { openStaging } from '../../../../src-main/engine/files/open-staging.ts';
import type { Staging } from '../../../../src-main/engine/files/staging.ts';
import {
  NOTHING_OFFERED,
  STAGING_NAME,
  codeOf,
  lay,
  names,
  newFolder,
  picture,
  put,
  stage,
  systemError,
  publish,
  NONE_RENAMED,
} from './world.ts';

const open = (destination: string, offered = NOTHING_OFFERED, disk: Disk = nodeDisk): string =>
  codeOf(() =>
    openStaging({
      destination,
      offered,
      journalFolder: newFolder(),
      disk,
      newName: names(),
      onIntent: () => undefined,
    }),
  );

/** A stand-in for a disk with this much room. */
const fakeSpace = (space: Partial<DiskSpace>): Disk => ({
  ...nodeDisk,
  space: (path) => ({ ...nodeDisk.space(path), ...space }),
});

describe('opening a staging folder', () => {
  it('makes a folder that nobody else can enter', () => {
    const world = newFolder();
    stage(world);
    expect(readdirSync(world)).toEqual([STAGING_NAME]);
    expect(statSync(join(world, STAGING_NAME)).mode & 0o777).toBe(0o700);
  });

  it('never takes over a folder that is there already', () => {
    const world = newFolder();
    lay(world, { [`${STAGING_NAME}/precious`]: 'precious' });
    const staging = stage(world);
    put(staging, ['a'], 'a');
    staging.discard();
    expect(picture(world)).toEqual({ [STAGING_NAME]: '/', [`${STAGING_NAME}/precious`]: 'precious' });
  });

  it('is not led away by a link under its name', () => {
    const world = newFolder();
    lay(world, { 'dest/': '', 'outside/': '' });
    symlinkSync('../outside', join(world, 'dest', STAGING_NAME));
    put(stage(join(world, 'dest')), ['a'], 'a');
    expect(readdirSync(join(world, 'outside'))).toEqual([]);
  });

  it('makes a destination that is not there, and takes away again only what it made', () => {
    const world = newFolder();
    lay(world, { 'there/other': 'o' });
    const before = picture(world);
    const staging = stage(join(world, 'there', 'new', 'newer'));
    put(staging, ['a', 'b'], 'x');
    expect(existsSync(join(world, 'there', 'new', 'newer', STAGING_NAME, 'tree', 'a', 'b'))).toBe(true);
    staging.discard();
    staging.discard();
    expect(picture(world)).toEqual(before);
  });

  it('leaves what it made when somebody else uses it by now', () => {
    const world = newFolder();
    const staging = stage(join(world, 'new', 'newer'));
    lay(world, { 'new/note': 'n' });
    staging.discard();
    expect(picture(world)).toEqual({ new: '/', 'new/note': 'n' });
  });

  it('leaves a folder that somebody else put in the place of its own', () => {
    const world = newFolder();
    const staging = stage(join(world, 'new'));
    renameSync(join(world, 'new'), join(world, 'moved'));
    lay(world, { 'new/': '' });
    staging.discard();
    expect(readdirSync(world).sort()).toEqual(['moved', 'new']);
  });

  it('lets two transfers make the same destination, and keeps it for the one that stays', () => {
    const world = newFolder();
    const first = stage(join(world, 'new'));
    const second = stage(join(world, 'new'));
    put(second, ['a'], 'a');
    first.discard();
    expect(existsSync(join(world, 'new', `${STAGING_NAME}-2`, 'tree', 'a'))).toBe(true);
  });

  it('goes where a link leads that the user chose as the destination', async () => {
    const world = newFolder();
    lay(world, { 'real/': '' });
    symlinkSync('real', join(world, 'link'));
    const staging = stage(join(world, 'link'));
    put(staging, ['a'], 'a');
    expect(await publish(staging)).toEqual({ names: ['a'], into: join(world, 'link'), ...NONE_RENAMED });
    expect(picture(join(world, 'real'))).toEqual({ a: 'a' });
  });

  it('refuses what is no folder, or cannot become one, and leaves nothing behind', () => {
    const world = newFolder();
    lay(world, { file: 'f' });
    symlinkSync('nowhere', join(world, 'broken'));
    const before = picture(world);
    const unusable = [
      relative(process.cwd(), world),
      join(world, 'file'),
      join(world, 'file', 'below'),
      join(world, 'broken'),
      join(world, 'new', 'x'.repeat(300)),
      join(world, 'new', 'a\0b'),
      '/proc/none/of/this',
    ];
    for (const destination of unusable) expect(open(destination)).toBe('destination-unusable');
    expect(picture(world)).toEqual(before);
  });

  it('refuses a folder that cannot be written, and takes away what it had made', () => {
    const world = newFolder();
    // Root may write anywhere: the last step fails in a stand-in instead.
    const disk: Disk = {
      ...nodeDisk,
      space: () => {
        throw systemError('EACCES');
      },
    };
    expect(open(join(world, 'new', 'newer'), NOTHING_OFFERED, disk)).toBe('destination-unusable');
    expect(readdirSync(world)).toEqual([]);
    mkdirSync(join(world, 'closed'));
    chmodSync(join(world, 'closed'), 0o500);
    const closed = process.getuid?.() === 0 ? '/proc' : join(world, 'closed');
    expect(open(closed)).toBe('destination-unusable');
  });

  describe('holds the offer against the free space', () => {
    it('of the real disk', () => {
      const world = newFolder();
      const bytes = Number.MAX_SAFE_INTEGER;
      expect(open(join(world, 'new'), { ...NOTHING_OFFERED, bytes })).toBe('no-space');
      expect(readdirSync(world)).toEqual([]);
    });

    // 1000 of the inodes may be used: the others are kept free.
    const roomy = { freeBytes: 1_000_000_000, freeInodes: 1512, blockSize: 4096 };
    it.each([
      ['fits', { bytes: 900_000_000 }, {}, 'nothing thrown'],
      ['would fill the last byte', { bytes: 1_000_000_000 }, {}, 'no-space'],
      ['many small files take more than their bytes', { files: 500_000 }, { freeInodes: null }, 'no-space'],
      ['more files than inodes', { files: 990, folders: 11 }, {}, 'no-space'],
      ['as many files as inodes may be used', { files: 990, folders: 10 }, {}, 'nothing thrown'],
      ['inodes are not counted', { files: 990, folders: 11 }, { freeInodes: null }, 'nothing thrown'],
      ['the size is not told', { bytes: 10 ** 15 }, { freeBytes: null }, 'nothing thrown'],
      ['huge blocks of a network file system', { files: 900 }, { blockSize: 2 ** 20 }, 'nothing thrown'],
    ])('%s', (_what, offered, space, expected) => {
      const world = newFolder();
      const disk = fakeSpace({ ...roomy, ...space });
      expect(open(world, { ...NOTHING_OFFERED, ...offered }, disk)).toBe(expected);
      expect(readdirSync(world)).toEqual(expected === 'no-space' ? [] : [STAGING_NAME]);
    });
  });

  it('keeps to the names that the destination can hold, not the running system', async () => {
    const world = newFolder();
    // As exFAT on Linux: it has no device names, and drops dots at the end of a name, not spaces.
    const holdsName = (_folder: string, name: string): boolean => !/[<>:"|?*\\]|\.$/.test(name);
    const staging = stage(world, { ...nodeDisk, holdsName });
    put(staging, ['what?', 'aux.c'], '0');
    put(staging, ['what?', 'a:b.txt'], '1');
    put(staging, ['what?', 'a|b.txt'], '2');
    put(staging, ['what?', 'end. '], '3');
    put(staging, ['what?', 'end..'], '4');
    await publish(staging);
    expect(picture(world)).toEqual({
      what_: '/',
      'what_/aux.c': '0',
      'what_/a_b (2).txt': '2',
      'what_/a_b.txt': '1',
      'what_/end. ': '3',
      'what_/end__': '4',
    });
  });
});

describe('a destination that another transfer takes away, empty, before anything is in it', () => {
  /** Removed the first `times` that something is about to be made in it. */
  function openRemoved(destination: string, times: number): Staging {
    let left = times;
    return openStaging({
      destination,
      offered: NOTHING_OFFERED,
      journalFolder: newFolder(),
      newName: names(),
      onIntent: () => {
        if (left === 0) return;
        left -= 1;
        rmdirSync(destination);
      },
    });
  }

  it.each([1, 2])('is made again, %d times over', (times) => {
    const destination = join(newFolder(), 'made by another');
    mkdirSync(destination);
    const staging = openRemoved(destination, times);
    expect(readdirSync(destination)).toHaveLength(1);
    staging.discard();
  });

  it('is given up in the end, and nothing is left there', () => {
    const destination = join(newFolder(), 'made by another');
    mkdirSync(destination);
    expect(codeOf(() => openRemoved(destination, 9))).toBe('destination-unusable');
    expect(existsSync(destination)).toBe(false);
  });
});

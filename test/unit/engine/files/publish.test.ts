import {
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import {
  STAGING_NAME,
  lay,
  newFolder,
  picture,
  put,
  rejectionOf,
  stage,
  systemError,
  publish,
  NONE_RENAMED,
} from './world.ts';

/** Stands in for a file system without hard links (FAT, some network ones). */
const withoutLinks: Disk = {
  ...nodeDisk,
  link: () => {
    throw systemError('EPERM');
  },
};

describe.each([
  ['with hard links', nodeDisk],
  ['without hard links', withoutLinks],
])('publishing, %s', (_what, disk) => {
  it('moves everything to its name and removes the staging folder', async () => {
    const world = newFolder();
    const staging = stage(join(world, 'dest'), disk);
    put(staging, ['folder', 'deep', 'a'], 'a');
    put(staging, ['b.txt'], 'b');
    expect(await publish(staging)).toEqual({
      names: ['b.txt', 'folder'],
      into: join(world, 'dest'),
      ...NONE_RENAMED,
    });
    expect(picture(join(world, 'dest'))).toEqual({
      'b.txt': 'b',
      folder: '/',
      'folder/deep': '/',
      'folder/deep/a': 'a',
    });
    staging.discard();
    expect(readdirSync(join(world, 'dest'))).toEqual(['b.txt', 'folder']);
    expect(statSync(join(world, 'dest', 'b.txt')).nlink).toBe(1);
  });

  it('CVE-2023-43616, CVE-2019-6111: overwrites nothing, whatever stands under the name', async () => {
    const world = newFolder();
    lay(world, {
      'dest/file.txt': 'mine',
      'dest/folder/mine': 'mine',
      'dest/empty/': '',
      'dest/was-folder': 'mine',
      'dest/was-file.tar.gz/mine': 'mine',
      'dest/dir (2)/': '',
      'dest/dir/': '',
    });
    const before = picture(join(world, 'dest'));
    const staging = stage(join(world, 'dest'), disk);
    for (const name of ['file.txt', 'was-file.tar.gz']) put(staging, [name], 'new');
    for (const name of ['folder', 'empty', 'was-folder', 'dir']) put(staging, [name, 'new'], 'new');
    const { names } = await publish(staging);
    expect(names).toEqual([
      'dir (3)',
      'empty (2)',
      'file (2).txt',
      'folder (2)',
      'was-file (2).tar.gz',
      'was-folder (2)',
    ]);
    const after = picture(join(world, 'dest'));
    expect(after).toMatchObject(before);
    expect(Object.keys(after)).toHaveLength(Object.keys(before).length + 10);
    expect(after['folder (2)/new']).toBe('new');
  });

  it('CVE-2017-1000420, CVE-2022-42725: writes through no link that stands under the name', async () => {
    const world = newFolder();
    lay(world, { 'dest/': '', 'outside/precious': 'precious', 'outside/folder/': '' });
    const links = {
      dangling: '../nowhere',
      file: '../outside/precious',
      folder: '../outside/folder',
      loop: 'loop',
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(world, 'dest', name));
    const outside = picture(join(world, 'outside'));
    const staging = stage(join(world, 'dest'), disk);
    put(staging, ['dangling'], 'new');
    put(staging, ['file'], 'new');
    put(staging, ['folder', 'new'], 'new');
    put(staging, ['loop', 'new'], 'new');
    const { names } = await publish(staging);
    expect(names).toEqual(['dangling (2)', 'file (2)', 'folder (2)', 'loop (2)']);
    for (const [name, target] of Object.entries(links)) {
      expect(readlinkSync(join(world, 'dest', name))).toBe(target);
    }
    expect(picture(join(world, 'outside'))).toEqual(outside);
    expect(readdirSync(world).sort()).toEqual(['dest', 'outside']);
  });

  it('lets two transfers that bring the same names finish side by side', async () => {
    const world = newFolder();
    const [first, second] = [stage(world, disk), stage(world, disk)];
    for (const [staging, text] of [
      [first, '1'],
      [second, '2'],
    ] as const) {
      put(staging, ['photo.jpg'], text);
      put(staging, ['album', 'a'], text);
    }
    const done = await Promise.all([publish(first), publish(second)]);
    expect(done.flatMap(({ names }) => names).sort()).toEqual([
      'album',
      'album (2)',
      'photo (2).jpg',
      'photo.jpg',
    ]);
    expect(readdirSync(world).sort()).toEqual(['album', 'album (2)', 'photo (2).jpg', 'photo.jpg']);
  });

  it('names the first sixteen of many, and moves all', async () => {
    const world = newFolder();
    const staging = stage(world, disk);
    for (let n = 0; n < 1500; n++) put(staging, [`file ${n}`], '');
    const { names } = await publish(staging);
    expect(names).toHaveLength(16);
    expect(readdirSync(world)).toHaveLength(1500);
  });

  it('of nothing at all leaves nothing', async () => {
    const world = newFolder();
    expect(await publish(stage(world, disk))).toEqual({ names: [], into: world, ...NONE_RENAMED });
    expect(readdirSync(world)).toEqual([]);
  });
});

describe('a publication', () => {
  it('that is cut short leaves whole things only, and the rest can still be discarded', async () => {
    const world = newFolder();
    let left = 2;
    const failing: Disk = {
      ...nodeDisk,
      link: (from, to) => {
        // Neither a link nor the way round it: the disk is gone.
        if (left === 0) rmSync(from);
        else left -= 1;
        nodeDisk.link(from, to);
      },
    };
    const staging = stage(world, failing);
    for (const name of ['a', 'b', 'c', 'd']) put(staging, [name], name);
    expect(await rejectionOf(publish(staging))).toBe('destination-changed');
    staging.discard();
    expect(picture(world)).toEqual({ a: 'a', b: 'b' });
  });

  it('removes its claim on a name when the move fails', async () => {
    const world = newFolder();
    const disk: Disk = {
      ...nodeDisk,
      link: (from) => {
        rmSync(from);
        throw systemError('EPERM');
      },
    };
    const staging = stage(world, disk);
    put(staging, ['a'], 'a');
    expect(await rejectionOf(publish(staging))).toBe('destination-changed');
    staging.discard();
    expect(readdirSync(world)).toEqual([]);
  });

  it.each<readonly [string, (world: string) => void]>([
    [
      'the destination was moved away',
      (world) => {
        renameSync(join(world, 'dest'), join(world, 'moved'));
      },
    ],
    [
      'the destination was replaced by a link',
      (world) => {
        renameSync(join(world, 'dest'), join(world, 'moved'));
        symlinkSync('outside', join(world, 'dest'));
      },
    ],
    [
      'the staging folder was replaced by a link to the outside',
      (world) => {
        renameSync(join(world, 'dest', STAGING_NAME), join(world, 'moved'));
        symlinkSync('../outside', join(world, 'dest', STAGING_NAME));
      },
    ],
    [
      'a link was put among what arrived',
      (world) => {
        symlinkSync(join(world, 'outside'), join(world, 'dest', STAGING_NAME, 'tree', 'link'));
      },
    ],
    [
      'a folder was replaced by a link',
      (world) => {
        const tree = join(world, 'dest', STAGING_NAME, 'tree');
        renameSync(join(tree, 'f'), join(world, 'moved'));
        symlinkSync(join(world, 'outside'), join(tree, 'f'));
      },
    ],
  ])('stops when %s, and changes nothing outside', async (_what, change) => {
    const world = newFolder();
    lay(world, { 'dest/': '', 'outside/precious': 'precious', 'outside/tree/x': 'x' });
    const staging = stage(join(world, 'dest'));
    staging.makeFolder(['f'], { mtimeUs: 1 });
    put(staging, ['f', 'a'], 'a');
    const outside = {
      picture: picture(join(world, 'outside')),
      time: statSync(join(world, 'outside')).mtimeMs,
    };
    change(world);
    expect(await rejectionOf(publish(staging))).toBe('destination-changed');
    staging.discard();
    expect({
      picture: picture(join(world, 'outside')),
      time: statSync(join(world, 'outside')).mtimeMs,
    }).toEqual(outside);
  });

  it('stops when the staging folder was replaced, also when there is no folder in it', async () => {
    const world = newFolder();
    lay(world, { 'dest/': '', 'outside/tree/x': 'x' });
    const staging = stage(join(world, 'dest'));
    put(staging, ['a'], 'a');
    renameSync(join(world, 'dest', STAGING_NAME), join(world, 'moved'));
    symlinkSync('../outside', join(world, 'dest', STAGING_NAME));
    expect(await rejectionOf(publish(staging))).toBe('destination-changed');
    expect(readdirSync(join(world, 'dest'))).toEqual([STAGING_NAME]);
  });

  it('touches no folder outside when one far above was replaced by a link', async () => {
    const world = newFolder();
    lay(world, { 'dest/': '', 'outside/g/': '' });
    const time = statSync(join(world, 'outside', 'g')).mtimeMs;
    const staging = stage(join(world, 'dest'));
    staging.makeFolder(['f', 'g'], { mtimeUs: 1 });
    staging.makeFolder(['z'], { mtimeUs: 1 });
    const tree = join(world, 'dest', STAGING_NAME, 'tree');
    renameSync(join(tree, 'f'), join(world, 'moved'));
    symlinkSync(join(world, 'outside'), join(tree, 'f'));
    expect(await rejectionOf(publish(staging))).toBe('destination-changed');
    expect(statSync(join(world, 'outside', 'g')).mtimeMs).toBe(time);
  });

  it('leaves alone what somebody puts into the claimed folder', async () => {
    const world = newFolder();
    const staging = stage(world);
    put(staging, ['a', 'new'], 'new');
    // Somebody else makes the folder and fills it before it is our turn.
    mkdirSync(join(world, 'a'));
    writeFileSync(join(world, 'a', 'theirs'), 'theirs');
    await publish(staging);
    expect(picture(world)).toEqual({ a: '/', 'a (2)': '/', 'a (2)/new': 'new', 'a/theirs': 'theirs' });
  });
});

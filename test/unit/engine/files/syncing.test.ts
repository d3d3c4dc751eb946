import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { create, newFolder, picture, put, rejectionOf, stage, systemError, publish } from './world.ts';

describe('syncing', () => {
  /** Counts, and can be held. */
  function watchedDisk(): {
    readonly disk: Disk;
    readonly synced: () => number;
    readonly atOnce: () => number;
  } {
    let synced = 0;
    let now = 0;
    let most = 0;
    const sync = async (fd: number): Promise<void> => {
      now += 1;
      most = Math.max(most, now);
      await nodeDisk.sync(fd);
      now -= 1;
      synced += 1;
    };
    return { disk: { ...nodeDisk, sync }, synced: () => synced, atOnce: () => most };
  }

  it('covers what is finished and the folders it is in, many at once', async () => {
    const watched = watchedDisk();
    const staging = stage(newFolder(), watched.disk);
    for (let n = 0; n < 128; n++) put(staging, [`file ${n}`], 'x');
    // The tree, the staging folder, the destination.
    expect(staging.unsynced).toBe(131);
    expect(watched.synced()).toBe(0);
    await staging.capture().synced;
    expect(watched.synced()).toBe(131);
    expect(watched.atOnce()).toBe(131);
    expect(staging.unsynced).toBe(0);
  });

  it('covers what there is of a file that is not finished, which goes on meanwhile', async () => {
    const world = newFolder();
    const watched = watchedDisk();
    const staging = stage(world, watched.disk);
    const file = create(staging, ['a'], 4);
    await staging.capture().synced;
    const before = watched.synced();
    file.write(Buffer.from('ab'));
    const captured = staging.capture();
    file.write(Buffer.from('cd'));
    file.finish();
    await captured.synced;
    expect(captured.state.partial).toEqual({ place: 'tree', names: ['a'], offset: 2 });
    expect(watched.synced()).toBe(before + 1);
    await publish(staging);
    expect(picture(world)).toEqual({ a: 'abcd' });
  });

  it('covers every file and folder before the first name appears', async () => {
    const world = newFolder();
    let firstNameAt = -1;
    const watched = watchedDisk();
    const link = (from: string, to: string): void => {
      if (firstNameAt === -1) firstNameAt = watched.synced();
      nodeDisk.link(from, to);
    };
    const staging = stage(join(world, 'new'), { ...watched.disk, link });
    put(staging, ['a'], 'a');
    put(staging, ['f', 'g', 'b'], 'b');
    await publish(staging);
    // Two files, the two folders, the three above them, the list of folders; and the two folders once they have their times.
    expect(firstNameAt).toBe(10);
    // The destination, and the folder in which it was made.
    expect(watched.synced()).toBe(12);
  });

  it('goes on beside writing', async () => {
    const world = newFolder();
    const staging = stage(world);
    put(staging, ['a'], 'a');
    const { synced } = staging.capture();
    put(staging, ['b'], 'b');
    await synced;
    await publish(staging);
    expect(picture(world)).toEqual({ a: 'a', b: 'b' });
  });

  it.each([
    ['ENOSPC', 'no-space'],
    ['EIO', 'destination-unusable'],
  ])('that fails with %s keeps everything from appearing', async (errno, code) => {
    const world = newFolder();
    const staging = stage(world, { ...nodeDisk, sync: () => Promise.reject(systemError(errno)) });
    put(staging, ['a'], 'a');
    expect(await rejectionOf(publish(staging))).toBe(code);
    staging.discard();
    expect(readdirSync(world)).toEqual([]);
  });

  it('that failed while nobody waited is told in the end', async () => {
    const world = newFolder();
    let first = true;
    const sync = async (fd: number): Promise<void> => {
      const fails = first;
      first = false;
      await nodeDisk.sync(fd);
      if (fails) throw systemError('EIO');
    };
    const staging = stage(world, { ...nodeDisk, sync });
    put(staging, ['a'], 'a');
    staging.capture().synced.catch(() => undefined);
    put(staging, ['b'], 'b');
    expect(await rejectionOf(publish(staging))).toBe('destination-unusable');
    staging.discard();
    expect(readdirSync(world)).toEqual([]);
  });

  it('is no hindrance where the file system has none', async () => {
    const world = newFolder();
    const staging = stage(world, { ...nodeDisk, sync: () => Promise.reject(systemError('EINVAL')) });
    put(staging, ['f', 'a'], 'a');
    await publish(staging);
    expect(picture(world)).toEqual({ f: '/', 'f/a': 'a' });
  });
});

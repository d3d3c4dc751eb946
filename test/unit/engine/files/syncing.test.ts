import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { create, newFolder, picture, put, rejectionOf, stage, systemError } from './world.ts';

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

  it('is asked for after 128 files or 64 MiB, many at once', async () => {
    const watched = watchedDisk();
    const staging = stage(newFolder(), watched.disk);
    for (let n = 0; n < 127; n++) put(staging, [`file ${n}`], 'x');
    expect(staging.needsFlush).toBe(false);
    put(staging, ['one more'], 'x');
    expect(staging.needsFlush).toBe(true);
    expect(watched.synced()).toBe(0);
    await staging.flush();
    expect(watched.synced()).toBe(128);
    expect(watched.atOnce()).toBe(128);
    expect(staging.needsFlush).toBe(false);

    const file = create(staging, ['large'], 64 * 1024 * 1024);
    for (let n = 0; n < 64; n++) file.write(Buffer.alloc(1024 * 1024));
    file.finish();
    expect(staging.needsFlush).toBe(true);
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
    await staging.publish();
    // Two files, two folders.
    expect(firstNameAt).toBe(4);
    // The destination, and the folder in which it was made.
    expect(watched.synced()).toBe(6);
  });

  it('goes on beside writing', async () => {
    const world = newFolder();
    const staging = stage(world);
    put(staging, ['a'], 'a');
    const flushed = staging.flush();
    put(staging, ['b'], 'b');
    await flushed;
    await staging.publish();
    expect(picture(world)).toEqual({ a: 'a', b: 'b' });
  });

  it.each([
    ['ENOSPC', 'no-space'],
    ['EIO', 'destination-unusable'],
  ])('that fails with %s keeps everything from appearing', async (errno, code) => {
    const world = newFolder();
    const staging = stage(world, { ...nodeDisk, sync: () => Promise.reject(systemError(errno)) });
    put(staging, ['a'], 'a');
    expect(await rejectionOf(staging.publish())).toBe(code);
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
    void staging.flush();
    put(staging, ['b'], 'b');
    expect(await rejectionOf(staging.publish())).toBe('destination-unusable');
    staging.discard();
    expect(readdirSync(world)).toEqual([]);
  });

  it('is no hindrance where the file system has none', async () => {
    const world = newFolder();
    const staging = stage(world, { ...nodeDisk, sync: () => Promise.reject(systemError('EINVAL')) });
    put(staging, ['f', 'a'], 'a');
    await staging.publish();
    expect(picture(world)).toEqual({ f: '/', 'f/a': 'a' });
  });
});

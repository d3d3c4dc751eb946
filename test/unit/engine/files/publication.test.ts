import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { findAgain, reopenPublication } from '../../../../src-main/engine/files/reopen.ts';
import {
  NONE_RENAMED,
  NO_LOG,
  lay,
  newFolder,
  picture,
  publish,
  put,
  rejectionOf,
  stage,
  systemError,
} from './world.ts';

const isLinux = process.platform === 'linux';

/** A disk that tells which folders below `world` were synced after the first name appeared. */
function watched(world: string): { readonly disk: Disk; readonly synced: () => readonly string[] } {
  const synced = new Set<string>();
  let isShown = false;
  const disk: Disk = {
    ...nodeDisk,
    link: (from, to) => {
      isShown = true;
      nodeDisk.link(from, to);
    },
    sync: async (fd) => {
      if (isShown && isLinux) synced.add(relative(world, readlinkSync(`/proc/self/fd/${String(fd)}`)) || '.');
      await nodeDisk.sync(fd);
    },
  };
  return { disk, synced: () => [...synced].sort() };
}

describe('what is published', () => {
  it.each([
    ['right below a link', 'link/New', ['real', 'real/New']],
    ['further below a link', 'link/a/b/c', ['real', 'real/a', 'real/a/b', 'real/a/b/c']],
    ['below a link that leads deeper down', 'far/New', ['real/x/y', 'real/x/y/New']],
    ['below no link', 'real/New', ['real', 'real/New']],
    ['in a folder that was there', 'real', ['real']],
  ])(
    'in a folder that is made %s comes to its end, and every new name lasts',
    async (_what, into, changed) => {
      const world = newFolder();
      lay(world, { 'real/x/y/': '' });
      symlinkSync('real', join(world, 'link'));
      symlinkSync('real/x/y', join(world, 'far'));
      const { disk, synced } = watched(world);
      const staging = stage(join(world, into), disk);
      put(staging, ['a'], 'a');
      expect(await publish(staging)).toEqual({ names: ['a'], into: join(world, into), ...NONE_RENAMED });
      expect(picture(join(world, into))).toMatchObject({ a: 'a' });
      if (isLinux) expect(synced()).toEqual(changed);
    },
  );

  it('comes to its end by a journal that has the path of what was made with a link in it', async () => {
    const world = newFolder();
    lay(world, { 'real/': '' });
    symlinkSync('real', join(world, 'link'));
    const staging = stage(join(world, 'link', 'New'));
    put(staging, ['a'], 'a');
    await staging.capture().synced;
    staging.release();
    const made = staging.place.made.map((each) => ({ ...each, path: join(world, 'link', 'New') }));
    const place = { ...staging.place, made };
    const { disk, synced } = watched(world);
    const folder = findAgain(place) ?? expect.fail('not found');
    const publication = reopenPublication(place, folder, disk) ?? expect.fail('nothing to publish');
    const { names } = publication.move(NO_LOG, [], () => false);
    expect(await publication.settle(NO_LOG, names)).toMatchObject({ names: ['a'] });
    expect(picture(join(world, 'real'))).toEqual({ New: '/', 'New/a': 'a' });
    if (isLinux) expect(synced()).toEqual(['real', 'real/New']);
  });

  it.runIf(isLinux)('comes to its end although its folder is moved as soon as it is there', async () => {
    const world = newFolder();
    const [into, moved] = [join(world, 'New'), join(world, 'moved')];
    const { disk, synced } = watched(world);
    const link = (from: string, to: string): void => {
      disk.link(from, to);
      renameSync(into, moved);
      mkdirSync(into);
    };
    const staging = stage(into, { ...disk, link });
    put(staging, ['a'], 'a');
    expect(await publish(staging)).toMatchObject({ names: ['a'] });
    expect(picture(moved)).toMatchObject({ a: 'a' });
    expect(readdirSync(into)).toEqual([]);
    expect(synced()).toEqual(['.', 'moved']);
  });

  it('stays as it is when what holds its names cannot be synced', async () => {
    const world = newFolder();
    let isShown = false;
    const staging = stage(join(world, 'New'), {
      ...nodeDisk,
      link: (from, to) => {
        isShown = true;
        nodeDisk.link(from, to);
      },
      sync: (fd) => (isShown ? Promise.reject(systemError('EIO')) : nodeDisk.sync(fd)),
    });
    put(staging, ['a'], 'a');
    expect(await rejectionOf(publish(staging))).toBe('destination-unusable');
    staging.discard();
    expect(picture(join(world, 'New'))).toMatchObject({ a: 'a' });
  });

  it.runIf(isLinux)('comes to its end below a folder that may be written in, and not looked into', () => {
    const world = newFolder();
    const above = join(world, 'drop');
    mkdirSync(above);
    chmodSync(world, 0o755);
    chmodSync(above, 0o733);
    const program = fileURLToPath(new URL('./fixtures/publishing-process.ts', import.meta.url));
    // Root may look into all folders.
    const other = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    if (!('uid' in other)) chmodSync(above, 0o300);
    const { stdout, stderr } = spawnSync(process.execPath, [program, join(above, 'New')], {
      ...other,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: '/tmp' },
    });
    expect({ stdout, stderr }).toEqual({ stdout: '["a"]', stderr: '' });
    if (!('uid' in other)) chmodSync(above, 0o700);
    expect(picture(join(above, 'New'))).toEqual({ a: 'a' });
  });
});

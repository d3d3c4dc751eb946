import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discardStaging } from '../../../../src-main/engine/files/staging-folder.ts';
import {
  PLAIN,
  STAGING_NAME,
  codeOf,
  create,
  lay,
  newFolder,
  picture,
  put,
  rejectionOf,
  stage,
  publish,
} from './world.ts';

describe('discarding', () => {
  /** Descriptors of this process below `world`, as far as the system lists them. */
  function openBelow(world: string): string[] {
    if (!existsSync('/proc/self/fd')) return [];
    return readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        const target = readlinkSync(`/proc/self/fd/${fd}`);
        return target.startsWith(world) ? [target] : [];
      } catch {
        return [];
      }
    });
  }

  it('removes everything at any moment, closes every file, and leaves the neighbours alone', async () => {
    const world = newFolder();
    lay(world, { 'neighbour/x': 'x' });
    const before = picture(world);
    const staging = stage(world);
    put(staging, ['a', 'b'], 'b');
    create(staging, ['a', 'unfinished'], 5).write(Buffer.from('abc'));
    const { synced } = staging.capture();
    put(staging, ['a', 'c'], 'c');
    staging.discard();
    await synced;
    expect(picture(world)).toEqual(before);
    expect(openBelow(world)).toEqual([]);
  });

  it('ends the staging folder', async () => {
    const staging = stage(newFolder());
    staging.discard();
    expect(codeOf(() => staging.makeFolder(['a'], PLAIN))).toBe('cancelled');
    expect(codeOf(() => put(staging, ['a'], ''))).toBe('cancelled');
    expect(await rejectionOf(publish(staging))).toBe('cancelled');
  });

  it('stops a publication that has not begun to show anything', async () => {
    const world = newFolder();
    const staging = stage(world);
    put(staging, ['a'], 'a');
    const publishing = rejectionOf(publish(staging));
    staging.discard();
    expect(await publishing).toBe('cancelled');
    expect(readdirSync(world)).toEqual([]);
  });

  it('follows no link out of the staging folder', () => {
    const world = newFolder();
    lay(world, { 'dest/': '', 'outside/precious': 'precious' });
    const staging = stage(join(world, 'dest'));
    put(staging, ['a', 'b'], 'b');
    symlinkSync(join(world, 'outside'), join(world, 'dest', STAGING_NAME, 'tree', 'a', 'link'));
    symlinkSync(join(world, 'outside'), join(world, 'dest', STAGING_NAME, 'link'));
    staging.discard();
    expect(picture(world)).toEqual({ dest: '/', outside: '/', 'outside/precious': 'precious' });
  });

  it.each<readonly [string, (world: string) => void]>([
    [
      'a link',
      (world) => {
        symlinkSync(join(world, 'outside'), join(world, 'dest', STAGING_NAME));
      },
    ],
    [
      'another folder',
      (world) => {
        lay(world, { [`dest/${STAGING_NAME}/precious`]: 'precious' });
      },
    ],
  ])('Warpinator#240, CVE-2023-29380: deletes nothing behind %s in its place', (_what, replace) => {
    const world = newFolder();
    lay(world, { 'dest/': '', 'outside/precious': 'precious' });
    const staging = stage(join(world, 'dest'));
    put(staging, ['a'], 'a');
    renameSync(join(world, 'dest', STAGING_NAME), join(world, 'moved'));
    replace(world);
    const before = picture(world);
    staging.discard();
    expect(picture(world)).toEqual(before);
  });

  it('can be done from elsewhere with its record alone', () => {
    const world = newFolder();
    const staging = stage(join(world, 'new'));
    put(staging, ['a'], 'a');
    discardStaging(structuredClone(staging.place));
    expect(readdirSync(world)).toEqual([]);
    discardStaging(staging.place);
  });

  it('removes what the umask made unreadable to others, and read-only files', () => {
    const world = newFolder();
    const staging = stage(world);
    put(staging, ['f', 'a'], 'a');
    chmodSync(join(world, STAGING_NAME, 'tree', 'f', 'a'), 0o400);
    mkdirSync(join(world, STAGING_NAME, 'tree', 'g'));
    staging.discard();
    expect(existsSync(join(world, STAGING_NAME))).toBe(false);
  });
});

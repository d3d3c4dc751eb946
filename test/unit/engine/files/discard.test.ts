import fs from 'node:fs';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { discardStaging } from '../../../../src-main/engine/files/discard-staging.ts';
import { REMOVALS } from './removals.ts';
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
  systemError,
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

  for (const [name, remove] of Object.entries(REMOVALS)) {
    it(`when ${name} deletes nothing in a folder of the user’s that has got its number, and its name`, async () => {
      const world = newFolder();
      const staging = stage(world);
      const path = join(world, STAGING_NAME);
      const { ino } = lstatSync(path);
      for (const each of readdirSync(path)) rmSync(join(path, each), { recursive: true });
      lay(path, { 'photo.jpg': 'the only copy' });
      expect(lstatSync(path).ino).toBe(ino);
      await remove(staging);
      expect(picture(world)).toEqual({ [STAGING_NAME]: '/', [`${STAGING_NAME}/photo.jpg`]: 'the only copy' });
    });
  }

  /** Has `fs[call]` fail at its n-th call, and from then on not any more. */
  function failAt(call: 'rmSync' | 'unlinkSync' | 'rmdirSync', n: number): void {
    const real = fs[call];
    const restore = (): void => {
      Object.assign(fs, { [call]: real });
      syncBuiltinESMExports();
    };
    onTestFinished(restore);
    let calls = 0;
    const failing = (...args: readonly unknown[]): unknown => {
      calls += 1;
      if (calls === n) {
        restore();
        throw systemError('EIO');
      }
      return Reflect.apply(real, fs, args);
    };
    Object.assign(fs, { [call]: failing });
    syncBuiltinESMExports();
  }

  it.each([
    ['rmSync', 1],
    ['rmSync', 2],
    ['unlinkSync', 1],
    ['rmdirSync', 1],
  ] as const)('that is cut off at %s %i is done to the end the next time', (call, n) => {
    const world = newFolder();
    lay(world, { mine: 'mine' });
    const staging = stage(world);
    put(staging, ['a'], 'a');
    staging.release();
    failAt(call, n);
    discardStaging(staging.place);
    expect(readdirSync(world).sort()).toEqual([STAGING_NAME, 'mine']);
    discardStaging(staging.place);
    expect(picture(world)).toEqual({ mine: 'mine' });
  });
});

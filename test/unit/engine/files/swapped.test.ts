import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import type { PublishLog } from '../../../../src-main/engine/files/publication.ts';
import { openStaging } from '../../../../src-main/engine/files/open-staging.ts';
import type { Staging } from '../../../../src-main/engine/files/staging.ts';
import { afterMaking } from './after-making.ts';
import { REMOVALS } from './removals.ts';
import { STAGING_NAME, codeOf, lay, names, newFolder, picture, put } from './world.ts';

/**
 * Somebody else on this computer who may rename what is in the destination, as in a folder that several
 * people share, swaps the staging folder for a link to what he may not even look at. He is a process of
 * another user where this one is root; else one of this user, which cannot show that he may not look, and
 * shows all the rest.
 */

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const other = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

interface Scene {
  readonly dest: string;
  readonly unchanged: () => void;
  /** Swaps every staging folder for a link to the prey, in another process. */
  readonly swap: () => void;
}

/**
 * A shared destination, and a closed folder with things called as those of a staging folder are, some of them
 * empty.
 */
function scene(): Scene {
  const world = newFolder();
  chmodSync(world, 0o755);
  const [dest, prey] = [join(world, 'shared'), join(world, 'private')];
  lay(world, {
    'private/id': 'an identity',
    'private/tree/': '',
    'private/again/': '',
    'private/sub/precious': 'precious',
  });
  chmodSync(prey, 0o700);
  mkdirSync(dest);
  chmodSync(dest, 0o777);
  const before = picture(prey);
  const script =
    'cd "$1" && for f in .sealane-*; do [ ! -d "$f" ] || [ -L "$f" ] || ' +
    '{ mv "$f" "moved-$$-$f" && ln -s "$2" "$f"; }; done';
  return {
    dest,
    unchanged: () => {
      expect(picture(prey)).toEqual(before);
      expect(lstatSync(prey).mode & 0o777).toBe(0o700);
    },
    swap: () => {
      const { status, stderr } = spawnSync('/bin/sh', ['-c', script, 'sh', dest, prey], {
        ...other,
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    },
  };
}

/** Told at each step of receiving and publishing that this side of the disk can be asked about. */
function watched(onStep: (step: string) => void): { readonly disk: Disk; readonly log: PublishLog } {
  const disk: Disk = {
    write: (fd, bytes) => {
      onStep('write');
      return nodeDisk.write(fd, bytes);
    },
    sync: async (fd, device) => {
      onStep('sync');
      await nodeDisk.sync(fd, device);
    },
    syncNow: nodeDisk.syncNow,
    link: (from, to) => {
      onStep('link');
      nodeDisk.link(from, to);
    },
    rename: (from, to) => {
      onStep('rename');
      nodeDisk.rename(from, to);
    },
    space: (path) => {
      onStep('space');
      return nodeDisk.space(path);
    },
    create: (path, mode) => {
      onStep('create');
      return nodeDisk.create(path, mode);
    },
    makeFolder: (path) => {
      onStep('folder');
      nodeDisk.makeFolder(path);
    },
    holdsName: (folder, name) => {
      onStep('name');
      return nodeDisk.holdsName(folder, name);
    },
  };
  const log: PublishLog = {
    begin: () => {
      onStep('log begin');
      return Promise.resolve();
    },
    plan: () => {
      onStep('log plan');
    },
    move: () => {
      onStep('log move');
    },
    moved: () => undefined,
    end: () => {
      onStep('log end');
      return Promise.resolve();
    },
  };
  return { disk, log };
}

/**
 * Receives and publishes two files and a folder; `onStep` is called at each step. Gives whether it came
 * through.
 */
async function receive(dest: string, onStep: (step: string) => void): Promise<boolean> {
  const { disk, log } = watched(onStep);
  let staging: Staging | undefined;
  try {
    staging = openStaging({
      destination: dest,
      offered: { files: 2, folders: 1, bytes: 2 },
      journalFolder: newFolder(),
      disk,
      newName: names(),
      onIntent: () => {
        onStep('intent');
      },
    });
    onStep('opened');
    put(staging, ['a'], 'a');
    put(staging, ['f', 'b'], 'b');
    await staging.publish(log);
    return true;
  } catch (error) {
    // While it is being made, a folder that is another one is no folder to receive into.
    const codes = ['destination-changed', 'destination-unusable'];
    if (!(error instanceof SealaneError) || !codes.includes(error.code)) throw error;
    return false;
  } finally {
    staging?.discard();
  }
}

describe('somebody who swaps the staging folder for a link', { timeout: 180_000 }, () => {
  it('at whichever step, makes nothing of what the link leads to disappear', async () => {
    const steps: string[] = [];
    await receive(newFolder(), (step) => steps.push(step));
    expect(steps.length).toBeGreaterThan(10);
    const ends = new Set<boolean>();
    for (const at of steps.keys()) {
      const { dest, swap, unchanged } = scene();
      let step = 0;
      const isThrough = await receive(dest, () => {
        if (step === at) swap();
        step += 1;
      });
      ends.add(isThrough);
      unchanged();
      if (isThrough) expect(picture(dest)).toMatchObject({ a: 'a', f: '/', 'f/b': 'b' });
      else
        expect(readdirSync(dest).every((name) => name.includes('.sealane-') || name.length === 1)).toBe(true);
    }
    expect(ends).toEqual(new Set([true, false]));
  });

  for (const [name, remove] of Object.entries(REMOVALS)) {
    it(`before ${name} saves what the link leads to`, async () => {
      const { dest, swap, unchanged } = scene();
      const staging = openStaging({
        destination: dest,
        offered: { files: 0, folders: 0, bytes: 0 },
        journalFolder: newFolder(),
        newName: names(),
        onIntent: () => undefined,
      });
      put(staging, ['a'], 'a');
      swap();
      await remove(staging);
      unchanged();
    });
  }

  it('all the time, as fast as he can, makes nothing of what the link leads to disappear', async () => {
    const { dest, unchanged } = scene();
    const prey = join(dest, '..', 'private');
    const script = `
      const fs = require('node:fs');
      process.stdout.write('ready');
      for (let n = 0; ; n += 1) {
        try {
          for (const name of fs.readdirSync('.').filter((each) => each.startsWith('.sealane-'))) {
            fs.renameSync(name, 'moved-' + n);
            fs.symlinkSync(${JSON.stringify(prey)}, name);
            if (n % 2 === 0) { fs.unlinkSync(name); fs.renameSync('moved-' + n, name); }
          }
        } catch {}
      }`;
    const attacker = spawn(process.execPath, ['-e', script], {
      ...other,
      cwd: dest,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      attacker.kill('SIGKILL');
    });
    await once(attacker.stdout, 'data');
    for (let n = 0; n < 60; n += 1) {
      await receive(dest, () => undefined);
      unchanged();
    }
    attacker.kill('SIGKILL');
    await once(attacker, 'close');
    unchanged();
    if (isRoot) for (const name of readdirSync(dest)) expect(existsSync(join(prey, name))).toBe(false);
  });
});

describe('a folder that somebody puts in the place of the one that was just made', () => {
  const ways: Readonly<Record<string, string>> = {
    'that all may enter': 'mkdir "$f" && chmod 0777 "$f"',
    'with something in it': 'mkdir -m 0700 "$f" && touch "$f/x"',
    'that is a link to what he may not look at': 'ln -s "$2" "$f"',
    ...(isRoot ? { 'of his own, which he can enter': 'mkdir -m 0700 "$f"' } : {}),
  };
  for (const [name, make] of Object.entries(ways)) {
    it(`${name} is not received into, and nothing of it disappears`, () => {
      const { dest, unchanged } = scene();
      const script = `cd "$1" && f=${STAGING_NAME} && mv "$f" moved && ${make}`;
      let before: Readonly<Record<string, string>> = {};
      afterMaking(STAGING_NAME, () => {
        const { status } = spawnSync(
          '/bin/sh',
          ['-c', script, 'sh', dest, join(dest, '..', 'private')],
          other,
        );
        expect(status).toBe(0);
        before = picture(dest);
      });
      const open = (): unknown =>
        openStaging({
          destination: dest,
          offered: { files: 0, folders: 0, bytes: 0 },
          journalFolder: newFolder(),
          newName: names(),
          onIntent: () => undefined,
        });
      expect(codeOf(open)).toBe('destination-unusable');
      expect(before).toHaveProperty('moved');
      expect(picture(dest)).toEqual(before);
      unchanged();
    });
  }
});

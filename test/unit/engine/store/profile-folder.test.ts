import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  readdir,
  realpath,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KEY_FILE, loadIdentity } from '../../../../src-main/engine/identity/key-file.ts';
import { openProfileFolder } from '../../../../src-main/engine/store/profile-folder.ts';
import { openStore } from '../../../../src-main/engine/store/store.ts';
import { rejectionCode, temporaryFolder } from './support.ts';

/**
 * A user who can write in a profile says whom it trusts. As root, all of it is tried; another user cannot
 * give folders away.
 */

const isRoot = process.geteuid?.() === 0;
const STRANGER = 65_534;
/** Whether this user is alone in the group of new folders. */
function hasOwnGroup(): boolean {
  const say = (command: string, ...args: string[]) =>
    execFileSync(command, args, { encoding: 'utf8' }).trim();
  const [user, group, gid] = [say('id', '-un'), say('id', '-gn'), say('id', '-g')];
  const others =
    say('getent', 'passwd')
      .split('\n')
      .filter((line) => line.split(':')[3] === gid).length > 1;
  return user === group && !others && /:(root)?$/.test(say('getent', 'group', gid));
}

/** A group that belongs to no single user. */
const GROUP = 64_999;

async function newFolder(mode: number, ...names: readonly string[]): Promise<string> {
  const folder = join(await temporaryFolder(), 'shared', ...names);
  await mkdir(folder, { recursive: true });
  if (isRoot) await chown(join(folder, ...names.map(() => '..')), 0, GROUP);
  await chmod(join(folder, ...names.map(() => '..')), mode);
  return folder;
}

async function refusal(profile: string): Promise<readonly (string | undefined)[]> {
  return [
    await rejectionCode(openStore({ profile, defaultName: 'laptop', now: Date.now })),
    await rejectionCode(loadIdentity(join(profile, KEY_FILE))),
  ];
}

const EXPOSED = ['profile-exposed', 'profile-exposed'];

describe.runIf(process.platform !== 'win32')('a folder that another user can write in is no profile:', () => {
  it('one of another user, whatever its permissions', async () => {
    if (!isRoot) {
      expect(await refusal('/')).toEqual(EXPOSED);
      return;
    }
    for (const mode of [0o777, 0o700, 0o755]) {
      const profile = await newFolder(mode);
      await chown(profile, STRANGER, STRANGER);
      expect(await refusal(profile)).toEqual(EXPOSED);
      expect(await readdir(profile)).toEqual([]);
    }
  });

  it.runIf(isRoot)('one that a link of another user leads to, at whichever place on the way', async () => {
    const own = await temporaryFolder();
    const shared = await newFolder(0o777);
    await mkdir(join(own, 'profile'), { mode: 0o700 });
    const places = [
      [join(own, 'profile'), ''],
      [own, 'profile'],
      [own, 'new/profile'],
    ] as const;
    for (const [index, [target, rest]] of places.entries()) {
      const link = join(shared, `link ${String(index)}`);
      await symlink(target, link);
      await lchown(link, STRANGER, STRANGER);
      const through = join(own, `own link ${String(index)}`);
      await symlink(link, through);
      for (const way of [link, through]) expect(await refusal(join(way, rest))).toEqual(EXPOSED);
    }
    expect(await readdir(join(own, 'profile'))).toEqual([]);
    const link = join(shared, 'link of this user');
    await symlink(own, link);
    expect(await openProfileFolder(join(link, 'profile'))).toBe(join(await realpath(own), 'profile'));
  });

  it.runIf(isRoot)('one that a link of another user leads to by the time it is opened', async () => {
    const own = await temporaryFolder();
    await mkdir(join(own, 'profile'));
    const shared = await newFolder(0o777, 'sub', 'profile');
    const [sub, evil] = [join(shared, '..'), join(shared, '..', '..', 'evil')];
    await symlink(own, evil);
    await lchown(evil, STRANGER, STRANGER);
    const { open } = fs.promises;
    const restore = (): void => {
      Object.assign(fs.promises, { open });
      syncBuiltinESMExports();
    };
    onTestFinished(restore);
    // The links were looked at, and the folder above is synced.
    const opening = async (...args: Parameters<typeof open>) => {
      restore();
      await rename(sub, `${sub} aside`);
      await rename(evil, sub);
      return open(...args);
    };
    Object.assign(fs.promises, { open: opening });
    syncBuiltinESMExports();
    expect(await rejectionCode(openProfileFolder(shared))).toBe('profile-exposed');
    expect((await lstat(sub)).isSymbolicLink()).toBe(true);
  });

  it('one that was open to all, or to a group, when there is something in it', async () => {
    for (const mode of [0o777, 0o707, ...(isRoot ? [0o770, 0o775] : [])]) {
      const profile = await newFolder(mode);
      await writeFile(join(profile, 'devices.json'), 'planted');
      expect([mode, await refusal(profile)]).toEqual([mode, EXPOSED]);
      expect(await readdir(profile)).toEqual(['devices.json']);
      // Nor at the next start.
      expect((await stat(profile)).mode & 0o777).toBe(mode);
    }
  });

  it('one that is meant for everybody', async () => {
    const profile = await newFolder(0o1777);
    expect(await refusal(profile)).toEqual(EXPOSED);
    expect(await readdir(profile)).toEqual([]);
  });

  it('one below a folder in which everybody, or a group, may put another one in its place', async () => {
    for (const mode of [0o777, ...(isRoot ? [0o775] : [])]) {
      for (const below of [['profile'], ['own', 'profile']]) {
        expect(await refusal(await newFolder(mode, ...below))).toEqual(EXPOSED);
      }
    }
  });

  it.runIf(isRoot)('one below a folder of another user', async () => {
    const profile = await newFolder(0o755, 'profile');
    await chown(join(profile, '..'), STRANGER, STRANGER);
    expect(await refusal(profile)).toEqual(EXPOSED);
  });

  it('one that a link leads to out of a folder of one’s own', async () => {
    const profile = await newFolder(0o777, 'profile');
    const link = join(await temporaryFolder(), 'link');
    await symlink(profile, link);
    expect(await refusal(link)).toEqual(EXPOSED);
  });
});

describe.runIf(process.platform !== 'win32')('a folder that no other user has written in is taken:', () => {
  it.each([0o777, 0o775, 0o2775])('an empty one of mode %o, after it was closed', async (mode) => {
    const profile = await newFolder(mode);
    await openProfileFolder(profile);
    expect((await stat(profile)).mode & 0o777).toBe(0o700);
  });

  it.runIf(process.platform === 'linux' && hasOwnGroup())(
    'one that only the group may write in which this user is alone, as new folders are where the umask is 002',
    async () => {
      const above = await temporaryFolder();
      await chmod(above, 0o775);
      const profile = join(above, 'profile');
      await mkdir(profile);
      await chmod(profile, 0o775);
      await writeFile(join(profile, 'note'), 'mine');
      expect(await openProfileFolder(profile)).toBe(profile);
      expect((await stat(profile)).mode & 0o777).toBe(0o700);
    },
  );

  it('one below a folder for everybody that is sticky, as /tmp is', async () => {
    const profile = await newFolder(0o1777, 'profile');
    expect(await openProfileFolder(profile)).toBe(profile);
  });

  it('by its real path: a link that is led elsewhere afterwards leads nothing of it away', async () => {
    const parent = await temporaryFolder();
    const [profile, other, link] = ['profile', 'other', 'link'].map((name) => join(parent, name));
    for (const folder of [profile, other]) await mkdir(folder ?? '', { mode: 0o700 });
    await symlink(profile ?? '', link ?? '');
    const store = await openStore({ profile: link ?? '', defaultName: 'laptop', now: Date.now });
    await symlink(other ?? '', join(parent, 'next'));
    await rename(join(parent, 'next'), link ?? '');
    await store.settings.change({ name: 'desk' });
    await store.close();
    expect(await readdir(other ?? '')).toEqual([]);
    expect((await lstat(join(profile ?? '', 'settings.json'))).isFile()).toBe(true);
  });
});

import { chmod, lstat, mkdir, readdir, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ERRORS, SealaneError } from '../../shared/errors.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { waitingSentence } from '../../shared/waiting-words.ts';
import { compareTrees } from '../support/compare.ts';
import { diskOfTest } from '../support/disk-of-test.ts';
import { makeFolder } from '../support/made-folder.ts';
import { Proxy } from '../support/proxy.ts';
import type { CliEvent, SealaneCommand } from '../support/sealane-command.ts';
import { canMount } from '../support/small-disk.ts';
import { namesIn, noise } from '../support/tree.ts';
import { TwoDevices } from '../support/two-devices.ts';
import type { Listening, TwoDevicesOptions } from '../support/two-devices.ts';

/**
 * Disks that fail for real, under the real command. Root gets file systems of its own, to be filled and made read-only; other users
 * limit how long the command's files may become, and take rights away, which root would not notice.
 */

const TIMEOUT = 120_000;
const MIB = 1024 * 1024;
const NOBODY = 65_534;

let devices: TwoDevices | undefined;
const proxies: Proxy[] = [];
afterEach(async () => {
  await devices?.dispose();
  devices = undefined;
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

async function pairedDevices(options?: TwoDevicesOptions): Promise<TwoDevices> {
  devices = await TwoDevices.make(options);
  await devices.pair();
  return devices;
}

interface Scene {
  readonly source: string;
  readonly into: string;
  readonly total: number;
  readonly proxy: Proxy;
  readonly receiver: Listening;
  readonly sender: SealaneCommand;
}

/** The desk sends `source` to the laptop; resolves when half is across, and nothing moves until `proxy.release()`. */
async function halfWay(two: TwoDevices, source: string, into: string): Promise<Scene> {
  const receiver = await two.receive('laptop', into);
  const proxy = await Proxy.open(receiver.port);
  proxies.push(proxy);
  const sender = await two.send('desk', [source], proxy.port);
  const total = z.number().parse((await sender.event('offer'))['bytes']);
  await Promise.race([proxy.reached(total / 2), sender.ended]);
  proxy.hold();
  return { source, into, total, proxy, receiver, sender };
}

/** Both sides say that they wait for this reason, each from its own point of view, and nothing stands under a name. */
async function bothWait(
  { sender, receiver, into }: Scene,
  code: ErrorCode,
  whose: 'receiver' | 'sender',
  where: 'in the folder' | 'elsewhere' = 'in the folder',
) {
  const said = (isIts: boolean) => waitingSentence(new SealaneError(code, { fromPeer: !isIts })).slice(0, -1);
  const isMeant = (event: CliEvent) => event['code'] === code;
  const here = await receiver.command.event('waiting', isMeant);
  const there = await sender.event('waiting', isMeant);
  // The one whose disk it is names the folder, where that is the one that is received into.
  const isNamed = whose === 'receiver' && where === 'in the folder';
  expect(here['folder']).toBe(isNamed ? into : undefined);
  expect(here['message']).toContain(isNamed ? into : said(whose === 'receiver'));
  expect(there['message']).toContain(said(whose === 'sender'));
  expect(JSON.stringify(there)).not.toContain(into);
  if (code === 'no-space') expect([here['needed'], there['free']]).toEqual([expect.any(Number), null]);
  for (const name of await namesIn(into)) expect(name).toMatch(/^\.sealane-/);
}

/** It has gone on by itself, and everything is there. */
async function allArrives({ sender, receiver, source, into, proxy, total }: Scene): Promise<void> {
  const { code, events } = await sender.ended;
  expect({ code, last: events.at(-1)?.event }).toEqual({ code: 0, last: 'done' });
  await receiver.command.event('done');
  expect(await readdir(into)).toEqual([source.split('/').at(-1)]);
  const { differences, bytes } = await compareTrees(source, join(into, source.split('/').at(-1) ?? ''));
  expect(differences).toEqual([]);
  expect(bytes).toBe(total);
  expect(proxy.forwarded).toBeGreaterThan(total);
}

/** Many small files: more of them than are on the way at once. */
async function writeLetters(folder: string): Promise<void> {
  await mkdir(folder);
  for (let index = 0; index < 6000; index += 1) {
    await writeFile(join(folder, `${String(index)}.txt`), noise(700, index + 1));
  }
}

/** Rights as root cannot lose them: of all folders below `root`, taken away or given back. */
function letWrite(root: string, may: boolean): void {
  execFileSync('chmod', ['-R', may ? 'u+w' : 'a-w', root]);
}

describe.runIf(process.platform === 'linux')('a disk that is full', { timeout: TIMEOUT }, () => {
  it('stops what is received until there is room, and nothing half-written stands under a name', async () => {
    const two = await pairedDevices();
    const source = join(two.folder, 'Holiday');
    await makeFolder(source, { largeBytes: 64 * MIB, smallFiles: 40 });
    const disk = canMount ? await diskOfTest(96 * MIB) : undefined;
    const into = (await disk?.place('inbox')) ?? join(two.folder, 'inbox');
    await mkdir(into, { recursive: true });
    const scene = await halfWay(two, source, into);
    const { command } = scene.receiver;
    if (disk === undefined) command.limitFiles(40 * MIB);
    else disk.fill();
    scene.proxy.release();
    // A file that may not become longer is no full disk to the system.
    await bothWait(scene, disk === undefined ? 'destination-unusable' : 'no-space', 'receiver');
    if (disk === undefined) command.limitFiles('unlimited');
    else disk.clear();
    await allArrives(scene);
    expect(scene.proxy.forwarded).toBeLessThan(scene.total * 1.4);
  });

  it('under the profile stops what is received as well', async () => {
    const disk = canMount ? await diskOfTest(24 * MIB) : undefined;
    const two = await pairedDevices(disk === undefined ? {} : { profiles: { laptop: disk.folder } });
    const [source, into] = [join(two.folder, 'Letters'), join(two.folder, 'inbox')];
    await writeLetters(source);
    await mkdir(into);
    const scene = await halfWay(two, source, into);
    const { command } = scene.receiver;
    // No letter is as long as that, but what is noted of them all is.
    if (disk === undefined) command.limitFiles(4096);
    else disk.fill();
    scene.proxy.release();
    // What is kept free there is kept before the disk is full.
    await bothWait(scene, disk === undefined ? 'profile-unusable' : 'no-space', 'receiver', 'elsewhere');
    if (disk === undefined) command.limitFiles('unlimited');
    else disk.clear();
    await allArrives(scene);
  });
});

describe('a destination', { timeout: TIMEOUT }, () => {
  it('that is removed in the middle is waited for, and gets everything anew', async () => {
    const two = await pairedDevices();
    const [source, into] = [join(two.folder, 'Holiday'), join(two.folder, 'inbox')];
    await makeFolder(source, { largeBytes: 24 * MIB, smallFiles: 200 });
    await mkdir(into);
    const scene = await halfWay(two, source, into);
    await rm(into, { recursive: true });
    scene.proxy.release();
    await bothWait(scene, 'destination-changed', 'receiver');
    // As long as it is not there nobody makes it: it may be on a disk that is plugged in again.
    await bothWait(scene, 'destination-unusable', 'receiver');
    await expect(lstat(into)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(into);
    await allArrives(scene);
  });

  it.runIf(process.platform === 'linux')('that cannot be written any more is waited for', async () => {
    const two = await pairedDevices();
    const source = join(two.folder, 'Letters');
    // So small that a chunk ends between two files: none is open, and the system lets the disk be made read-only.
    await writeLetters(source);
    const disk = canMount ? await diskOfTest(128 * MIB) : undefined;
    const into = (await disk?.place('inbox')) ?? join(two.folder, 'inbox');
    await mkdir(into, { recursive: true });
    const scene = await halfWay(two, source, into);
    if (disk === undefined) letWrite(into, false);
    else await disk.makeReadOnly();
    scene.proxy.release();
    await bothWait(scene, 'destination-unusable', 'receiver');
    if (disk === undefined) letWrite(into, true);
    else await disk.makeWritable();
    await allArrives(scene);
  });
});

describe.runIf(process.platform === 'linux')('files that cannot be sent', { timeout: TIMEOUT }, () => {
  it('are left out on both sides, with the reason, and the rest arrives', async () => {
    // Root may read everything, so the sender is somebody else.
    const uid = canMount ? NOBODY : undefined;
    const two = await pairedDevices(uid === undefined ? {} : { commands: { desk: { uid } } });
    const [source, into] = [join(two.folder, 'Holiday'), join(two.folder, 'inbox')];
    // Much more than what a sender reads ahead, and what sockets hold.
    await makeFolder(source, { largeBytes: 64 * MIB, smallFiles: 40 });
    const put = (name: string) => writeFile(join(source, name), name);
    for (const name of ['Locked before.txt', 'gone.txt', 'locked.txt', 'pipe.txt', 'rest.txt'])
      await put(name);
    await chmod(join(source, 'Locked before.txt'), 0o000);
    // The folder's own time shall be as it was when it was looked at.
    const keepTime = () => utimes(source, 1e9, 1e9);
    await keepTime();
    const scene = await halfWay(two, source, into);
    await unlink(join(source, 'gone.txt'));
    await chmod(join(source, 'locked.txt'), 0o000);
    await unlink(join(source, 'pipe.txt'));
    execFileSync('mkfifo', [join(source, 'pipe.txt')]);
    await keepTime();
    scene.proxy.release();
    const { code, events } = await scene.sender.ended;
    expect(code).toBe(7);
    const skipped = [
      { path: 'Holiday/Locked before.txt', reason: 'unreadable' },
      { path: 'Holiday/gone.txt', reason: 'vanished' },
      { path: 'Holiday/locked.txt', reason: 'unreadable' },
      { path: 'Holiday/pipe.txt', reason: 'changed' },
    ];
    expect(events.at(-1)).toMatchObject({ event: 'incomplete', skippedCount: 4, skipped });
    expect(await scene.receiver.command.event('incomplete')).toMatchObject({ skippedCount: 4, skipped });
    const { differences, leftOut } = await compareTrees(source, join(into, 'Holiday'), {
      skipped: new Set(skipped.map(({ path }) => path)),
    });
    expect(differences).toEqual([]);
    expect(leftOut).toHaveLength(3);
    expect(await readdir(join(into, 'Holiday'))).toContain('rest.txt');
  });
});

describe.runIf(process.platform === 'linux')('a profile', { timeout: TIMEOUT }, () => {
  const ways = canMount ? (['full', 'read-only'] as const) : (['read-only'] as const);

  it.each(ways)('that is %s says so, and nothing in it is lost', async (way) => {
    const disk = canMount ? await diskOfTest(4 * MIB) : undefined;
    const two = await pairedDevices(disk === undefined ? {} : { profiles: { desk: disk.folder } });
    const [note, into] = [join(two.folder, 'note.txt'), join(two.folder, 'inbox')];
    await writeFile(note, 'hello');
    await mkdir(into);
    const { port } = await two.receive('laptop', into);
    expect((await (await two.send('desk', [note], port)).ended).code).toBe(0);
    const known = async () => {
      const asked = ['id', 'devices', 'transfers'].map((command) => two.run('desk', [command]));
      const answers = await Promise.all(asked);
      expect(answers.map(({ code }) => code)).toEqual([0, 0, 0]);
      return answers.map(({ stdout }) => stdout);
    };
    const before = await known();

    if (disk === undefined) letWrite(two.profile('desk'), false);
    else if (way === 'full') disk.fill();
    else await disk.makeReadOnly();
    expect(await known()).toEqual(before);
    const refused = await (await two.send('desk', [note], port)).ended;
    expect(refused.code).toBe(1);
    expect(refused.events).toMatchObject([
      { event: 'error', code: 'profile-unusable', message: ERRORS['profile-unusable'].message },
    ]);

    if (disk === undefined) letWrite(two.profile('desk'), true);
    else if (way === 'full') disk.clear();
    else await disk.makeWritable();
    expect(await known()).toEqual(before);
    expect((await (await two.send('desk', [note], port)).ended).code).toBe(0);
    expect(await readdir(into)).toEqual(['note (2).txt', 'note.txt']);
  });
});

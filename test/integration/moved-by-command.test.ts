import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeFolder } from '../support/made-folder.ts';
import { Proxy } from '../support/proxy.ts';
import { sealane } from '../support/sealane-command.ts';
import type { SealaneCommand } from '../support/sealane-command.ts';
import { listTree, namesIn } from '../support/tree.ts';
import { TwoDevices } from '../support/two-devices.ts';
import type { Listening } from '../support/two-devices.ts';

/** Real processes: what is unfinished is given another folder by command. */

const SENT = 'Holiday';

let two: TwoDevices;
let line: Proxy;
let into: string;
let other: string;
let receiver: Listening;
let sender: SealaneCommand;
let id: string;

/** Half of a folder is across, and the line stands still. */
beforeEach(async () => {
  two = await TwoDevices.make();
  await two.pair();
  into = join(two.folder, 'inbox');
  other = join(two.folder, 'other');
  await makeFolder(join(two.folder, SENT), { largeBytes: 64 * 1024 * 1024, smallFiles: 5 });
  receiver = await two.receive('laptop', into);
  line = await Proxy.open(receiver.port);
  sender = await two.send('desk', [join(two.folder, SENT)], line.port);
  const offer = await sender.event('offer');
  id = z.string().parse(offer['transfer']);
  await Promise.race([line.reached(z.number().parse(offer['bytes']) / 2), sender.ended]);
  line.hold();
}, 60_000);
afterEach(async () => {
  await two.dispose();
  await line.close();
});

const move = (...args: readonly string[]) =>
  two.run('laptop', ['transfers', 'move', id.slice(0, 6), ...args]);

describe('transfers move', { timeout: 180_000 }, () => {
  it('gives what was left off another folder: nothing stays in the old one, and all of it arrives there', async () => {
    await two.kill(receiver.command);
    const moved = await move('--into', other);
    expect(moved).toMatchObject({ code: 0, stderr: '' });
    expect(moved.events).toEqual([{ event: 'moved', transfer: id, into: other, isClean: true }]);
    expect(await namesIn(into)).toEqual([]);
    expect((await two.run('laptop', ['transfers'])).events).toMatchObject([
      { transfer: id, unfinished: true, partial: null },
    ]);

    // The folder of the command that receives is for what is offered to it.
    const back = await two.receive('laptop', into);
    line.redirect(back.port);
    line.release();
    line.reset();
    expect((await sender.ended).code).toBe(0);
    expect(await back.command.event('done')).toMatchObject({ transfer: id, into: other, names: [SENT] });
    expect(await listTree(join(other, SENT))).toEqual(await listTree(join(two.folder, SENT)));
    expect(await namesIn(into)).toEqual([]);

    const over = await move('--into', into);
    expect([over.code, over.events]).toMatchObject([2, [{ event: 'error', code: 'unknown-transfer' }]]);
  });

  it('says to people where it goes, and what becomes of it', async () => {
    await two.kill(receiver.command);
    await mkdir(other);
    const place = ['--profile', two.profile('laptop')];
    const { code, stdout, stderr } = await sealane(['transfers', 'move', id, '--into', other, ...place]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      `It goes into ${other} from now on, all of it anew, once the other device sends on.\n`,
    );
  });

  it('leaves it to the process that has it, and as it is where the folder is none', async () => {
    const held = await move('--into', other);
    expect([held.code, held.events]).toMatchObject([1, [{ event: 'error', code: 'transfer-held' }]]);
    await two.kill(receiver.command);
    const file = join(two.folder, 'file');
    await writeFile(file, '');
    const [before] = (await two.run('laptop', ['transfers'])).events;
    const unusable = await move('--into', join(file, 'below'));
    expect([unusable.code, unusable.events]).toMatchObject([
      1,
      [{ event: 'error', code: 'destination-unusable' }],
    ]);
    const nowhere = await move();
    expect([nowhere.code, nowhere.events]).toMatchObject([2, [{ event: 'error', code: 'usage' }]]);
    const sent = await two.run('desk', ['transfers', 'move', id, '--into', other]);
    expect([sent.code, sent.events]).toMatchObject([2, [{ event: 'error', code: 'unknown-transfer' }]]);
    expect((await two.run('laptop', ['transfers'])).events).toEqual([before]);
    expect(before).toMatchObject({ transfer: id, unfinished: true, partial: { isThere: true } });
  });
});

import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeFolder } from '../support/made-folder.ts';
import { Proxy } from '../support/proxy.ts';
import type { CliEvent, SealaneCommand } from '../support/sealane-command.ts';
import { namesIn } from '../support/tree.ts';
import { TwoDevices } from '../support/two-devices.ts';
import type { DeviceName, Listening } from '../support/two-devices.ts';

/** Real processes: what is unfinished is listed, cancelled and removed by command, whoever works on it. */

let two: TwoDevices;
let line: Proxy;
let into: string;
let receiver: Listening;
let sender: SealaneCommand;
let id: string;
const SENT = 'Holiday';

const send = () => two.send('desk', [join(two.folder, SENT)], line.port);

/** Half of a folder is across, and the line stands still. */
beforeEach(async () => {
  two = await TwoDevices.make();
  await two.pair();
  into = join(two.folder, 'inbox');
  await makeFolder(join(two.folder, SENT), { largeBytes: 64 * 1024 * 1024, smallFiles: 5 });
  receiver = await two.receive('laptop', into);
  line = await Proxy.open(receiver.port);
  sender = await send();
  const offer = await sender.event('offer');
  id = z.string().parse(offer['transfer']);
  const total = z.number().parse(offer['bytes']);
  await Promise.race([line.reached(total / 2), sender.ended]);
  line.hold();
}, 60_000);
afterEach(async () => {
  await two.dispose();
  await line.close();
});

async function list(device: DeviceName): Promise<readonly CliEvent[]> {
  return (await two.run(device, ['transfers'])).events;
}

async function cancel(device: DeviceName) {
  const ended = await two.run(device, ['transfers', 'cancel', id.slice(0, 6)]);
  return { code: ended.code, event: ended.events[0] };
}

/** Both processes are gone, as after a power cut. */
async function killBoth(): Promise<void> {
  await Promise.all([two.kill(sender), two.kill(receiver.command)]);
}

/** The desk sends something else to the laptop that is back: they meet. */
async function meet(): Promise<Listening> {
  const back = await two.receive('laptop', into);
  line.redirect(back.port);
  line.release();
  const letter = join(two.folder, 'letter.txt');
  await writeFile(letter, 'a letter');
  expect((await (await two.send('desk', [letter], line.port)).ended).code).toBe(0);
  return back;
}

const states = async (device: DeviceName) =>
  (await list(device)).map(({ names, state }) => [z.array(z.string()).parse(names)[0], state]);

describe('a transfer that nobody works on', { timeout: 180_000 }, () => {
  it('is listed with the folder that holds what has arrived, and is gone with it when it is cancelled', async () => {
    await killBoth();
    const [listed] = await list('laptop');
    expect(listed).toMatchObject({ direction: 'receive', unfinished: true, partial: { isThere: true } });
    const partial = z.object({ folder: z.string(), bytes: z.number() }).parse(listed?.['partial']);
    expect(partial.folder.startsWith(join(into, '.sealane-'))).toBe(true);
    expect(partial.bytes).toBeGreaterThan(8 * 1024 * 1024);
    expect(await list('desk')).toMatchObject([{ direction: 'send', unfinished: true, partial: null }]);
    expect(await cancel('laptop')).toMatchObject({
      code: 0,
      event: { event: 'cancelled', names: [SENT], told: false, partial: null },
    });
    expect(await namesIn(into)).toEqual([]);
    expect(await list('laptop')).toMatchObject([{ state: 'cancelled', unfinished: false, partial: null }]);
  });

  it('is cancelled on the other side as well, as soon as the two meet, and can be sent anew', async () => {
    await killBoth();
    expect(await cancel('desk')).toMatchObject({ code: 0, event: { told: false } });
    expect(await states('laptop')).toEqual([[SENT, 'waiting']]);
    const back = await meet();
    await back.command.event('error', ({ transfer, code }) => transfer === id && code === 'cancelled');
    expect(await states('laptop')).toContainEqual([SENT, 'cancelled']);
    expect(await states('desk')).toContainEqual([SENT, 'cancelled']);
    expect(await namesIn(into)).toEqual(['letter.txt']);
    const again = await send();
    expect((await again.ended).code).toBe(0);
    await back.command.event('done', ({ files }) => files !== 1);
    expect(await namesIn(join(into, SENT))).not.toEqual([]);
  });

  it('is cancelled on the sending side as soon as it offers it again, and sent anew by the same command', async () => {
    await killBoth();
    await cancel('laptop');
    const back = await two.receive('laptop', into);
    line.redirect(back.port);
    line.release();
    const again = await send();
    expect((await again.ended).code).toBe(0);
    const ofOthers = again.events.filter(({ transfer }) => transfer !== id);
    expect(ofOthers).toContainEqual(expect.objectContaining({ event: 'offer', replaces: id }));
    expect(await states('desk')).toEqual([
      [SENT, 'done'],
      [SENT, 'cancelled'],
    ]);
    expect(await readdir(into)).toEqual([SENT]);
  });

  it('ends there also where the command is killed once the end is noted, and before it was told', async () => {
    await killBoth();
    // Whoever dials hears nothing, and waits.
    const command = two.start('desk', ['transfers', 'cancel', id]);
    await expect.poll(() => states('desk'), { timeout: 30_000 }).toEqual([[SENT, 'cancelled']]);
    await two.kill(command);
    expect(command.events).toEqual([]);
    const back = await meet();
    await back.command.event('error', ({ transfer, code }) => transfer === id && code === 'cancelled');
    expect(await states('laptop')).toContainEqual([SENT, 'cancelled']);
  });
});

describe('a transfer that another process works on', { timeout: 180_000 }, () => {
  it('is ended by that one, which tells the other side', async () => {
    line.slow();
    line.release();
    expect(await cancel('laptop')).toMatchObject({ code: 0, event: { told: true } });
    expect(await receiver.command.event('error')).toMatchObject({ code: 'cancelled' });
    expect((await sender.ended).code).toBe(6);
    expect(await states('desk')).toEqual([[SENT, 'cancelled']]);
    expect(await namesIn(into)).toEqual([]);
  });

  it('is ended by that one also while it waits for a sender that is away', async () => {
    await two.kill(sender);
    line.release();
    await receiver.command.event('waiting');
    expect(await cancel('laptop')).toMatchObject({ code: 0, event: { told: false } });
    expect(await namesIn(into)).toEqual([]);
    expect(receiver.command.child.exitCode).toBeNull();
  });

  it('stays as it is where that one does not answer, and goes on', async () => {
    receiver.command.child.kill('SIGSTOP');
    expect(await cancel('laptop')).toMatchObject({ code: 1, event: { code: 'transfer-held' } });
    receiver.command.child.kill('SIGCONT');
    line.release();
    expect((await sender.ended).code).toBe(0);
    expect(await states('laptop')).toEqual([[SENT, 'done']]);
  });
});

describe('a transfer in the list', { timeout: 60_000 }, () => {
  it('is removed once it is over, and not before', async () => {
    await killBoth();
    expect((await two.run('laptop', ['transfers', 'remove', id])).events).toMatchObject([
      { event: 'error', code: 'transfer-unfinished' },
    ]);
    await cancel('laptop');
    expect((await two.run('laptop', ['transfers', 'remove', id])).events).toEqual([
      { event: 'removed', transfer: id },
    ]);
    expect(await list('laptop')).toEqual([]);
    for (const what of ['cancel', 'remove'])
      expect(await two.run('laptop', ['transfers', what, id])).toMatchObject({
        code: 2,
        events: [{ code: 'unknown-transfer' }],
      });
  });
});

import { readFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SkippedFile, TransferId } from '../../shared/views.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { cameTo } from '../support/ended.ts';
import { Bench, acceptOffer, declineOffer, endOf, offerTo, transferIn } from '../support/engines.ts';
import { acceptAt, takeOffer, victimAndHostile } from '../support/hostile-device.ts';
import { leaveHalfWay } from '../support/half-way.ts';
import type { Proxy } from '../support/proxy.ts';
import { SealaneCommand, sealane } from '../support/sealane-command.ts';
import { listTree, noise } from '../support/tree.ts';

/**
 * The same things sent to the same device again by their user, after an earlier process left that unfinished:
 * real engines.
 */

const LARGE = 24 * 1024 * 1024;

const bench = new Bench();
afterEach(() => bench.dispose());

interface Scene {
  readonly sender: Engine;
  readonly receiver: Engine;
  readonly source: string;
  readonly target: string;
}

async function scene(files: Readonly<Record<string, string | Buffer>>): Promise<Scene> {
  const [sender, receiver] = await bench.pair();
  const source = await bench.folder('Folder');
  await lay(source, files);
  return { sender, receiver, source, target: join(await bench.folder('second-received'), 'Folder') };
}

async function lay(folder: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

function send(sender: Engine, receiver: Engine, source: string, port?: number): Promise<TransferId> {
  const to = port === undefined ? {} : { to: { host: '127.0.0.1', port } };
  return sender.send({ device: receiver.snapshot().self.id, paths: [source], ...to });
}

/** Offers, and ends the sending process before there is an answer. Gives the id of that transfer. */
async function leftUnanswered({ sender, receiver, source }: Scene): Promise<TransferId> {
  const id = await send(sender, receiver, source);
  await offerTo(receiver, id);
  await sender.close();
  return id;
}

/** Sends through the line and accepts, and ends the sending process with half of it across. */
async function leftHalfWay({ sender, receiver, source }: Scene, through?: Proxy): Promise<TransferId> {
  const line = through ?? (await bench.lineTo(receiver));
  const id = await send(sender, receiver, source, line.port);
  await leaveHalfWay({ sender, receiver, id, line, bytes: LARGE / 2 });
  return id;
}

async function sendAgain({ receiver, source }: Scene) {
  const sender = await bench.engine('first');
  return { sender, id: await send(sender, receiver, source) };
}

const stateOf = (engine: Engine, id: TransferId) =>
  engine.snapshot().transfers.find((transfer) => transfer.id === id)?.state.kind;

const later = (...paths: readonly string[]): readonly SkippedFile[] =>
  paths.map((path) => ({ path, reason: 'came-later' }));

/** Changes a few fields of what the sender keeps of a transfer. */
async function changeJob(id: TransferId, change: Readonly<Record<string, unknown>>): Promise<void> {
  const file = join(await bench.folder('first-profile'), 'transfers', id, 'job.json');
  const job = z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(file, 'utf8')));
  await writeFile(file, JSON.stringify({ ...job, ...change }));
}

describe('what is sent again before it was ever accepted', () => {
  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ['nothing new', {}],
    ['a new file', { 'two.txt': 'two' }],
    ['a hidden new file', { '.two': 'two' }],
    ['a new program', { 'two.sh': 'two' }],
    ['new folders', { 'new/two.txt': 'two', 'new/deep/three.txt': 'three' }],
  ])('is looked at anew, and arrives as it is now, with %s', async (_what, files) => {
    const all = await scene({ 'one.txt': 'one' });
    const { receiver, source, target } = all;
    const before = await leftUnanswered(all);
    await lay(source, files);
    const asked = offerTo(receiver);
    const { sender, id } = await sendAgain(all);
    const ends = [endOf(sender, id), endOf(receiver, id)];
    const offer = await asked;
    expect(offer).toMatchObject({ id, totalFiles: Object.keys(files).length + 1 });
    await acceptOffer(receiver, offer);
    for (const end of await Promise.all(ends)) {
      expect(cameTo(end)).toMatchObject({ skipped: [], skippedCount: 0 });
    }
    expect(await listTree(target)).toEqual(await listTree(source));
    // The first one has left nothing to wait for, on either side.
    expect(before).not.toBe(id);
    expect(stateOf(sender, before)).toBe('cancelled');
    expect(receiver.snapshot().transfers.map((transfer) => transfer.id)).toEqual([id]);
    await sender.close();
    expect(await readdir(join(await bench.folder('first-profile'), 'transfers'))).toEqual([]);
  });

  it('keeps its id where nothing was offered yet', async () => {
    const all = await scene({ 'one.txt': 'one' });
    const before = await leftUnanswered(all);
    await changeJob(before, { offer: null });
    await lay(all.source, { 'two.txt': 'two' });
    const { id } = await sendAgain(all);
    expect(id).toBe(before);
    expect(await offerTo(all.receiver, id)).toMatchObject({ totalFiles: 2 });
  });

  it('is offered like anything else: a no to it is a no', async () => {
    const all = await scene({ 'one.txt': 'one' });
    await leftUnanswered(all);
    const { sender, id } = await sendAgain(all);
    const end = endOf(sender, id);
    await declineOffer(all.receiver, await offerTo(all.receiver, id));
    expect((await end).state.kind).toBe('declined');
  });

  it('is the only one that a receiver has on its list that accepts without asking by then', async () => {
    const all = await scene({ 'one.txt': 'one' });
    const { receiver } = all;
    await leftUnanswered(all);
    const [device] = receiver.snapshot().devices;
    if (device === undefined) throw new Error('there is no device');
    await receiver.changeDevice(device.id, { accept: 'always' });
    const end = endOf(receiver);
    const { id } = await sendAgain(all);
    expect(await end).toMatchObject({ id, state: { kind: 'done' } });
    expect(receiver.snapshot().transfers.map((transfer) => transfer.id)).toEqual([id]);
    await receiver.close();
    const again = await bench.engine('second');
    expect(again.snapshot().transfers.map((transfer) => transfer.id)).toEqual([id]);
  });

  it('takes back an offer whose yes was lost on its way: that receiver waits for nothing', async () => {
    const all = await scene({ 'one.txt': 'one', 'large.bin': noise(LARGE) });
    const { receiver, source, target } = all;
    const before = await leftHalfWay(all);
    await changeJob(before, { accepted: false });
    await lay(source, { 'two.txt': 'two' });
    const oldEnd = endOf(receiver, before);
    const asked = offerTo(receiver);
    const { sender, id } = await sendAgain(all);
    expect((await oldEnd).state).toEqual({ kind: 'cancelled', by: 'peer' });
    const ends = [endOf(sender, id), endOf(receiver, id)];
    expect((await asked).id).toBe(id);
    await acceptOffer(receiver, await asked);
    for (const end of await Promise.all(ends)) expect(end.state.kind).toBe('done');
    expect(await listTree(target)).toEqual(await listTree(source));
    expect(await readdir(join(target, '..'))).toEqual(['Folder']);
  });

  it('takes it back once the receiver can be reached, however many sends that takes', async () => {
    const all = await scene({ 'one.txt': 'one', 'large.bin': noise(LARGE) });
    const { receiver, source } = all;
    const before = await leftHalfWay(all);
    await changeJob(before, { accepted: false });
    await receiver.close();
    for (let time = 0; time < 2; time += 1) {
      const sender = await bench.engine('first');
      const id = await sender.send({
        device: receiver.snapshot().self.id,
        paths: [source],
        whenUnreachable: 'wait',
      });
      await transferIn(sender, ['waiting'], id);
      await sender.close();
    }
    const port = receiver.snapshot().port ?? 0;
    const back = await bench.engine('second', { listen: { host: '127.0.0.1', port } });
    const oldEnd = endOf(back, before);
    const asked = offerTo(back);
    const { id } = await sendAgain({ ...all, receiver: back });
    expect((await oldEnd).state).toEqual({ kind: 'cancelled', by: 'peer' });
    expect((await asked).id).toBe(id);
  });

  it('says so to the receiver as well when it is cancelled, or cannot be sent any more', async () => {
    const all = await scene({ 'one.txt': 'one', 'large.bin': noise(LARGE) });
    const { receiver, source } = all;
    const before = await leftHalfWay(all);
    await changeJob(before, { accepted: false });
    await rm(source, { recursive: true });
    const oldEnd = endOf(receiver, before);
    const { sender, id } = await sendAgain(all);
    expect((await endOf(sender, id)).state).toMatchObject({ error: { code: 'source-missing' } });
    expect((await oldEnd).state).toEqual({ kind: 'cancelled', by: 'peer' });
  });
});

describe('what is sent again after it was accepted', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
    ['nothing new', {}, []],
    ['a new file', { 'two.txt': 'two' }, ['Folder/two.txt']],
    ['a hidden new file', { '.two': 'two' }, ['Folder/.two']],
    ['a new program', { 'two.sh': 'two' }, ['Folder/two.sh']],
    [
      'new folders, each with all that is in it',
      { 'new/deep/two.txt': '2', 'old/new/x': 'x' },
      ['Folder/new', 'Folder/old/new'],
    ],
    ['a new file in a folder of before', { 'old/two.txt': 'two' }, ['Folder/old/two.txt']],
  ])('goes on, and both sides list what came later, with %s', async (_what, files, missing) => {
    const all = await scene({ 'large.bin': noise(LARGE), 'old/one.txt': 'one' });
    const { receiver, source, target } = all;
    const before = await leftHalfWay(all);
    const sent = await listTree(source);
    await lay(source, files);
    const oldEnd = endOf(receiver, before);
    const { sender, id } = await sendAgain(all);
    expect(id).toBe(before);
    for (const end of await Promise.all([endOf(sender, id), oldEnd])) {
      const { skipped, skippedCount } = cameTo(end);
      expect({ skipped, skippedCount }).toEqual({ skipped: later(...missing), skippedCount: missing.length });
    }
    expect(await listTree(target)).toEqual(sent);
  });

  it('lists the first of very many, and counts all', async () => {
    const all = await scene({ 'large.bin': noise(LARGE) });
    await leftHalfWay(all);
    for (let n = 0; n < 300; n += 1) await writeFile(join(all.source, `new ${String(n)}`), '');
    const received = endOf(all.receiver);
    const { sender, id } = await sendAgain(all);
    for (const end of await Promise.all([endOf(sender, id), received])) {
      expect(cameTo(end).skippedCount).toBe(300);
      expect(cameTo(end).skipped).toHaveLength(100);
    }
  });

  it('lists it once, however often it is sent again', async () => {
    const all = await scene({ 'large.bin': noise(LARGE) });
    const { receiver, source } = all;
    const line = await bench.lineTo(receiver);
    const id = await leftHalfWay(all, line);
    line.refuse();
    for (const name of ['two.txt', 'three.txt']) {
      await lay(source, { [name]: name });
      const sender = await bench.engine('first');
      const waits = transferIn(receiver, ['waiting'], id);
      await send(sender, receiver, source);
      await transferIn(sender, ['running'], id);
      await sender.close();
      await waits;
    }
    const received = endOf(receiver, id);
    const { sender } = await sendAgain(all);
    for (const end of await Promise.all([endOf(sender, id), received])) {
      expect(cameTo(end).skipped).toEqual(later('Folder/two.txt', 'Folder/three.txt'));
    }
  });

  it('is not looked through by a process that goes on with it by itself', async () => {
    const all = await scene({ 'large.bin': noise(LARGE) });
    const { receiver, source } = all;
    const id = await leftHalfWay(all);
    await lay(source, { 'two.txt': 'two' });
    const received = endOf(receiver, id);
    await bench.engine('first', { resumeSends: true });
    expect(cameTo(await received).skippedCount).toBe(0);
  });

  it('lists here what a receiver cannot know of that had everything before', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const source = await bench.folder('Folder');
    await lay(source, { 'one.txt': 'one' });
    const { id, peer } = await hostile.lure([source]);
    await takeOffer(peer);
    await acceptAt(peer, { entry: 0, offset: 0 });
    await peer.expect('start');
    await victim.close();
    await lay(source, { 'two.txt': 'two' });
    const again = await bench.engine('victim');
    const waits = transferIn(again, ['waiting'], id);
    const end = endOf(again, id);
    expect(await again.send({ device: hostile.id, paths: [source], whenUnreachable: 'wait' })).toBe(id);
    // Lost once after it was found: what was found stays so.
    const first = await hostile.dialled();
    await takeOffer(first);
    first.close();
    await waits;
    const second = await hostile.dialled();
    await takeOffer(second);
    second.message('complete', {
      files: 1,
      bytes: 3,
      nothing: false,
      renamed: [],
      renamedCount: 0,
      skipped: [],
      skippedCount: 0,
    });
    expect(cameTo(await end)).toMatchObject({
      files: 1,
      skipped: later('Folder/two.txt'),
      skippedCount: 1,
    });
    hostile.close();
  });
});

describe('the command that sends the same again', () => {
  async function command({ sender, receiver, source }: Scene) {
    const line = await bench.lineTo(receiver);
    await sender.close();
    const to = ['--to', `127.0.0.1:${String(line.port)}`];
    const profile = ['--json', '--profile', await bench.folder('first-profile')];
    return { line, args: ['send', receiver.snapshot().self.id, source, ...to, ...profile] };
  }

  it('has what is new in it when nobody had answered', async () => {
    const all = await scene({ 'one.txt': 'one' });
    const { receiver, source, target } = all;
    const { args } = await command(all);
    const first = new SealaneCommand(args);
    await offerTo(receiver);
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(6);
    await lay(source, { 'two.txt': 'two' });
    const asked = offerTo(receiver);
    const second = sealane(args);
    await acceptOffer(receiver, await asked);
    const { code, events } = await second;
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'done', files: 2 });
    expect(await listTree(target)).toEqual(await listTree(source));
  });

  it('lists what is new in it, when it goes on', async () => {
    const all = await scene({ 'large.bin': noise(LARGE) });
    const { receiver, source } = all;
    const { args, line } = await command(all);
    const half = line.reached(line.forwarded + LARGE / 2);
    const first = new SealaneCommand(args);
    await acceptOffer(receiver, await offerTo(receiver));
    await half;
    line.slow();
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(6);
    await lay(source, { 'two.txt': 'two' });
    const { code, events } = await sealane(args);
    // Nothing of what was offered is lost, and yet not all that was asked for is there.
    expect(code).toBe(7);
    const done = { event: 'incomplete', files: 1, skipped: later('Folder/two.txt'), skippedCount: 1 };
    expect(events.at(-1)).toMatchObject(done);
  });
});

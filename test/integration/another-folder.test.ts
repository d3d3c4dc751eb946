import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import {
  Bench,
  acceptOffer,
  declineOffer,
  endOf,
  eventOf,
  offerTo,
  offeredAgain,
  transferIn,
} from '../support/engines.ts';
import { SmallDisk, canMount } from '../support/small-disk.ts';
import { namesIn } from '../support/tree.ts';

/** A folder that cannot be used is no end of a transfer: its user is told which it is and why, and names another one. */

const bench = new Bench();
afterEach(() => bench.dispose());

async function letter(text = 'hello'): Promise<string> {
  const file = await bench.folder('letter.txt');
  await writeFile(file, text);
  return file;
}

/** An offer that was said yes to, into a folder that cannot be used, and has come back. */
async function cameBack(into: string, [sender, receiver]: readonly [Engine, Engine]) {
  const offered = offerTo(receiver);
  const id = await sender.send({ device: receiver.snapshot().self.id, paths: [await letter()] });
  const back = offeredAgain(receiver);
  await acceptOffer(receiver, await offered, { into });
  return { id, again: await back };
}

describe('a yes into a folder that cannot be used', () => {
  it('is asked about again, with the folder and the reason, and goes into another one', async () => {
    const pair = await bench.pair();
    const [sender, receiver] = pair;
    const file = await bench.folder('a file');
    await writeFile(file, '');
    const { id, again } = await cameBack(file, pair);
    expect(again.state).toMatchObject({
      problem: {
        code: 'destination-unusable',
        folder: file,
        message: `Nothing can be put into ${file}: it, or what it would lie in, is not a folder. Choose another folder.`,
      },
    });
    // The sender is still waiting for an answer.
    expect(sender.snapshot().transfers[0]?.state.kind).toBe('offered');
    const other = await bench.folder('other');
    const ends = [endOf(sender, id), endOf(receiver, id)];
    await acceptOffer(receiver, again, { into: other });
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
    expect(await readFile(join(other, 'letter.txt'), 'utf8')).toBe('hello');
    expect(await namesIn(await bench.folder('second-received'))).toEqual([]);
  });

  it('comes back as often as it goes wrong, and a no after it is a no to the sender', async () => {
    const pair = await bench.pair();
    const [sender, receiver] = pair;
    const { id, again } = await cameBack(join(await letter(), 'below'), pair);
    const back = offeredAgain(receiver);
    await acceptOffer(receiver, again, { into: '/proc/no' });
    const third = await back;
    expect(third.state).toMatchObject({ problem: { folder: '/proc/no' } });
    const ends = [endOf(sender, id), endOf(receiver, id)];
    await declineOffer(receiver, third);
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('declined');
  });

  it('ends with its sender, who has offered nothing that could be gone on with', async () => {
    const pair = await bench.pair();
    const [sender, receiver] = pair;
    const { id } = await cameBack(await letter(), pair);
    const end = endOf(receiver, id);
    await sender.cancelTransfer(id);
    expect((await end).state).toEqual({ kind: 'cancelled', by: 'peer' });
  });

  it.runIf(canMount)('says how much is needed and free, where there is no room', async () => {
    const disk = await SmallDisk.make(20 * 1024 * 1024);
    try {
      const pair = await bench.pair();
      const [, receiver] = pair;
      const file = await bench.folder('large');
      await writeFile(file, Buffer.alloc(16 * 1024 * 1024));
      const offered = offerTo(receiver);
      await pair[0].send({ device: receiver.snapshot().self.id, paths: [file] });
      const back = offeredAgain(receiver);
      await acceptOffer(receiver, await offered, { into: join(disk.folder, 'in') });
      const { state } = await back;
      const problem = 'problem' in state ? state.problem : undefined;
      expect(problem).toMatchObject({ code: 'no-space', folder: join(disk.folder, 'in') });
      expect(problem?.space?.free).toBe(disk.free);
      expect(problem?.space?.needed).toBeGreaterThan(32 * 1024 * 1024);
      expect(problem?.message).toMatch(/: it needs 34 MB, and 21 MB are free\. Choose another folder\.$/);
      expect(await namesIn(disk.folder)).toEqual([]);
    } finally {
      await disk.dispose();
    }
  });
});

describe('a yes that nobody is there to give again', () => {
  it('waits for its folder on both sides, and goes on by itself', async () => {
    const [sender, receiver] = await bench.pair();
    const { id: peer } = sender.snapshot().self;
    const into = await bench.folder('inbox');
    await writeFile(into, '');
    await receiver.changeDevice(peer, { accept: 'always', into });
    const waits = transferIn(receiver, ['waiting']);
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: [await letter()] });
    const sentWaits = transferIn(sender, ['waiting'], id);
    expect((await waits).state).toMatchObject({ error: { code: 'destination-unusable', folder: into } });
    // What it is called over there is nobody else's business.
    const { state } = await sentWaits;
    expect(state).toMatchObject({ error: { code: 'destination-unusable' } });
    expect(JSON.stringify(state)).not.toContain(into);
    const ends = [endOf(sender, id), endOf(receiver, id)];
    await rm(into);
    await mkdir(into);
    for (const view of await Promise.all(ends)) expect(view.state.kind).toBe('done');
    expect(await namesIn(into)).toEqual(['letter.txt']);
  });
});

describe('what waits for its folder', () => {
  /** A transfer of two files that is half here, and whose folder is gone. */
  async function withoutFolder() {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('Work');
    await mkdir(source);
    await writeFile(join(source, 'a.txt'), 'hello');
    await writeFile(join(source, 'z.bin'), Buffer.alloc(16 * 1024 * 1024, 7));
    const into = await bench.folder('first');
    const line = await bench.lineTo(receiver);
    const to = { host: '127.0.0.1', port: line.port };
    const offered = offerTo(receiver);
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source], to });
    await acceptOffer(receiver, await offered, { into });
    await line.reached(4 * 1024 * 1024);
    line.hold();
    await rm(into, { recursive: true });
    const waits = eventOf(receiver, ({ type, ...event }) =>
      type === 'transfer' && 'transfer' in event && event.transfer.state.kind === 'waiting'
        ? event.transfer.state.error
        : undefined,
    );
    line.release();
    return { sender, receiver, id, into, error: await waits };
  }

  it('goes into another one, anew and whole, when its user says so', async () => {
    const { sender, receiver, id, into, error } = await withoutFolder();
    expect(error.folder).toBe(into);
    const other = await bench.folder('other');
    const ends = [endOf(sender, id), endOf(receiver, id)];
    await receiver.moveTransfer(id, other);
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
    expect(await readFile(join(other, 'Work', 'a.txt'), 'utf8')).toBe('hello');
    expect((await readFile(join(other, 'Work', 'z.bin'))).equals(Buffer.alloc(16 * 1024 * 1024, 7))).toBe(
      true,
    );
    expect(await namesIn(other)).toEqual(['Work', 'Work/a.txt', 'Work/z.bin']);
  });

  it('keeps what is here where the other one cannot be used', async () => {
    const { receiver, id, into } = await withoutFolder();
    const file = await letter();
    await expect(receiver.moveTransfer(id, file)).rejects.toMatchObject({
      code: 'destination-unusable',
      message: expect.stringContaining(`Nothing can be put into ${file}`) as unknown,
    });
    expect(receiver.snapshot().transfers[0]?.state).toMatchObject({ kind: 'waiting' });
    // Nobody has made the old one meanwhile.
    await expect(namesIn(into)).resolves.toEqual([]);
  });

  it('goes into another one also where nobody is at it, and not where somebody is', async () => {
    const { sender, receiver, id } = await withoutFolder();
    const other = await bench.folder('other');
    const visitor = { answers: 'own-transfers', listen: { host: '127.0.0.1', port: 0 } } as const;
    const beside = await bench.engine('second', visitor);
    await expect(beside.moveTransfer(id, other)).rejects.toMatchObject({ code: 'transfer-held' });
    const port = receiver.snapshot().port ?? 0;
    await receiver.close();
    await beside.moveTransfer(id, other);
    expect((await beside.allTransfers())[0]?.state).toMatchObject({
      kind: 'waiting',
      progress: { bytes: 0 },
    });
    await beside.close();
    const end = endOf(sender, id);
    await bench.engine('second', { listen: { host: '127.0.0.1', port } });
    expect((await end).state.kind).toBe('done');
    expect(await namesIn(other)).toEqual(['Work', 'Work/a.txt', 'Work/z.bin']);
  });
});

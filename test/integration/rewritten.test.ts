import { appendFileSync, closeSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { TransferView } from '../../shared/views.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { Bench, acceptOffer, endOf, offerTo } from '../support/engines.ts';
import type { Proxy } from '../support/proxy.ts';
import { listTree, namesIn, noise } from '../support/tree.ts';

/** A file that is written anew while it is sent, and not only between two connections: two engines, real sockets. */

const SIZE = 12_000_000;

/** The first try, and those after it. */
const ALL_TRIES = 4;

const bench = new Bench();
afterEach(() => bench.dispose());

interface Scene {
  readonly sender: Engine;
  readonly receiver: Engine;
  readonly line: Proxy;
  readonly source: string;
  /** Large: what is done to it when a tenth of it is across is done when its beginning was read and its end was not. */
  readonly image: string;
  readonly target: string;
}

async function scene(size = SIZE): Promise<Scene> {
  const [sender, receiver] = await bench.pair();
  const line = await bench.lineTo(receiver);
  const source = await bench.folder('Work');
  const image = join(source, 'image.raw');
  await mkdir(source);
  await writeFile(join(source, 'a.txt'), 'first');
  await writeFile(image, noise(size));
  await writeFile(join(source, 'z.txt'), 'last');
  utimesSync(image, 1_600_000_000, 1_600_000_000);
  return {
    sender,
    receiver,
    line,
    source,
    image,
    target: join(await bench.folder('second-received'), 'Work'),
  };
}

interface Ends {
  readonly sent: TransferView;
  readonly received: TransferView;
}

/** Sends, and accepts; the states of the receiver's side, one after another, are added to `states`. */
async function send({ sender, receiver, line, source }: Scene, states: string[] = []): Promise<Ends> {
  const to = { host: '127.0.0.1', port: line.port };
  const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source], to });
  const ends = [endOf(sender, id), endOf(receiver, id)] as const;
  receiver.subscribe((event) => {
    if (event.type !== 'transfer' || event.transfer.id !== id) return;
    const { kind } = event.transfer.state;
    if (states.at(-1) !== kind) states.push(kind);
  });
  await acceptOffer(receiver, await offerTo(receiver, id));
  const [sent, received] = await Promise.all(ends);
  return { sent, received };
}

/** Calls `act` with each offer of the sender's, after it has looked at its files and before it reads any, and with how many came before. */
function atEachOffer(sender: Engine, act: (time: number) => void): () => number {
  let times = 0;
  let before: string | undefined;
  sender.subscribe((event) => {
    if (event.type !== 'transfer') return;
    const isNew = event.transfer.state.kind === 'offered' && before !== 'offered';
    before = event.transfer.state.kind;
    if (!isNew) return;
    times += 1;
    act(times - 1);
  });
  return () => times;
}

/** As `atEachOffer`, with each time that a tenth of the large file has crossed. */
function amidEach(sender: Engine, line: Proxy, act: (time: number) => void): () => number {
  return atEachOffer(sender, (time) => {
    void line.reached(line.forwarded + SIZE / 10).then(() => {
      act(time);
    });
  });
}

/** Writes over the beginning and the end of a file, and sets its modification time back. */
function rewrite(file: string, seed: number): void {
  const fd = openSync(file, 'r+');
  for (const at of [0, SIZE - 1_000]) writeSync(fd, noise(1_000, seed), 0, 1_000, at);
  closeSync(fd);
  utimesSync(file, 1_600_000_000, 1_600_000_000);
}

describe('a file that is rewritten while it is sent', { timeout: 60_000 }, () => {
  it('arrives in its newest version, in the same transfer, once it is left in peace', async () => {
    const all = await scene();
    const times = amidEach(all.sender, all.line, (time) => {
      if (time < ALL_TRIES - 1) rewrite(all.image, time + 2);
    });
    const states: string[] = [];
    const { sent, received } = await send(all, states);
    expect(received.state).toMatchObject({ kind: 'done', outcome: { files: 3 } });
    expect(sent.state).toMatchObject({
      kind: 'done',
      outcome: { files: 3, resent: ['Work/image.raw'], resentCount: 1 },
    });
    expect(await listTree(all.target)).toEqual(await listTree(all.source));
    expect(times()).toBe(ALL_TRIES);
    // To the receiver it is one transfer that goes on: it waits for nobody.
    expect(states).toEqual(['offered', 'running', 'finishing', 'done']);
  });

  it('arrives as it is now when it was written anew, in another size, before its turn had come', async () => {
    const all = await scene(1_000);
    atEachOffer(all.sender, (time) => {
      if (time === 0) writeFileSync(join(all.source, 'z.txt'), 'much longer than it was offered');
      if (time === 1) writeFileSync(join(all.source, 'z.txt'), '');
    });
    const { sent, received } = await send(all);
    expect([sent.state.kind, received.state.kind]).toEqual(['done', 'done']);
    expect(await listTree(all.target)).toEqual(await listTree(all.source));
  });

  it('is left out after a few tries when that never ends, and all else is there', async () => {
    const all = await scene();
    const times = amidEach(all.sender, all.line, (time) => {
      rewrite(all.image, time + 2);
    });
    const { sent, received } = await send(all);
    const leftOut = { skipped: [{ path: 'Work/image.raw', reason: 'changed' }], skippedCount: 1 };
    expect(received.state).toMatchObject({ kind: 'incomplete', leftOut, outcome: { files: 2 } });
    expect(sent.state).toMatchObject({
      kind: 'incomplete',
      leftOut,
      outcome: { files: 2, resent: [], resentCount: 0 },
    });
    expect(times()).toBe(ALL_TRIES);
    expect([...(await namesIn(all.target))].sort()).toEqual(['a.txt', 'z.txt']);
  });

  it('is left out when it has become larger than what was agreed to allows, and all else is there', async () => {
    const all = await scene(1_000);
    atEachOffer(all.sender, (time) => {
      if (time === 0) writeFileSync(join(all.source, 'z.txt'), Buffer.alloc(17_000_000));
    });
    const { sent, received } = await send(all);
    const leftOut = { skipped: [{ path: 'Work/z.txt', reason: 'changed' }], skippedCount: 1 };
    for (const { state } of [sent, received])
      expect(state).toMatchObject({ kind: 'incomplete', leftOut, outcome: { files: 2, resentCount: 0 } });
    expect([...(await namesIn(all.target))].sort()).toEqual(['a.txt', 'image.raw']);
  });

  it('comes alone: what is across already does not come again, and what had grown is still said to have', async () => {
    const all = await scene(1_000);
    const first = join(all.source, 'a.txt');
    atEachOffer(all.sender, (time) => {
      if (time === 0) {
        appendFileSync(first, ', and more of it');
        writeFileSync(join(all.source, 'z.txt'), 'another one');
      } else writeFileSync(first, 'a later version');
    });
    const { sent, received } = await send(all);
    expect(sent.state).toMatchObject({ kind: 'done', outcome: { resent: ['Work/z.txt'], resentCount: 1 } });
    for (const { state } of [sent, received])
      expect(state).toMatchObject({
        kind: 'done',
        outcome: { files: 3, grown: ['Work/a.txt'], grownCount: 1 },
      });
    expect(await readFile(join(all.target, 'a.txt'), 'utf8')).toBe('first');
    expect(await readFile(join(all.target, 'z.txt'), 'utf8')).toBe('another one');
  });

  it('has no more tries after the sender was closed in the middle than it had left', async () => {
    const all = await scene(1_000);
    const { sender, receiver, line } = all;
    const last = join(all.source, 'z.txt');
    const lastTry = new Promise<void>((resolve) => {
      atEachOffer(sender, (time) => {
        writeFileSync(last, 'x'.repeat(100 - time));
        if (time < ALL_TRIES - 1) return;
        line.hold();
        resolve();
      });
    });
    const to = { host: '127.0.0.1', port: line.port };
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: [all.source], to });
    await acceptOffer(receiver, await offerTo(receiver, id));
    await lastTry;
    await sender.pauseTransfer(id);
    line.reset();
    line.pass();
    await sender.close();
    const next = await bench.engine('first', { resumeSends: true });
    const times = atEachOffer(next, (time) => {
      writeFileSync(last, 'y'.repeat(50 - time));
    });
    const ends = [endOf(next, id), endOf(receiver, id)];
    await next.resumeTransfer(id);
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('incomplete');
    expect(times()).toBe(1);
    expect([...(await namesIn(all.target))].sort()).toEqual(['a.txt', 'image.raw']);
  });
});

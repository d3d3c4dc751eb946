import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ALPN_TRANSFER } from '../../shared/messages.ts';
import type { TransferId, TransferView } from '../../shared/views.ts';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import { openStore } from '../../src-main/engine/store/store.ts';
import type { Engine, EngineOptions } from '../../src-main/engine/index.ts';
import {
  Bench,
  acceptOffer,
  declineOffer,
  endOf,
  eventOf,
  offerTo,
  sendAndAccept,
  transferIn,
} from '../support/engines.ts';
import { HostileTransfer, receiverAndHostilePeer } from '../support/hostile-sender.ts';
import type { Proxy } from '../support/proxy.ts';
import { impostor } from '../support/raw-peer.ts';
import { listTree, makeTree, namesIn } from '../support/tree.ts';
import { offerBody } from '../support/offers.ts';

/** How a transfer goes on after its line, its process or its user stopped it: two engines and a line that a test can break. */

const LARGE = 24 * 1024 * 1024;

const bench = new Bench();
afterEach(() => bench.dispose());

interface Scene {
  readonly sender: Engine;
  readonly receiver: Engine;
  readonly line: Proxy;
  readonly source: string;
  readonly target: string;
}

/** A paired sender and receiver with a proxy as the only way from the one to the other, and a folder to send. */
async function scene(
  options: { sender?: Partial<EngineOptions>; receiver?: Partial<EngineOptions> } = {},
): Promise<Scene> {
  const [first, receiver] = await bench.pair({
    ...(options.sender === undefined ? {} : { first: options.sender }),
    ...(options.receiver === undefined ? {} : { second: options.receiver }),
  });
  await first.close();
  const line = await bench.lineTo(receiver);
  await leadThrough(line, receiver);
  const sender = await bench.engine('first', options.sender);
  const source = await bench.folder('Holiday');
  await makeTree(source, { small: 200, large: LARGE });
  return { sender, receiver, line, source, target: join(await bench.folder('second-received'), 'Holiday') };
}

/** The sender shall know the receiver under the proxy's address alone. */
async function leadThrough(line: Proxy, receiver: Engine): Promise<void> {
  const profile = await bench.folder('first-profile');
  const store = await openStore({ profile, defaultName: 'first', now: Date.now });
  await store.devices.change(receiver.snapshot().self.id, {
    addresses: [{ host: '127.0.0.1', port: line.port }],
    said: [],
  });
  await store.close();
}

/** Sends, accepts, and resolves once half of it is across. */
async function halfWay({ sender, receiver, line, source }: Scene) {
  const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
  const offer = await offerTo(receiver, id);
  const half = line.reached(line.forwarded + LARGE / 2);
  await acceptOffer(receiver, offer);
  await half;
  line.slow();
  return id;
}

function stateOf(engine: Engine, id: TransferId): string | undefined {
  return engine.snapshot().transfers.find((transfer) => transfer.id === id)?.state.kind;
}

/** How a transfer stands once the one who answers has shown another key than the other device's. */
function whoAnswered({ state }: TransferView): string | undefined {
  return 'error' in state && state.error.code === 'peer-key-mismatch' ? state.kind : undefined;
}

describe('a line that breaks', () => {
  it('is dialled anew by itself, and the rest arrives', async () => {
    const all = await scene();
    const { sender, receiver, line, source, target } = all;
    const id = await halfWay(all);
    const waiting = transferIn(sender, ['waiting'], id);
    const ends = [endOf(sender, id), endOf(receiver, id)];
    line.cut();
    expect((await waiting).state).toMatchObject({ kind: 'waiting', error: { code: 'connection-lost' } });
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
    expect(await listTree(target)).toEqual(await listTree(source));
  });

  it('is waited for while somebody else answers in its place', async () => {
    const all = await scene();
    const { sender, receiver, line, source, target } = all;
    const id = await halfWay(all);
    const other = await impostor(await generateIdentity(), ALPN_TRANSFER);
    const waiting = eventOf(sender, (event) =>
      event.type === 'transfer' && 'error' in event.transfer.state ? whoAnswered(event.transfer) : undefined,
    );
    line.redirect(other.port);
    line.reset();
    expect(await waiting).toBe('waiting');
    const ends = [endOf(sender, id), endOf(receiver, id)];
    line.redirect(receiver.snapshot().port ?? 0);
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
    expect(other.received()).toBe(0);
    other.server.close();
    expect(await listTree(target)).toEqual(await listTree(source));
  });

  it('costs little of what had crossed', async () => {
    const all = await scene();
    const { sender, receiver, line, source, target } = all;
    const id = await halfWay(all);
    const ends = [endOf(sender, id), endOf(receiver, id)];
    line.reset();
    const [sent] = await Promise.all(ends);
    expect(await listTree(target)).toEqual(await listTree(source));
    // Half crossed before: had all been sent again, it would be one and a half times the total.
    expect(line.forwarded).toBeLessThan((sent?.totalBytes ?? 0) * 1.4);
  });

  it('before anybody has answered takes the question back, and asks it again', async () => {
    const { sender, receiver, line, source, target } = await scene();
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    await offerTo(receiver, id);
    const asked = offerTo(receiver, id);
    line.cut();
    const offer = await asked;
    const end = endOf(receiver, id);
    await acceptOffer(receiver, offer);
    expect((await end).state.kind).toBe('done');
    expect(await listTree(target)).toEqual(await listTree(source));
  });
});

describe('pausing', () => {
  it.each(['sender', 'receiver'] as const)(
    'by the %s stands still on both sides until that one resumes',
    async (who) => {
      const all = await scene();
      const { sender, receiver, line, source, target } = all;
      const id = await halfWay(all);
      const [mine, other] = who === 'sender' ? [sender, receiver] : [receiver, sender];
      const paused = [transferIn(mine, ['paused'], id), transferIn(other, ['paused'], id)];
      await mine.pauseTransfer(id);
      expect((await Promise.all(paused)).map(({ state }) => state)).toMatchObject([
        { kind: 'paused', by: 'me' },
        { kind: 'paused', by: 'peer' },
      ]);
      // What was on its way is still thrown away; then nothing moves, and there is something left to go on with.
      for (let before = -1; before !== line.forwarded;) {
        before = line.forwarded;
        await pause(500);
      }
      expect(line.forwarded).toBeLessThan(LARGE);
      expect([mine, other].map((engine) => stateOf(engine, id))).toEqual(['paused', 'paused']);
      const ends = [endOf(sender, id), endOf(receiver, id)];
      await mine.resumeTransfer(id);
      for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
      expect(await listTree(target)).toEqual(await listTree(source));
    },
  );

  it.each(['sender', 'receiver'] as const)(
    'by the %s that is taken back at once leaves nobody waiting',
    async (who) => {
      const all = await scene();
      const { sender, receiver, source, target } = all;
      const id = await halfWay(all);
      const mine = who === 'sender' ? sender : receiver;
      const ends = [endOf(sender, id), endOf(receiver, id)];
      await mine.pauseTransfer(id);
      await mine.resumeTransfer(id);
      for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
      expect(await listTree(target)).toEqual(await listTree(source));
    },
  );

  it('outlives a restart of either side', async () => {
    const all = await scene({ sender: { resumeSends: true } });
    const { sender, receiver, line, source, target } = all;
    const id = await halfWay(all);
    const paused = [transferIn(sender, ['paused'], id), transferIn(receiver, ['paused'], id)];
    await sender.pauseTransfer(id);
    await Promise.all(paused);
    await Promise.all([sender.close(), receiver.close()]);
    const receiverAgain = await bench.engine('second');
    line.redirect(receiverAgain.snapshot().port ?? 0);
    const senderAgain = await bench.engine('first', { resumeSends: true });
    expect(senderAgain.snapshot().transfers).toMatchObject([{ id, state: { kind: 'paused', by: 'me' } }]);
    expect(receiverAgain.snapshot().transfers).toMatchObject([{ id, state: { kind: 'paused', by: 'peer' } }]);
    const ends = [endOf(senderAgain, id), endOf(receiverAgain, id)];
    await senderAgain.resumeTransfer(id);
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
    expect(await listTree(target)).toEqual(await listTree(source));
  });

  it('is for transfers that have begun', async () => {
    const { sender, receiver, source } = await scene();
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    const offer = await offerTo(receiver, id);
    await expect(receiver.pauseTransfer(id)).rejects.toMatchObject({ code: 'unknown-transfer' });
    await declineOffer(receiver, offer);
  });
});

describe('a restart', () => {
  it('of both sides in the middle goes on by itself', async () => {
    const all = await scene({ sender: { resumeSends: true } });
    const { sender, receiver, line, source, target } = all;
    const id = await halfWay(all);
    await Promise.all([sender.close(), receiver.close()]);
    const receiverAgain = await bench.engine('second');
    expect(receiverAgain.snapshot().transfers).toMatchObject([{ id, state: { kind: 'waiting' } }]);
    line.redirect(receiverAgain.snapshot().port ?? 0);
    const end = endOf(receiverAgain, id);
    await bench.engine('first', { resumeSends: true });
    expect((await end).state.kind).toBe('done');
    expect(await listTree(target)).toEqual(await listTree(source));
  });

  it('of the receiver under another address wakes the sender', async () => {
    const all = await scene();
    const { sender, receiver, line, source, target } = all;
    const id = await halfWay(all);
    const waiting = transferIn(sender, ['waiting'], id);
    await receiver.close();
    line.refuse();
    await waiting;
    const end = endOf(sender, id);
    await bench.engine('second');
    expect((await end).state.kind).toBe('done');
    expect(await listTree(target)).toEqual(await listTree(source));
  });

  it('of the sender is gone on with when the same is sent again', async () => {
    const all = await scene();
    const { sender, receiver, source, target } = all;
    const id = await halfWay(all);
    await sender.close();
    const again = await bench.engine('first');
    const end = endOf(receiver, id);
    expect(await again.send({ device: receiver.snapshot().self.id, paths: [source] })).toBe(id);
    expect((await end).state.kind).toBe('done');
    expect(await listTree(target)).toEqual(await listTree(source));
  });
});

describe('giving up while it waits', () => {
  it('by the receiver removes what had arrived, and the sender hears of it when it dials', async () => {
    const all = await scene();
    const { sender, receiver, line } = all;
    const id = await halfWay(all);
    const waiting = transferIn(receiver, ['waiting'], id);
    line.refuse();
    await waiting;
    const ends = [endOf(sender, id), endOf(receiver, id)];
    await receiver.cancelTransfer(id);
    line.pass();
    expect((await Promise.all(ends)).map(({ state }) => state)).toEqual([
      { kind: 'cancelled', by: 'peer' },
      { kind: 'cancelled', by: 'me' },
    ]);
    expect(await namesIn(await bench.folder('second-received'))).toEqual([]);
  });

  it('by the sender is told to the receiver', async () => {
    const all = await scene();
    const { sender, receiver, line } = all;
    const id = await halfWay(all);
    const paused = [transferIn(sender, ['paused'], id), transferIn(receiver, ['paused'], id)];
    await sender.pauseTransfer(id);
    await Promise.all(paused);
    const ends = [endOf(sender, id), endOf(receiver, id)];
    await sender.cancelTransfer(id);
    expect((await Promise.all(ends)).map(({ state }) => state)).toEqual([
      { kind: 'cancelled', by: 'me' },
      { kind: 'cancelled', by: 'peer' },
    ]);
    expect(line.forwarded).toBeGreaterThan(0);
    expect(await namesIn(await bench.folder('second-received'))).toEqual([]);
  });

  it('because the device was forgotten', async () => {
    const all = await scene();
    const { sender, receiver, line } = all;
    const id = await halfWay(all);
    const waiting = transferIn(receiver, ['waiting'], id);
    line.refuse();
    await waiting;
    const end = endOf(receiver, id);
    await receiver.forgetDevice(sender.snapshot().self.id);
    expect((await end).state).toMatchObject({ kind: 'failed', error: { code: 'device-forgotten' } });
    expect(await namesIn(await bench.folder('second-received'))).toEqual([]);
  });
});

describe('a sender that asks again', () => {
  it('about what is done here is told so', async () => {
    const { receiver, peer } = await receiverAndHostilePeer(bench);
    const offer = offerBody(['empty'], { files: 0, folders: 1, bytes: 0 });
    const transfer = new HostileTransfer(peer);
    await transfer.start(receiver, offer);
    const end = endOf(receiver, transfer.id);
    transfer.send(
      transfer.seal(
        (writer) => {
          writer.entry({ kind: 'folder', path: ['empty'], mtimeUs: 0 });
          writer.finish({ files: 0, bytes: 0, skippedCount: 0 });
        },
        { final: true },
      ),
    );
    await end;
    await peer.expect('complete');
    const again = await peer.again();
    again.hello();
    await again.expect('hello');
    again.message('offer', { transfer: transfer.id, ...offer });
    expect(await again.expect('complete')).toMatchObject({ files: 0, bytes: 0, skippedCount: 0 });
    expect(await namesIn(await bench.folder('receiver-received'))).toEqual(['empty']);
  });
});

describe('the same things sent twice', () => {
  it('are two transfers once the first is over', async () => {
    const { sender, receiver, source } = await scene();
    const { sent } = await sendAndAccept(sender, receiver, [source]);
    const { sent: again } = await sendAndAccept(sender, receiver, [source]);
    expect(again.id).not.toBe(sent.id);
    expect(await namesIn(await bench.folder('second-received'))).toContain('Holiday (2)');
  });

  it('are two transfers while the first still runs', async () => {
    const { sender, receiver } = await scene();
    const note = await bench.folder('note.txt');
    await writeFile(note, 'hello');
    await mkdir(await bench.folder('second-received'), { recursive: true });
    const device = receiver.snapshot().self.id;
    const ids = [await sender.send({ device, paths: [note] }), await sender.send({ device, paths: [note] })];
    expect(new Set(ids).size).toBe(2);
    await Promise.all(ids.map((id) => sender.cancelTransfer(id)));
  });
});

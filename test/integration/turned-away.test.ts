import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { OFFER_BURST } from '../../shared/limits.ts';
import type { TransferView, TurnedAwayView } from '../../shared/views.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { MAX_INBOUND_PER_DEVICE } from '../../src-main/engine/transfer/room.ts';
import { Bench, acceptOffer, eventOf, offerTo, transferIn } from '../support/engines.ts';
import { victimAndHostile } from '../support/hostile-device.ts';
import { HostileTransfer } from '../support/hostile-sender.ts';
import { offerBody } from '../support/offers.ts';

/** An offer that nobody is asked about is told on both sides, with the reason that is true. */

const bench = new Bench();
afterEach(() => bench.dispose());

const offer = offerBody(['secret name'], { files: 1, folders: 0, bytes: 5 });

/** What is said of offers that were turned away, from now on. */
function listen(engine: Engine): TurnedAwayView[] {
  const told: TurnedAwayView[] = [];
  engine.subscribe((event) => {
    if (event.type === 'turned-away') told.push(event.turnedAway);
  });
  return told;
}

describe('offers beyond what may be open', () => {
  it('are told to both users, and come in once there is room', async () => {
    const [sender, receiver] = await bench.pair();
    const told = listen(receiver);
    const { id: device } = receiver.snapshot().self;
    const folder = await bench.folder('letter');
    const open: TransferView[] = [];
    const send = async (name: string) => {
      await writeFile(`${folder}${name}`, 'hello');
      return await sender.send({ device, paths: [`${folder}${name}`] });
    };
    for (let nth = 0; nth < MAX_INBOUND_PER_DEVICE; nth += 1) {
      const shown = offerTo(receiver);
      await send(String(nth));
      open.push(await shown);
    }
    const waits = transferIn(sender, ['waiting'], await send('one too many'));
    expect((await waits).state).toMatchObject({ error: { code: 'offers-open' } });
    expect(told).toEqual([
      { device: { id: sender.snapshot().self.id, name: 'first' }, code: 'offers-open', count: 1 },
    ]);
    const [first] = open;
    if (first === undefined) throw new Error('no offer');
    const next = eventOf(receiver, (event) =>
      event.type === 'transfer' && !open.some(({ id }) => id === event.transfer.id)
        ? event.transfer
        : undefined,
    );
    await acceptOffer(receiver, first);
    expect((await next).state.kind).toBe('offered');
    expect(told).toHaveLength(1);
  });

  it('of a device that makes as many as it can are told in two words, with nothing of what they hold', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const told = listen(victim);
    const endings = new Set<string>();
    for (let nth = 0; nth < MAX_INBOUND_PER_DEVICE; nth += 1) {
      const shown = offerTo(victim);
      await new HostileTransfer(await hostile.dial()).offer(offer);
      await shown;
    }
    // More of them a second than come free again, however slow the machine is.
    for (let nth = 0; nth < OFFER_BURST && !endings.has('too-fast'); nth += 1) {
      const peers = await Promise.all(Array.from({ length: 8 }, () => hostile.dial()));
      for (const peer of peers) await new HostileTransfer(peer).offer(offer);
      for (const peer of peers) endings.add(await peer.ending());
    }
    expect([...endings]).toEqual(['offers-open', 'too-fast']);
    expect(told.map(({ code, count }) => [code, count])).toEqual([
      ['offers-open', 1],
      ['too-fast', 1],
    ]);
    expect(JSON.stringify(told)).not.toContain('secret');
    hostile.close();
  });
});

describe('a process that takes no offers', () => {
  it('is not said to be busy', async () => {
    const [sender, receiver] = await bench.pair();
    const port = receiver.snapshot().port ?? 0;
    const { id: device } = receiver.snapshot().self;
    await receiver.close();
    await bench.engine('second', { answers: 'own-transfers', listen: { host: '127.0.0.1', port } });
    const file = await bench.folder('letter.txt');
    await writeFile(file, 'hello');
    const id = await sender.send({ device, paths: [file] });
    expect((await transferIn(sender, ['waiting', 'failed'], id)).state).toMatchObject({
      error: { code: 'not-receiving' },
    });
  });
});

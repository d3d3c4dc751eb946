import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { transferIdSchema } from '../../shared/views.ts';
import type { TransferId } from '../../shared/views.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { openStore } from '../../src-main/engine/store/store.ts';
import { saveJob } from '../../src-main/engine/transfer/jobs.ts';
import { MAX_INBOUND_PER_DEVICE, MAX_UNFINISHED_PER_DEVICE } from '../../src-main/engine/transfer/room.ts';
import { Bench, eventOf, offerTo } from '../support/engines.ts';
import { HostileDevice, victimAndHostile } from '../support/hostile-device.ts';
import { HostileTransfer } from '../support/hostile-sender.ts';
import { offerBody } from '../support/offers.ts';

/** What one device may leave unfinished at another, and how much of that may go on at a time. */

const bench = new Bench();
afterEach(() => bench.dispose());

const offer = offerBody(['a.bin'], { files: 1, folders: 0, bytes: 5 });
const idOf = (nth: number): TransferId => transferIdSchema.parse(nth.toString(16).padStart(32, '0'));

/** A victim that was told yes so many times by its user, and has nothing yet of what was to come. */
async function victimWith(unfinished: number): Promise<{ victim: Engine; hostile: HostileDevice }> {
  const { victim: first, hostile: early } = await victimAndHostile(bench);
  await first.close();
  const profile = await bench.folder('victim-profile');
  const store = await openStore({ profile, defaultName: 'victim', now: Date.now });
  for (let nth = 1; nth <= unfinished; nth += 1) {
    const claim = await store.claimTransfer(idOf(nth));
    if (claim === undefined) throw new Error('claimed elsewhere');
    const job = { version: 1 as const, direction: 'receive' as const, id: claim.id, device: early.id };
    const folder = { destination: join(profile, '..', 'in'), mountPoint: null, moves: 0 };
    const agreed = { offer: { transfer: claim.id, ...offer }, ...folder };
    await saveJob(claim, { ...job, ...agreed, created: nth, paused: false, wake: null });
    await claim.release();
  }
  await store.close();
  const victim = await bench.engine('victim');
  return { victim, hostile: new HostileDevice(victim, early.identity) };
}

describe('unfinished transfers', () => {
  it('of one device are a hundred, and the next offer is told so and asked about by nobody', async () => {
    const { victim, hostile } = await victimWith(MAX_UNFINISHED_PER_DEVICE);
    const peer = await hostile.dial();
    await new HostileTransfer(peer).offer(offer);
    expect(await peer.ending()).toBe('too-many-unfinished');
    expect(victim.snapshot().transfers).toHaveLength(MAX_UNFINISHED_PER_DEVICE);
    // Each that is given up makes room.
    await victim.cancelTransfer(idOf(1));
    await eventOf(victim, (event) => (event.type === 'transfer' ? event.transfer : undefined));
    const offered = offerTo(victim);
    await new HostileTransfer(await hostile.dial()).offer(offer);
    await offered;
    hostile.close();
  });

  it('go on while as many offers of the same device as may be open lie unanswered, and none is added to these', async () => {
    const { victim, hostile } = await victimWith(1);
    for (let count = 0; count < MAX_INBOUND_PER_DEVICE; count += 1) {
      const asked = offerTo(victim);
      await new HostileTransfer(await hostile.dial()).offer(offer);
      await asked;
    }
    const agreed = new HostileTransfer(await hostile.dial(), idOf(1));
    await agreed.agree(await agreed.offer(offer));
    const next = new HostileTransfer(await hostile.dial());
    await next.offer(offer);
    expect(await next.peer.ending()).toBe('offers-open');
    hostile.close();
  });

  it('go on eight at a time, however many of them their sender takes up at once', async () => {
    const { hostile } = await victimWith(MAX_INBOUND_PER_DEVICE + 1);
    for (let nth = 1; nth <= MAX_INBOUND_PER_DEVICE; nth += 1) {
      const transfer = new HostileTransfer(await hostile.dial(), idOf(nth));
      await transfer.agree(await transfer.offer(offer));
    }
    const next = new HostileTransfer(await hostile.dial(), idOf(MAX_INBOUND_PER_DEVICE + 1));
    await next.offer(offer);
    expect(await next.peer.ending()).toBe('busy');
    // One that has its room already may dial anew.
    const again = new HostileTransfer(await hostile.dial(), idOf(1));
    await again.agree(await again.offer(offer));
    hostile.close();
  });
});

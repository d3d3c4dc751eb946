import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { wireNumber } from '../../shared/errors.ts';
import { Bench, endOf, transferIn } from '../support/engines.ts';
import { takeOffer, victimAndHostile } from '../support/hostile-device.ts';

/** A receiver without room, as a sender sees it who may have been accepted and may not. */

const bench = new Bench();
afterEach(() => bench.dispose());

async function lured() {
  const { victim: sender, hostile: receiver } = await victimAndHostile(bench);
  const letter = await bench.folder('letter.txt');
  await writeFile(letter, 'hello');
  return { sender, receiver, ...(await receiver.lure([letter])) };
}

const noSpace = { reason: wireNumber('no-space') };

describe('a receiver that has no room', () => {
  it('has said yes when it says so at once, and is waited for', async () => {
    const { sender, receiver, id, peer } = await lured();
    const waiting = transferIn(sender, ['waiting'], id);
    await takeOffer(peer);
    peer.message('refuse', noSpace);
    // It knows what it needs, and nothing of what is free there.
    expect((await waiting).state).toMatchObject({
      error: { code: 'no-space', space: { needed: 5, free: null } },
    });
    expect((await takeOffer(await receiver.dialled())).transfer).toBe(id);
    receiver.close();
  });

  it('is waited for when an offer was left without an answer: its yes may have been lost on its way', async () => {
    const { sender, receiver, id, peer } = await lured();
    await takeOffer(peer);
    peer.close();
    const second = await receiver.dialled();
    await takeOffer(second);
    const waiting = transferIn(sender, ['waiting'], id);
    second.message('refuse', noSpace);
    expect((await waiting).state).toMatchObject({ error: { code: 'no-space' } });
    expect((await takeOffer(await receiver.dialled())).transfer).toBe(id);
    const end = endOf(sender, id);
    await sender.cancelTransfer(id);
    expect((await end).state.kind).toBe('cancelled');
    receiver.close();
  });
});

import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, acceptOffer, endOf, offerTo } from '../support/engines.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

describe('offers that nobody has answered when their sender goes away', () => {
  it('end with a sentence that is true here, and come again when it is back', async () => {
    const [sender, receiver] = await bench.pair();
    const { id: device } = receiver.snapshot().self;
    const ids = [];
    for (const name of ['first.txt', 'second.txt']) {
      const file = await bench.folder(name);
      await writeFile(file, name);
      const asked = offerTo(receiver);
      ids.push(await sender.send({ device, paths: [file], whenUnreachable: 'wait' }));
      await asked;
    }
    const ends = Promise.all(ids.map((id) => endOf(receiver, id)));
    await sender.close();
    for (const { state, recorded } of await ends) {
      if (state.kind !== 'failed') throw new Error(`ended as ${state.kind}`);
      expect(state.error.code).toBe('offer-lost');
      // This side's user has nothing to try again with.
      expect(state.error.message).not.toMatch(/try again|check/i);
      expect(recorded).toBe(false);
    }
    const again = Promise.all(ids.map((id) => offerTo(receiver, id)));
    const back = await bench.engine('first', { resumeSends: true });
    const [offer] = await again;
    if (offer === undefined) throw new Error('no offer');
    const end = endOf(back, offer.id);
    await acceptOffer(receiver, offer);
    expect((await end).state.kind).toBe('done');
  });
});

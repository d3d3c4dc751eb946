import { truncate, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import type { TransferId } from '../../shared/views.ts';
import { Bench, acceptOffer, endOf, offerTo, transferIn } from '../support/engines.ts';
import { befriend } from '../support/hostile-device.ts';
import { listTree } from '../support/tree.ts';

/** Whoever gives up a transfer that has no connection: the other side hears it all the same, at once. */

const bench = new Bench();
afterEach(() => bench.dispose());

/** More than crosses before a pause is heard. */
const FILM_BYTES = 2 * 1024 ** 3;

interface Running {
  readonly sender: Engine;
  readonly receiver: Engine;
  readonly id: TransferId;
}

async function running(): Promise<Running> {
  const [sender, receiver] = await bench.pair();
  const path = await bench.folder('film.bin');
  await writeFile(path, '');
  await truncate(path, FILM_BYTES);
  const id = await sender.send({ device: receiver.snapshot().self.id, paths: [path] });
  const moving = transferIn(sender, ['running'], id);
  await acceptOffer(receiver, await offerTo(receiver, id));
  await moving;
  return { sender, receiver, id };
}

const SIDES = ['sender', 'receiver'] as const;

describe('a transfer that is paused', { timeout: 60_000 }, () => {
  for (const pauser of SIDES) {
    for (const canceller of SIDES) {
      it(`by the ${pauser} and cancelled by the ${canceller} is over on both, with nothing left`, async () => {
        const { id, ...engines } = await running();
        const paused = SIDES.map((side) => transferIn(engines[side], ['paused'], id));
        await engines[pauser].pauseTransfer(id);
        await Promise.all(paused);
        const ends = SIDES.map((side) => endOf(engines[side], id));
        await engines[canceller].cancelTransfer(id);
        const states = (await Promise.all(ends)).map(({ state }) => state);
        expect(states).toEqual(
          SIDES.map((side) => ({ kind: 'cancelled', by: side === canceller ? 'me' : 'peer' })),
        );
        await expect
          .poll(async () => await listTree(await bench.folder('second-received')).catch(() => ({})))
          .toEqual({});
      });
    }
  }
});

it('a device cancels no transfer but its own', { timeout: 60_000 }, async () => {
  const { sender, receiver, id } = await running();
  await sender.pauseTransfer(id);
  const hostile = await befriend(bench, sender);
  const stranger = await hostile.dial();
  stranger.hello();
  await stranger.expect('hello');
  stranger.message('cancel', { transfer: id });
  expect(await stranger.ending()).toBe('closed');
  hostile.close();
  expect(sender.snapshot().transfers).toMatchObject([{ id, state: { kind: 'paused' } }]);
  expect(receiver.snapshot().transfers).toMatchObject([{ id, state: { kind: 'paused' } }]);
});

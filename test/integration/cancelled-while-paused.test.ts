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

it(
  'a transfer that is paused is over also where another process of the receiver answers first',
  { timeout: 60_000 },
  async () => {
    const { sender, receiver, id } = await running();
    const paused = SIDES.map((side) => transferIn({ sender, receiver }[side], ['paused'], id));
    await sender.pauseTransfer(id);
    await Promise.all(paused);
    // As `sealane send` beside the app, on the same profile: the newest place where the receiver says that it can be woken.
    const beside = await bench.engine('second', { answers: 'own-transfers' });
    const letter = await bench.folder('letter.txt');
    await writeFile(letter, 'a letter');
    const sent = await beside.send({ device: sender.snapshot().self.id, paths: [letter] });
    await offerTo(sender, sent);
    const end = endOf(receiver, id);
    await sender.cancelTransfer(id);
    expect((await end).state).toEqual({ kind: 'cancelled', by: 'peer' });
  },
);

it('a device cancels no transfer but its own', { timeout: 60_000 }, async () => {
  const { sender, receiver, id } = await running();
  await sender.pauseTransfer(id);
  const hostile = await befriend(bench, sender);
  const stranger = await hostile.dial();
  stranger.hello();
  await stranger.expect('hello');
  stranger.message('cancel', { transfer: id });
  // Between the two of them nothing goes on, and nothing else is said.
  expect(await stranger.ending()).toBe('cancelled');
  hostile.close();
  expect(sender.snapshot().transfers).toMatchObject([{ id, state: { kind: 'paused' } }]);
  expect(receiver.snapshot().transfers).toMatchObject([{ id, state: { kind: 'paused' } }]);
});

import { afterEach, expect, it } from 'vitest';
import { wireNumber } from '../../shared/errors.ts';
import { Bench, acceptOffer, declineOffer, endOf, offerTo, transferIn } from '../support/engines.ts';
import { HostileDevice, victimAndHostile } from '../support/hostile-device.ts';
import { HostileTransfer } from '../support/hostile-sender.ts';
import { offerBody } from '../support/offers.ts';
import { listTree } from '../support/tree.ts';

/** What comes between a yes and the first byte: another answer of the same user, or another process. */

const bench = new Bench();
afterEach(() => bench.dispose());

const photo = offerBody(['holiday.jpg'], { files: 1, folders: 0, bytes: 10 });
const other = offerBody(['thanks.exe'], { files: 77, folders: 0, bytes: 12_345_678 });

it('a no that follows the yes before anything has come of it ends the transfer on both sides', async () => {
  const [sender, receiver] = await bench.pair();
  const id = await sender.send({ device: receiver.snapshot().self.id, paths: [import.meta.filename] });
  const offer = await offerTo(receiver, id);
  const ends = [endOf(receiver, id), endOf(sender, id)];
  await acceptOffer(receiver, offer);
  await declineOffer(receiver, offer);
  const [here, there] = await Promise.all(ends);
  expect([here?.state, there?.state]).toMatchObject([
    { kind: 'cancelled', by: 'me' },
    { kind: 'cancelled', by: 'peer' },
  ]);
  expect(await listTree(await bench.folder('second-received')).catch(() => [])).toEqual([]);
});

it.each(['before the yes', 'after it'])(
  'a sender that says “declined” itself has given up, and this user has declined nothing: %s',
  async (when) => {
    const { victim, hostile } = await victimAndHostile(bench);
    const transfer = new HostileTransfer(await hostile.dial());
    const end = endOf(victim, transfer.id);
    const offered = offerTo(victim, transfer.id);
    await transfer.offer(photo);
    const offer = await offered;
    if (when === 'after it') {
      await acceptOffer(victim, offer);
      await transfer.peer.expect('accept');
    }
    transfer.peer.message('refuse', { reason: wireNumber('declined') });
    expect((await end).state).toEqual({ kind: 'cancelled', by: 'peer' });
  },
);

it('what was agreed to is what is shown when another process goes on with it, whatever is offered in its place', async () => {
  const { victim, hostile } = await victimAndHostile(bench);
  const first = new HostileTransfer(await hostile.dial());
  const waiting = transferIn(victim, ['waiting'], first.id);
  await first.start(victim, photo);
  first.peer.close();
  await waiting;
  // Another process comes while this one has the transfer, and finds it free only when it is offered again.
  const next = await bench.engine('next', { profile: await bench.folder('victim-profile') });
  await victim.close();
  const again = new HostileTransfer(await new HostileDevice(next, hostile.identity).dial(), first.id);
  await again.offer(other);
  expect(await again.peer.ending()).toBe('content-mismatch');
  const shown = () => next.snapshot().transfers.find(({ id }) => id === first.id);
  const facts = { items: [{ name: 'holiday.jpg' }], totalFiles: 1, totalBytes: 10 };
  expect(shown()).toMatchObject({ ...facts, state: { kind: 'waiting' } });
  const end = endOf(next, first.id);
  await next.cancelTransfer(first.id);
  await end;
  expect(shown()).toMatchObject({ ...facts, state: { kind: 'cancelled', by: 'me' } });
});

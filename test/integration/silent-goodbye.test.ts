import { writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { Bench, endOf, transferIn } from '../support/engines.ts';
import { acceptAt, takeOffer, victimAndHostile } from '../support/hostile-device.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

it('who answers a goodbye with nothing but its key is let go before its greeting is overdue', async () => {
  const { victim, hostile } = await victimAndHostile(bench);
  const note = await bench.folder('note.txt');
  await writeFile(note, 'hello');
  const { id, peer } = await hostile.lure([note]);
  await takeOffer(peer);
  await acceptAt(peer, { entry: 0, offset: 0 });
  await peer.expect('start');
  await victim.pauseTransfer(id);
  if (victim.snapshot().transfers[0]?.state.kind !== 'paused') await transferIn(victim, ['paused'], id);
  const end = endOf(victim, id);
  await victim.cancelTransfer(id);
  const silent = await hostile.dialled();
  // The one that is overdue would hear `connection-stalled`.
  expect(await silent.ending()).toBe('closed');
  expect((await end).state).toMatchObject({ kind: 'cancelled', by: 'me' });
  hostile.close();
});

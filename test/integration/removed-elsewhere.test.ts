import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import type { TransferId } from '../../shared/views.ts';
import { Bench, eventOf, offerTo, sendAndAccept } from '../support/engines.ts';
import { sealane } from '../support/sealane-command.ts';

/** What one process takes from the list is gone from that of another one on the same profile, which is told. */

const bench = new Bench();
afterEach(() => bench.dispose());

async function letter(): Promise<string> {
  const file = await bench.folder('letter.txt');
  await writeFile(file, 'hello');
  return file;
}

const removedFrom = (engine: Engine) =>
  eventOf(engine, (event) => (event.type === 'removed' ? event.transfers : undefined));
const listed = (engine: Engine): readonly TransferId[] => engine.snapshot().transfers.map(({ id }) => id);

describe('a transfer that is removed from the list', { timeout: 60_000 }, () => {
  it('by the command is told to a process that has the profile open, and the others stay', async () => {
    const [sender, receiver] = await bench.pair();
    const { sent: first } = await sendAndAccept(sender, receiver, [await letter()]);
    const { sent: second } = await sendAndAccept(sender, receiver, [await letter()]);
    for (const [engine, name] of [
      [sender, 'first'],
      [receiver, 'second'],
    ] as const) {
      const removed = removedFrom(engine);
      const profile = await bench.folder(`${name}-profile`);
      const { code } = await sealane(['transfers', 'remove', first.id, '--profile', profile]);
      expect(code).toBe(0);
      expect(await removed).toEqual([first.id]);
      expect(listed(engine)).toEqual([second.id]);
    }
  });

  it('with all others is told to a process that has the profile open, without what is under way there', async () => {
    const [sender, receiver] = await bench.pair();
    const ended = [];
    for (let n = 0; n < 2; n += 1)
      ended.push((await sendAndAccept(sender, receiver, [await letter()])).sent.id);
    const device = receiver.snapshot().self.id;
    const offered = offerTo(receiver);
    const open = await sender.send({ device, paths: [await letter()] });
    await offered;
    const beside = await bench.engine('first', { answers: 'own-transfers' });
    const told = [removedFrom(sender), removedFrom(beside)];
    await beside.clearHistory();
    for (const ids of await Promise.all(told)) expect([...ids].sort()).toEqual(ended.sort());
    expect(listed(sender)).toEqual([open]);
  });
});

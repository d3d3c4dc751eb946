import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bench, acceptOffer, endOf, eventOf, offerTo, transferIn } from '../support/engines.ts';

/** The receiver is done, its last message is lost, and files change before the sender asks again. */

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.dispose());

describe('a sender that learns only by its next offer that the receiver is done', () => {
  it('says that what has changed meanwhile did not arrive, and nothing of sending it again', async () => {
    const [sender, receiver] = await bench.pair();
    const line = await bench.lineTo(receiver);
    const docs = await bench.folder('Docs');
    await mkdir(docs);
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await writeFile(join(docs, name), `${name}, version 1`);
    const id = await sender.send({
      device: receiver.snapshot().self.id,
      paths: [docs],
      to: { host: '127.0.0.1', port: line.port },
    });
    const ends = [endOf(sender, id), endOf(receiver, id)] as const;
    receiver.subscribe((event) => {
      if (event.type !== 'transfer' || event.transfer.state.kind !== 'done') return;
      // Nothing is awaited here: the last message is not sent before this.
      line.reset();
      for (const name of ['a.txt', 'c.txt'])
        writeFileSync(join(docs, name), `${name}, and more of it, version 2`);
    });

    await acceptOffer(receiver, await offerTo(receiver, id));
    const [sent, received] = await Promise.all(ends);

    expect(received.state).toMatchObject({ kind: 'done', outcome: { files: 3 } });
    const arrived = await bench.folder('second-received');
    expect(await readFile(join(arrived, 'Docs', 'a.txt'), 'utf8')).toBe('a.txt, version 1');
    expect(sent.state).toMatchObject({
      kind: 'incomplete',
      outcome: { files: 3, resent: [], resentCount: 0 },
      leftOut: {
        skipped: [
          { path: 'Docs/a.txt', reason: 'changed' },
          { path: 'Docs/c.txt', reason: 'changed' },
        ],
        skippedCount: 2,
      },
    });
  });
});

describe('the same send again, by a process that finds the receiver done', () => {
  /** The receiver is done, and the process that sent has not heard of it. */
  async function lost() {
    const [sender, receiver] = await bench.pair();
    const line = await bench.lineTo(receiver);
    const letters = await bench.folder('Letters');
    await mkdir(letters);
    await writeFile(join(letters, 'one.txt'), 'one');
    const request = {
      device: receiver.snapshot().self.id,
      paths: [letters],
      to: { host: '127.0.0.1', port: line.port },
    };
    const id = await sender.send(request);
    const waits = transferIn(sender, ['waiting'], id);
    const end = endOf(receiver, id);
    receiver.subscribe((event) => {
      if (event.type === 'transfer' && event.transfer.state.kind === 'done') line.refuse();
    });
    await acceptOffer(receiver, await offerTo(receiver, id));
    await Promise.all([end, waits]);
    await sender.close();
    line.pass();
    return { again: await bench.engine('first'), receiver, letters, request, id };
  }

  it('ends as that has ended where nothing has changed, and sends nothing', async () => {
    const { again, receiver, request, id } = await lost();
    const end = endOf(again, id);
    expect(await again.send(request)).toBe(id);
    expect((await end).state).toMatchObject({ kind: 'done', outcome: { files: 1 } });
    for (const engine of [again, receiver]) expect(engine.snapshot().transfers).toHaveLength(1);
  });

  it('begins anew where something has changed, and says what it comes in the place of', async () => {
    const { again, receiver, letters, request, id } = await lost();
    await writeFile(join(letters, 'two.txt'), 'two');
    const end = endOf(again, id);
    const anew = eventOf(again, (event) =>
      event.type === 'transfer' && event.transfer.replaces === id ? event.transfer : undefined,
    );
    await again.send(request);
    const offer = await offerTo(receiver, (await anew).id);
    const ends = [endOf(again, offer.id), endOf(receiver, offer.id)];
    await acceptOffer(receiver, offer);
    expect((await end).state).toMatchObject({ kind: 'incomplete', leftOut: { skippedCount: 1 } });
    for (const { state } of await Promise.all(ends))
      expect(state).toMatchObject({ kind: 'done', outcome: { files: 2 } });
    const arrived = await bench.folder('second-received');
    expect(await readFile(join(arrived, 'Letters (2)', 'two.txt'), 'utf8')).toBe('two');
  });
});

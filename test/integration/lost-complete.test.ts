import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bench, acceptOffer, endOf, offerTo } from '../support/engines.ts';

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

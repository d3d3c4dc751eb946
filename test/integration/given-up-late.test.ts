import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import { Bench, acceptOffer, endOf, offerTo, transferIn } from '../support/engines.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

/** As many names of one thing as are tried: the next one is no more. */
const NAMES = 100_000;

/** Takes every name that something called `b` could be given. */
async function takeNames(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = Array.from({ length: NAMES }, (_each, n) => (n === 0 ? 'b' : `b (${String(n + 1)})`));
  while (names.length > 0)
    await Promise.all(names.splice(-1000).map((name) => writeFile(join(folder, name), '')));
}

describe('a transfer of which a part is under its name already', { timeout: 180_000 }, () => {
  const ways: Readonly<Record<string, (receiver: Engine, sender: Engine) => Promise<void>>> = {
    'the receiver cancels': (receiver) => receiver.cancelTransfer(only(receiver)),
    'the receiver forgets the sender of': (receiver, sender) =>
      receiver.forgetDevice(sender.snapshot().self.id),
  };
  const only = (engine: Engine) => engine.snapshot().transfers[0]?.id ?? expect.fail('no transfer');

  it.each(Object.entries(ways))('that %s too late is done, and all of it is there', async (_what, giveUp) => {
    const [sender, receiver] = await bench.pair();
    const into = await bench.folder('in');
    await takeNames(into);
    const sources = await Promise.all(['a', 'b'].map((name) => bench.folder(name)));
    for (const source of sources) await writeFile(source, 'hello');
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: sources });
    const waits = transferIn(receiver, ['waiting'], id);
    await acceptOffer(receiver, await offerTo(receiver, id), { into });
    expect((await waits).state).toMatchObject({ error: { code: 'destination-unusable' } });
    await sender.close();
    expect(await readFile(join(into, 'a'), 'utf8')).toBe('hello');
    for (let n = NAMES; n > 1; n -= 1000) {
      await Promise.all(
        Array.from({ length: 1000 }, (_each, k) => rm(join(into, `b (${String(n - k)})`), { force: true })),
      );
    }
    const end = endOf(receiver, id);
    await giveUp(receiver, sender);
    expect((await end).state).toMatchObject({
      kind: 'done',
      outcome: { files: 2, bytes: 10, into, names: ['a', 'b (2)'] },
    });
    expect((await readdir(into)).sort()).toEqual(['a', 'b', 'b (2)']);
    expect(await readFile(join(into, 'b (2)'), 'utf8')).toBe('hello');
  });
});

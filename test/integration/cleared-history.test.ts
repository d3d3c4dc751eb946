import { cp, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import { claimTransfer } from '../../src-main/engine/store/transfer-claim.ts';
import { Bench, acceptOffer, endOf, offerTo, sendAndAccept } from '../support/engines.ts';

/** What was left of transfers that are over, when their ends are taken from the history. */

const bench = new Bench();
afterEach(() => bench.dispose());

const SIZE = 64 * 1024 * 1024;

async function file(name: string, bytes: number): Promise<string> {
  const path = await bench.folder(name);
  await writeFile(path, '');
  await truncate(path, bytes);
  return path;
}

const kinds = (engine: Engine) => engine.snapshot().transfers.map(({ state }) => state.kind);

/**
 * A transfer that has arrived, and before it one that was cancelled, of which the receiver's profile still has the folder: as where a
 * process was killed behind the end that it had noted.
 */
async function cancelledWithLeftover() {
  const [sender, first] = await bench.pair();
  const line = await bench.lineTo(first);
  const device = first.snapshot().self.id;
  const to = { host: '127.0.0.1', port: line.port };
  const id = await sender.send({ device, paths: [await file('film.bin', SIZE)], to });
  const isHalfWay = line.reached(SIZE / 2);
  await acceptOffer(first, await offerTo(first, id));
  await isHalfWay;
  line.hold();
  const transfers = join(await bench.folder('second-profile'), 'transfers');
  const aside = await bench.folder('aside');
  await cp(join(transfers, id), aside, { recursive: true });
  const end = endOf(first, id);
  await first.cancelTransfer(id);
  await end;
  line.release();
  await sendAndAccept(sender, first, [await file('letter.txt', 10)]);
  await first.close();
  await sender.close();
  const receiver = await bench.engine('second');
  expect(kinds(receiver)).toEqual(['done', 'cancelled']);
  // Not before the start, which looks for such folders.
  await cp(aside, join(transfers, id), { recursive: true });
  return { id, receiver, transfers };
}

describe('a history that is cleared', { timeout: 60_000 }, () => {
  it('leaves nothing of what was in it to be gone on with', async () => {
    const { receiver, transfers } = await cancelledWithLeftover();
    await receiver.clearHistory();
    expect(kinds(receiver)).toEqual([]);
    expect(await readdir(transfers)).toEqual([]);
    await receiver.close();
    expect(kinds(await bench.engine('second'))).toEqual([]);
  });

  it('keeps what another process is still at, which is said, and lets go of the rest', async () => {
    const { id, receiver, transfers } = await cancelledWithLeftover();
    const claim = await claimTransfer(transfers, id);
    await expect(receiver.clearHistory()).rejects.toMatchObject({ code: 'transfer-held' });
    expect(kinds(receiver)).toEqual(['cancelled']);
    await claim?.release();
    await receiver.clearHistory();
    expect(kinds(receiver)).toEqual([]);
  });

  it('waits for what is only just let go of', async () => {
    const { id, receiver, transfers } = await cancelledWithLeftover();
    const claim = await claimTransfer(transfers, id);
    const cleared = receiver.clearHistory();
    setTimeout(() => void claim?.release(), 100);
    await cleared;
    expect(kinds(receiver)).toEqual([]);
  });
});

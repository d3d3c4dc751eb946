import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { claimTransfer } from '../../src-main/engine/store/transfer-claim.ts';
import { Bench, sendAndAccept } from '../support/engines.ts';
import { namesIn, noise } from '../support/tree.ts';

/** The list of transfers is for people to look at: that it cannot be written is no reason for anything to end. */

const bench = new Bench();
afterEach(() => bench.dispose());

describe('a history that cannot be written', () => {
  it('stops no transfer, brings no process down, and is written once it can be', async () => {
    const [sender, receiver] = await bench.pair();
    const inTheWay = await Promise.all(
      ['first', 'second'].map(async (name) =>
        join(await bench.folder(`${name}-profile`), 'history.copy.json'),
      ),
    );
    // Nobody can write a folder, not even root.
    for (const path of inTheWay) {
      await rm(path, { force: true });
      await mkdir(path);
    }
    const film = await bench.folder('film.mov');
    await writeFile(film, noise(8 * 1024 * 1024));
    const { sent, received } = await sendAndAccept(sender, receiver, [film]);
    expect([sent.state.kind, received.state.kind]).toEqual(['done', 'done']);
    expect(await namesIn(await bench.folder('second-received'))).toEqual(['film.mov']);
    for (const engine of [sender, receiver]) {
      expect(engine.snapshot().transfers).toMatchObject([{ id: sent.id, state: { kind: 'done' } }]);
    }
    // Nobody works on it any more, although its end could not be written.
    for (const name of ['first', 'second']) {
      const transfers = join(await bench.folder(`${name}-profile`), 'transfers');
      const claim = await vi.waitUntil(() => claimTransfer(transfers, sent.id), 10_000);
      await claim.release();
    }
    for (const path of inTheWay) await rmdir(path);
    await Promise.all([sender.close(), receiver.close()]);
    for (const name of ['first', 'second']) {
      const { transfers } = (await bench.engine(name)).snapshot();
      expect(transfers).toMatchObject([{ id: sent.id, state: { kind: 'done' } }]);
    }
  });
});

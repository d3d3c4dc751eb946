import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import { Bench, acceptOffer, declineOffer, endOf, offerTo, transferIn } from '../support/engines.ts';
import { victimAndHostile } from '../support/hostile-device.ts';
import type { HostileDevice } from '../support/hostile-device.ts';
import { HostileTransfer, data, fileEntry } from '../support/hostile-sender.ts';
import { offerBody } from '../support/offers.ts';
import { namesIn } from '../support/tree.ts';

/** A transfer that has ended stays in the history as it is, whatever its sender offers under the same id. */

const bench = new Bench();
afterEach(() => bench.dispose());

const trojan = offerBody(['trojan.exe'], { files: 1, folders: 0, bytes: 10 });
const thanks = offerBody(['thanks.txt'], { files: 1, folders: 0, bytes: 10 });
const records = (engine: Engine) =>
  engine.snapshot().transfers.map(({ items, state }) => `${items[0]?.name ?? ''} ${state.kind}`);

/** Offers, and lets the victim's user do something about it; resolves with the transfer once it has ended. */
async function ended(
  victim: Engine,
  hostile: HostileDevice,
  how: (transfer: HostileTransfer) => Promise<unknown>,
): Promise<HostileTransfer> {
  const transfer = new HostileTransfer(await hostile.dial());
  const end = endOf(victim, transfer.id);
  await how(transfer);
  await end;
  transfer.peer.close();
  return transfer;
}

describe('a transfer that has ended', () => {
  it.each<readonly [string, string, (victim: Engine, transfer: HostileTransfer) => Promise<unknown>]>([
    [
      'declined',
      'declined',
      async (victim, transfer) => {
        const shown = offerTo(victim, transfer.id);
        await transfer.offer(trojan);
        await declineOffer(victim, await shown);
      },
    ],
    [
      'failed',
      'content-mismatch',
      async (victim, transfer) => {
        await transfer.start(victim, trojan);
        transfer.send(
          transfer.seal((writer) => {
            writer.entry(fileEntry(['.profile'], 10));
            data(writer, Buffer.alloc(10, 'x'));
          }),
        );
      },
    ],
    [
      'cancelled',
      'cancelled',
      async (victim, transfer) => {
        await transfer.start(victim, trojan);
        await victim.cancelTransfer(transfer.id);
      },
    ],
  ])('as %s is told so (%s), and neither hidden nor replaced by an offer', async (kind, code, how) => {
    const { victim, hostile } = await victimAndHostile(bench);
    const { id } = await ended(victim, hostile, (transfer) => how(victim, transfer));
    for (const policy of ['ask', 'always'] as const) {
      await victim.changeDevice(hostile.id, { accept: policy });
      for (const offer of [thanks, trojan]) {
        const again = new HostileTransfer(await hostile.dial(), id);
        await again.offer(offer);
        expect(await again.peer.ending()).toBe(code);
        expect(records(victim)).toEqual([`trojan.exe ${kind}`]);
      }
    }
    expect(await namesIn(await bench.folder('victim-received'))).toEqual([]);
    hostile.close();
  });
});

describe('an offer that was agreed to while its connection was lost', () => {
  it('is none that has ended: its sender offers it again, and it arrives', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const first = new HostileTransfer(await hostile.dial());
    const shown = offerTo(victim, first.id);
    await first.offer(thanks);
    const asked = await shown;
    const lost = transferIn(victim, ['failed', 'waiting'], first.id);
    // The accept takes a worker, and so longer than it takes to notice that the line is gone.
    await acceptOffer(victim, asked);
    first.peer.close();
    await lost;
    await victim.changeDevice(hostile.id, { accept: 'always' });
    const again = new HostileTransfer(await hostile.dial(), first.id);
    const done = endOf(victim, first.id);
    await again.agree(await again.offer(thanks));
    again.send(
      again.seal(
        (writer) => {
          writer.entry(fileEntry(['thanks.txt'], 10));
          data(writer, Buffer.alloc(10, 'x'));
          writer.end();
          writer.finish({ files: 1, bytes: 10, skippedCount: 0 });
        },
        { final: true },
      ),
    );
    expect((await done).state.kind).toBe('done');
    expect(records(victim)).toEqual(['thanks.txt done']);
    hostile.close();
  });
});

describe('a connection that goes on with a transfer', () => {
  it('ends with frame-out-of-order where its `start` comes before the accept, as the first one does', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const first = new HostileTransfer(await hostile.dial());
    const waiting = transferIn(victim, ['waiting'], first.id);
    await first.start(victim, thanks);
    first.peer.close();
    await waiting;
    const again = new HostileTransfer(await hostile.dial(), first.id);
    const states: string[] = [];
    const end = endOf(victim, first.id);
    const stop = victim.subscribe((event) => {
      if (event.type === 'transfer') states.push(event.transfer.state.kind);
    });
    await again.offer(thanks);
    again.peer.message('start', { kemCiphertext: new Uint8Array(1120), header: new Uint8Array(24) });
    expect(await again.peer.ending()).toBe('frame-out-of-order');
    expect((await end).state).toMatchObject({ kind: 'failed', error: { code: 'frame-out-of-order' } });
    expect(states).not.toContain('running');
    stop();
    hostile.close();
  });
});

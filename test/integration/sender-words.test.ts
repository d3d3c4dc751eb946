import { afterEach, describe, expect, it } from 'vitest';
import { Bench, endOf, transferIn } from '../support/engines.ts';
import { victimAndHostile } from '../support/hostile-device.ts';
import { HostileTransfer } from '../support/hostile-sender.ts';
import { offerBody } from '../support/offers.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

const offer = offerBody(['a.bin'], { files: 1, folders: 0, bytes: 5 });

describe('what a sender says of this computer’s disk', () => {
  it.each([
    ['no-space', 44],
    ['destination-unusable', 45],
    ['destination-changed', 46],
  ])('is not believed: %s is told of the other device', async (_code, reason) => {
    const { victim, hostile } = await victimAndHostile(bench);
    const transfer = new HostileTransfer(await hostile.dial());
    await transfer.start(victim, offer);
    const waits = transferIn(victim, ['waiting', 'failed'], transfer.id);
    transfer.peer.message('refuse', { reason });
    expect((await waits).state).toMatchObject({
      kind: 'waiting',
      error: { code: 'profile-unusable', message: 'The other device cannot write its settings.' },
    });
  });

  it('is no fault of Sealane here, whatever number it gives', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const transfer = new HostileTransfer(await hostile.dial());
    await transfer.start(victim, offer);
    const end = endOf(victim, transfer.id);
    transfer.peer.message('refuse', { reason: 99 });
    const { state } = await end;
    expect(state).toMatchObject({ kind: 'failed', error: { code: 'internal' } });
    expect(JSON.stringify(state)).toContain('on the other device');
  });
});

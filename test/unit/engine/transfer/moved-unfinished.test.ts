import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { transferIdSchema } from '../../../../shared/views.ts';
import { parseDeviceId } from '../../../../shared/device-id.ts';
import { openStore } from '../../../../src-main/engine/store/store.ts';
import type { TransferClaim } from '../../../../src-main/engine/store/transfer-claim.ts';
import { Farewells } from '../../../../src-main/engine/transfer/farewells.ts';
import { newReceiveJob } from '../../../../src-main/engine/transfer/job.ts';
import { loadJob, saveJob } from '../../../../src-main/engine/transfer/jobs.ts';
import { Unfinished } from '../../../../src-main/engine/transfer/unfinished.ts';
import vectors from '../../../vectors/device-id.json' with { type: 'json' };
import { offerBody } from '../../../support/offers.ts';
import { newFolder } from '../content/support.ts';

describe('a transfer that this process does not work on and that is given another folder', () => {
  it('has one more move in its consent, each time, also where the folder is the same', async () => {
    const store = await openStore({ profile: newFolder(), defaultName: 'Desk', now: Date.now });
    const transfer = transferIdSchema.parse('ab'.repeat(16));
    const device = parseDeviceId(vectors.writing[2]?.id ?? '') ?? expect.fail('no id');
    const offer = { transfer, ...offerBody(['a'], { files: 1, folders: 0, bytes: 10 }) };
    const into = join(newFolder(), 'into');
    const claimed = async <T>(use: (claim: TransferClaim) => Promise<T>): Promise<T> => {
      const claim = (await store.claimTransfer(transfer)) ?? expect.fail('held');
      try {
        return await use(claim);
      } finally {
        await claim.release();
      }
    };
    const job = { ...newReceiveJob(device, { offer, destination: into }, 1), wake: null };
    await claimed((claim) => saveJob(claim, job));
    const say = () => Promise.resolve();
    const farewells = new Farewells({ store, now: Date.now, say, signal: new AbortController().signal });
    const unfinished = new Unfinished({ store, farewells, onChange: () => undefined });
    for (const moves of [1, 2]) {
      await unfinished.move(transfer, into);
      expect(await claimed((claim) => loadJob(store, claim))).toMatchObject({ destination: into, moves });
    }
    await store.close();
  });
});

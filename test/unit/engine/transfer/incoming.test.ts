import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import { transferIdSchema } from '../../../../shared/views.ts';
import { ContentWorkers } from '../../../../src-main/engine/content/content-workers.ts';
import { Incoming } from '../../../../src-main/engine/transfer/incoming.ts';
import { newReceiveJob } from '../../../../src-main/engine/transfer/job.ts';
import type { ReceiveJob } from '../../../../src-main/engine/transfer/job.ts';
import { LiveTransfer, factsOf } from '../../../../src-main/engine/transfer/live-transfer.ts';
import { Lines } from '../../../support/line.ts';
import { offerBody } from '../../../support/offers.ts';

const lines = new Lines();
const workers = new ContentWorkers();
const folder = await mkdtemp(join(tmpdir(), 'incoming-'));
afterEach(async () => {
  await Promise.all([lines.dispose(), workers.close()]);
  await rm(folder, { recursive: true, force: true });
});

it('a pause stays one while the sender dials again before it is written', async () => {
  const { channel, farId } = await lines.open();
  const [destination, journalFolder] = [await mkdtemp(join(folder, 'd-')), await mkdtemp(join(folder, 'j-'))];
  const body = offerBody(['a.bin'], { files: 1, folders: 0, bytes: 1000 });
  const offer = { transfer: transferIdSchema.parse('ab'.repeat(16)), ...body };
  const job: ReceiveJob = { ...newReceiveJob(farId, { offer, destination }, 1), wake: null };
  const live = new LiveTransfer(
    {
      id: offer.transfer,
      direction: 'receive',
      device: { id: farId, name: 'Desk' },
      ...factsOf(offer),
      created: 1,
      recorded: true,
      state: {
        kind: 'waiting',
        error: { code: 'connection-lost', message: '' },
        retryAt: null,
        progress: { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null },
      },
    },
    () => undefined,
  );
  // A disk that takes its time over the first write.
  let written: () => void = () => undefined;
  const disk = new Promise<void>((resolve) => {
    written = resolve;
  });
  const incoming = new Incoming({
    live,
    offer,
    job,
    jobFor: () => job,
    wakeAddress: () => ({ host: '192.0.2.1', port: 7 }),
    journalFolder,
    createContent: () => workers.receiver(),
    save: () => disk,
    finishPublishing: () => Promise.resolve(null),
    discardLeftover: () => Promise.resolve(),
    noteEnd: () => Promise.resolve(),
    details: async function* () {
      await Promise.resolve();
      yield [];
    },
    noteGivenUp: () => Promise.resolve(),
    wakeSender: () => undefined,
    takeNewFolder: () => Promise.resolve(true),
  });
  const running = incoming.run();
  const pausing = incoming.pause();
  incoming.join({ channel, offer });
  while ((await readdir(journalFolder)).length === 0) await pause(10);
  await pause(200);
  written();
  await pausing;
  await pause(200);
  expect(incoming.job).toMatchObject({ paused: true });
  live.end(new SealaneError('interrupted'));
  await running;
});

import { afterEach, describe, expect, it } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import { transferIdSchema } from '../../../../shared/views.ts';
import type { TransferState } from '../../../../shared/views.ts';
import type { ContentSender } from '../../../../src-main/engine/content/contract.ts';
import { ephemeralKem } from '../../../../src-main/engine/transfer/key-schedule.ts';
import { LiveTransfer } from '../../../../src-main/engine/transfer/live-transfer.ts';
import { attemptSend } from '../../../../src-main/engine/transfer/send-attempt.ts';
import { Lines } from '../../../support/line.ts';
import { RawPeer } from '../../../support/raw-peer.ts';
import { offerBody } from '../../../support/offers.ts';

/** The sender's side of one connection, over a real line, with a worker that gives no frame: as one does that has no memory left. */

const transfer = transferIdSchema.parse('ab'.repeat(16));
/** Of one file that is sent once more. */
const offer = { transfer, ...offerBody(['a'], { files: 2, folders: 0, bytes: 10 }) };

const lines = new Lines();
afterEach(() => lines.dispose());

function silentWorker(): ContentSender {
  let stop: (error: SealaneError) => void = () => undefined;
  const refuse = () => Promise.reject(new SealaneError('internal'));
  return {
    scan: refuse,
    revise: refuse,
    begin: () => Promise.resolve({ header: new Uint8Array(24), progress: { bytes: 0, files: 0 } }),
    next: () =>
      new Promise((_resolve, reject) => {
        stop = reject;
      }),
    skipped: () => ({ listed: [], count: 0 }),
    grown: () => null,
    rewritten: () => null,
    lostAgain: () => ({ listed: [], count: 0 }),
    cipher: () => 'native',
    isLost: false,
    close: () => {
      stop(new SealaneError('cancelled'));
      return Promise.resolve();
    },
  };
}

/** A sender that has made its offer; resolves with the receiver, and how the attempt ends. */
async function offering(acceptedBefore: boolean) {
  const { channel, far, farId } = await lines.open();
  const remote = RawPeer.over(far);
  const states: TransferState['kind'][] = [];
  const live = new LiveTransfer(
    {
      id: transfer,
      direction: 'send',
      device: { id: farId, name: 'Laptop' },
      items: [],
      itemCount: 1,
      totalBytes: 10,
      totalFiles: 1,
      totalFolders: 0,
      hiddenCount: 0,
      programCount: 0,
      recorded: true,
      created: 0,
      state: { kind: 'connecting' },
    },
    ({ state }) => states.push(state.kind),
  );
  const attempt = attemptSend({
    channel,
    offer,
    firstFiles: 1,
    manifestFile: '',
    live,
    content: silentWorker(),
    acceptedBefore,
    mayTryAgain: false,
    onAccepted: () => Promise.resolve(),
    onCipher: () => undefined,
  });
  await remote.expect('offer');
  return { attempt, remote, channel };
}

/** A sender in the middle of an attempt. */
async function sending() {
  const { attempt, remote, channel } = await offering(false);
  const { publicKey } = await ephemeralKem();
  remote.message('accept', { kemPublicKey: publicKey, entry: 0, offset: 0 });
  await remote.expect('start');
  return { attempt, remote, channel };
}

describe('a sender whose worker gives no frame', () => {
  it('notices that the line is gone', async () => {
    const { attempt, remote } = await sending();
    remote.close();
    await expect(attempt).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('hears that the receiver cannot go on', async () => {
    const { attempt, remote } = await sending();
    remote.message('refuse', { reason: 44 });
    await expect(attempt).rejects.toMatchObject({ code: 'no-space', fromPeer: true });
  });

  it('ends when its own user ends it', async () => {
    const { attempt, remote, channel } = await sending();
    void channel.refuse(new SealaneError('cancelled'));
    await expect(attempt).rejects.toMatchObject({ code: 'cancelled', fromPeer: false });
    expect(await remote.ending()).toBe('cancelled');
  });
});

describe('"complete" as the answer to an offer', () => {
  const complete = {
    files: 1,
    bytes: 10,
    nothing: false,
    renamed: [],
    renamedCount: 0,
    skipped: [],
    skippedCount: 0,
  };

  it('is out of order where no accept has come before: nothing was sent that could have arrived', async () => {
    const { attempt, remote } = await offering(false);
    remote.message('complete', complete);
    await expect(attempt).rejects.toMatchObject({ code: 'frame-out-of-order' });
    expect(await remote.ending()).toBe('frame-out-of-order');
  });

  it('ends the attempt with what it says where one has', async () => {
    const { attempt, remote } = await offering(true);
    remote.message('complete', complete);
    expect(await attempt).toEqual({ complete, details: [] });
  });

  it.each([
    ['files', { ...complete, files: 3 }],
    ['bytes', { ...complete, bytes: Number.MAX_SAFE_INTEGER }],
    ['other names', { ...complete, renamedCount: 2 }],
    ['files that are counted once', { ...complete, files: 2 }],
  ])('is not believed with more %s than the offer has', async (_what, more) => {
    const { attempt, remote } = await offering(true);
    remote.message('complete', more);
    await expect(attempt).rejects.toMatchObject({ code: 'content-mismatch', fromPeer: false });
  });

  it.each([
    ['a file', { ...complete, bytes: 0, nothing: true, renamed: [], renamedCount: 0, skippedCount: 1 }],
    ['another name', { ...complete, files: 0, bytes: 0, nothing: true, renamedCount: 1, skippedCount: 1 }],
    ['no exception', { ...complete, files: 0, bytes: 0, nothing: true }],
  ])('is not believed that says that nothing arrived, and tells of %s', async (_what, strange) => {
    const { attempt, remote } = await offering(true);
    remote.message('complete', strange);
    await expect(attempt).rejects.toMatchObject({ code: 'frame-malformed', fromPeer: false });
  });
});

describe('what a receiver says did not arrive', () => {
  const complete = { files: 1, bytes: 10, nothing: false, renamed: [], renamedCount: 0 };
  const one = { path: 'a', reason: 'vanished' } as const;

  it('may be a folder, or what the offer does not count', async () => {
    const { attempt, remote } = await offering(true);
    remote.message('complete', { ...complete, skipped: [one, one], skippedCount: 3 });
    expect(await attempt).toMatchObject({ complete: { skippedCount: 3 }, details: [one, one] });
  });

  it.each([
    ['it is listed, and not counted', 'frame-malformed', { ...complete, skipped: [one], skippedCount: 0 }],
    ['more is listed than counted', 'frame-malformed', { ...complete, skipped: [one, one], skippedCount: 1 }],
    ['bytes are of no file', 'frame-malformed', { ...complete, files: 0, skipped: [], skippedCount: 1 }],
    [
      'a file is neither there nor left out',
      'content-mismatch',
      { ...complete, files: 0, bytes: 0, skipped: [], skippedCount: 0 },
    ],
  ])('is not believed where %s', async (_what, code, lie) => {
    const { attempt, remote } = await offering(true);
    remote.message('complete', lie);
    await expect(attempt).rejects.toMatchObject({ code, fromPeer: false });
  });
});

describe('what a receiver says that things are called', () => {
  const complete = { files: 1, bytes: 10, nothing: false, skipped: [], skippedCount: 0 };
  const one = { from: 'a', to: 'a (2)' };

  it('is taken as it says it', async () => {
    const { attempt, remote } = await offering(true);
    const renamed = [{ from: 'a\u001b[2J', to: 'b/\u202ec' }];
    remote.message('complete', { ...complete, renamed, renamedCount: 1 });
    expect(await attempt).toMatchObject({
      complete: { renamed, renamedCount: 1 },
      details: [{ kind: 'renamed', ...renamed[0] }],
    });
  });

  it.each([
    ['leads out of the folder', [{ ...one, to: '../../etc/passwd' }], 1],
    ['is absolute', [{ ...one, to: '/etc/passwd' }], 1],
    ['is of something else', [{ ...one, from: 'a/../../b' }], 1],
    ['is empty', [{ ...one, to: '' }], 1],
    ['holds a NUL', [{ ...one, to: 'a\0' }], 1],
    ['is too long', [{ ...one, to: 'a'.repeat(3073) }], 1],
    ['is no other name', [{ from: 'a', to: 'a' }], 1],
    ['is listed, and not counted', [one], 0],
    ['is one of too many', Array.from({ length: 101 }, () => one), 101],
    ['is less than none', [], -1],
  ])('is not believed where it %s', async (_what, renamed, renamedCount) => {
    const { attempt, remote } = await offering(true);
    remote.message('complete', { ...complete, renamed, renamedCount });
    await expect(attempt).rejects.toMatchObject({ code: 'frame-malformed', fromPeer: false });
  });
});

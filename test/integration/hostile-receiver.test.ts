import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import type { TransferView } from '../../shared/views.ts';
import { cameTo } from '../support/ended.ts';
import { Bench, endOf } from '../support/engines.ts';
import { acceptAt, hearCancel, takeOffer, victimAndHostile } from '../support/hostile-device.ts';
import type { HostileDevice } from '../support/hostile-device.ts';
import { growthDuring } from '../support/memory.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { makeTree, noise } from '../support/tree.ts';
import { offerBody } from '../support/offers.ts';

/** A device that was paired, and now does what it can: as the one that receives. */

const MIB = 1024 * 1024;
const kem = new Uint8Array(1216);

/** One pair of devices for all that is refused: what comes of one attempt must not stand in the way of the next. */
const common = new Bench();
let victim: Engine;
let hostile: HostileDevice;
let source = '';
beforeAll(async () => {
  ({ victim, hostile } = await victimAndHostile(common));
  source = await common.folder('Source');
  await makeTree(source, { small: 1, large: 1000 });
});
afterAll(async () => {
  expect(victim.snapshot().devices).toMatchObject([{ id: hostile.id }]);
  hostile.close();
  await common.dispose();
});

/** A folder of five files and four folders, offered to a receiver that is up to no good. */
async function lured(): Promise<{ readonly peer: RawPeer; readonly end: Promise<TransferView> }> {
  const end = endOf(victim);
  const { peer } = await hostile.lure([source]);
  return { peer, end };
}

/** Accepts, and leaves; resolves with the next connection, once everything was offered on it again. */
async function acceptedOnce(peer: RawPeer): Promise<RawPeer> {
  await takeOffer(peer);
  await acceptAt(peer, { entry: 0, offset: 0 });
  await peer.expect('start');
  peer.close();
  const next = await hostile.dialled();
  await takeOffer(next);
  return next;
}

async function codeOfEnd(end: Promise<TransferView>): Promise<string> {
  const { state } = await end;
  return state.kind === 'failed' ? state.error.code : state.kind;
}

describe('a place to go on that is not in the content', () => {
  it.each([
    ['behind the last entry', { entry: 1000, offset: 0 }],
    ['as far as numbers go', { entry: 5_000_000, offset: Number.MAX_SAFE_INTEGER }],
    ['behind the end of a file', { entry: 0, offset: 2 ** 40 }],
    ['within a folder', { entry: 1, offset: 1 }],
  ])('%s ends the transfer, by name, and the app goes on', async (_what, place) => {
    const { peer, end } = await lured();
    await takeOffer(peer);
    await acceptAt(peer, place);
    expect(await peer.ending()).toBe('frame-malformed');
    expect(await codeOfEnd(end)).toBe('frame-malformed');
  });

  it.each([
    ['beyond what a transfer can hold', { entry: 5_000_001, offset: 0 }],
    ['negative (CVE-2021-21404)', { entry: -1, offset: 0 }],
    ['a fraction', { entry: 0.5, offset: 0 }],
    ['no number', { entry: '0', offset: 0 }],
    ['a file by its name (CVE-2024-12086, rsync)', { entry: 0, offset: 0, path: ['/etc/shadow'] }],
  ])('%s is no answer', async (_what, place) => {
    const { peer, end } = await lured();
    await takeOffer(peer);
    peer.message('accept', { kemPublicKey: kem, ...place });
    expect(await peer.ending()).toBe('frame-malformed');
    expect(await codeOfEnd(end)).toBe('frame-malformed');
  });
});

describe('an answer that is none', () => {
  it.each<readonly [string, (peer: RawPeer) => void, string]>([
    [
      'a key of the wrong length (CVE-2024-12084, rsync)',
      (peer) => {
        peer.message('accept', { kemPublicKey: new Uint8Array(1215), entry: 0, offset: 0 });
      },
      'frame-malformed',
    ],
    [
      'a key of coefficients out of range',
      (peer) => {
        peer.message('accept', { kemPublicKey: new Uint8Array(1216).fill(0xff), entry: 0, offset: 0 });
      },
      'frame-malformed',
    ],
    [
      'progress before anything was accepted',
      (peer) => {
        peer.message('progress', { bytes: 1, files: 1, safeChunks: 0 });
      },
      'frame-out-of-order',
    ],
    [
      'an offer of its own',
      (peer) => {
        peer.message('offer', {
          transfer: '0'.repeat(32),
          ...offerBody(['a'], { files: 1, folders: 0, bytes: 1 }),
        });
      },
      'frame-out-of-order',
    ],
    [
      'a chunk',
      (peer) => {
        peer.frame(0x30, new Uint8Array(100));
      },
      'frame-out-of-order',
    ],
    [
      'a list of what to clean up (CVE-2023-29380, Warpinator)',
      (peer) => {
        peer.message('complete', {
          files: 1,
          bytes: 1,
          nothing: false,
          renamed: [],
          renamedCount: 0,
          skipped: [],
          skippedCount: 0,
          remove: ['/home'],
        });
      },
      'frame-malformed',
    ],
  ])('%s ends the transfer by name', async (_what, answer, code) => {
    const { peer, end } = await lured();
    await takeOffer(peer);
    answer(peer);
    expect(await peer.ending()).toBe(code);
    expect(await codeOfEnd(end)).toBe(code);
  });

  it.each([
    ['the offer', { files: 5, bytes: 1 }],
    ['numbers beyond it', { files: 5_000_000, bytes: Number.MAX_SAFE_INTEGER }],
  ])('"complete" in place of the first accept is not believed, with %s', async (_what, counts) => {
    const { peer, end } = await lured();
    await takeOffer(peer);
    peer.message('complete', {
      ...counts,
      nothing: false,
      renamed: [],
      renamedCount: 0,
      skipped: [],
      skippedCount: 0,
    });
    expect(await peer.ending()).toBe('frame-out-of-order');
    expect(await codeOfEnd(end)).toBe('frame-out-of-order');
  });

  it('"complete" on a later connection is not believed with more than the offer has', async () => {
    const { peer, end } = await lured();
    const again = await acceptedOnce(peer);
    again.message('complete', {
      files: 6,
      bytes: 1,
      nothing: false,
      renamed: [],
      renamedCount: 0,
      skipped: [],
      skippedCount: 0,
    });
    expect(await again.ending()).toBe('content-mismatch');
    expect(await codeOfEnd(end)).toBe('content-mismatch');
  });

  it('"complete" before everything was sent is not believed', async () => {
    const film = await common.folder('film.mov');
    await writeFile(film, noise(32 * MIB));
    const end = endOf(victim);
    const { peer } = await hostile.lure([film]);
    await takeOffer(peer);
    await acceptAt(peer, { entry: 0, offset: 0 });
    peer.socket.pause();
    peer.message('complete', {
      files: 1,
      bytes: 32 * MIB,
      nothing: false,
      renamed: [],
      renamedCount: 0,
      skipped: [],
      skippedCount: 0,
    });
    expect(await codeOfEnd(end)).toBe('frame-out-of-order');
  });
});

describe('lies about how far it has come', () => {
  it('dashbeam#103: never make more than everything, nor a number that cannot be shown', async () => {
    const film = await common.folder('film.mov');
    await writeFile(film, noise(32 * MIB));
    const seen: TransferView[] = [];
    victim.subscribe((event) => {
      if (event.type === 'transfer') seen.push(event.transfer);
    });
    const { peer } = await hostile.lure([film]);
    await takeOffer(peer);
    await acceptAt(peer, { entry: 0, offset: 0 });
    await peer.expect('start');
    for (const bytes of [Number.MAX_SAFE_INTEGER, 0, 33 * MIB])
      peer.message('progress', { bytes, files: 5_000_000, safeChunks: 0 });
    const end = endOf(victim);
    peer.message('refuse', { reason: 51 });
    await end;
    expect(seen.filter(({ state }) => state.kind === 'running').length).toBeGreaterThan(0);
    for (const { state, totalBytes, totalFiles } of seen) {
      if (state.kind !== 'running') continue;
      expect(state.progress.bytes).toBeLessThanOrEqual(totalBytes);
      expect(state.progress.files).toBeLessThanOrEqual(totalFiles);
      expect(Number.isFinite(state.progress.bytesPerSecond)).toBe(true);
    }
  });

  it('an error of a number that nobody knows is no crash', async () => {
    const { peer, end } = await lured();
    await takeOffer(peer);
    peer.message('refuse', { reason: 65_535 });
    expect(await codeOfEnd(end)).toBe('internal');
  });
});

describe('a receiver that does not read', () => {
  it('makes this side wait, and hold no more than a little of the content', async () => {
    const film = await common.folder('film.mov');
    await writeFile(film, noise(160 * MIB));
    const { id, peer } = await hostile.lure([film]);
    await takeOffer(peer);
    await acceptAt(peer, { entry: 0, offset: 0 });
    const growth = await growthDuring(async () => {
      await peer.expect('start');
      peer.socket.pause();
      // As long as it takes until nothing moves any more: the system's buffers are full.
      for (let before = -1; before !== peer.socket.bytesRead;) {
        before = peer.socket.bytesRead;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    });
    expect(growth.buffers).toBeLessThan(48 * MIB);
    const end = endOf(victim);
    await victim.cancelTransfer(id);
    expect(await codeOfEnd(end)).toBe('cancelled');
    expect(await hearCancel(hostile)).toBe(id);
  });
});

describe('what it says did not arrive', () => {
  it('is kept as text for people, and as nothing else', async () => {
    const note = await common.folder('note.txt');
    await writeFile(note, 'hello');
    const end = endOf(victim);
    const { peer } = await hostile.lure([note]);
    const again = await acceptedOnce(peer);
    const skipped = [{ path: '../../etc/\u001b[2J\u202epasswd', reason: 'unreadable' }];
    again.message('complete', {
      files: 0,
      bytes: 0,
      nothing: false,
      renamed: [],
      renamedCount: 0,
      skipped,
      skippedCount: 1,
    });
    const { state } = await end;
    expect(state.kind).toBe('incomplete');
    expect(cameTo({ state })).toMatchObject({ skipped, into: null, names: [] });
  });
});

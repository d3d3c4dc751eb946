import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeCbor } from '../../src-main/engine/codec/cbor.ts';
import { encodeFrame } from '../../src-main/engine/net/frames.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import { ERROR_CODES } from '../../shared/errors.ts';
import { FRAME_TYPES } from '../../shared/frame-types.ts';
import { ALPN_PAIR } from '../../shared/messages.ts';
import { isOver } from '../../shared/views.ts';
import { Bench, pairEngines } from '../support/engines.ts';
import { victimAndHostile } from '../support/hostile-device.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { namesIn } from '../support/tree.ts';
import { PATIENCE_MS, fuzz } from './fuzz.ts';
import { offerBody } from '../support/offers.ts';

/** Whole conversations with a real engine on real sockets, in any order and form. */

const bench = new Bench();
afterEach(() => bench.dispose());

const id = '00112233445566778899aabbccddeeff';
const bodies: Readonly<Record<string, unknown>> = {
  hello: { version: 1, name: 'Peer', hosts: ['192.0.2.1'], port: 0, wakePort: 0 },
  offer: { transfer: id, ...offerBody(['a'], { files: 1, folders: 0, bytes: 5 }) },
  accept: { kemPublicKey: new Uint8Array(1216), entry: 0, offset: 0 },
  start: { kemCiphertext: new Uint8Array(1120), header: new Uint8Array(24) },
  progress: { bytes: 1, files: 1, safeChunks: 0 },
  listed: { renamed: [], skipped: [{ path: 'a', reason: 'vanished' }] },
  complete: {
    files: 1,
    bytes: 5,
    nothing: false,
    renamed: [],
    renamedCount: 0,
    skipped: [],
    skippedCount: 0,
  },
  wake: {},
  cancel: { transfer: 'a'.repeat(32) },
  ping: {},
  refuse: { reason: 53 },
  request: { token: 'a.b.c', proof: new Uint8Array(32), name: 'x', hosts: [], port: 0 },
  challenge: { proof: new Uint8Array(32), commitment: new Uint8Array(32) },
  nonce: { nonce: new Uint8Array(32) },
  reveal: { nonce: new Uint8Array(32) },
  verdict: { matches: true },
  stored: {},
};

const frames = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .constantFrom<keyof typeof FRAME_TYPES>(
        'hello',
        'offer',
        'start',
        'progress',
        'complete',
        'wake',
        'cancel',
        'ping',
        'accept',
        'refuse',
      )
      .map((name) => encodeFrame(FRAME_TYPES[name], encodeCbor(bodies[name]))),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom<keyof typeof FRAME_TYPES>(
        'request',
        'challenge',
        'nonce',
        'reveal',
        'verdict',
        'stored',
        'ping',
        'refuse',
      )
      .map((name) => encodeFrame(FRAME_TYPES[name], encodeCbor(bodies[name]))),
  },
  {
    weight: 2,
    arbitrary: fc.uint8Array({ maxLength: 60 }).map((body) => encodeFrame(FRAME_TYPES.chunk, body)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...Object.values(FRAME_TYPES)), fc.uint8Array({ maxLength: 40 }))
      .map(([type, body]) => encodeFrame(type, body)),
  },
);
const conversation = fc.record({
  /** Most begin as an honest peer would, so that what comes is not all refused at the door. */
  isGreeting: fc.boolean(),
  frames: fc.array(frames, { maxLength: 8 }),
  end: fc.constantFrom('wait', 'close', 'half'),
});

const hello = encodeFrame(FRAME_TYPES.hello, encodeCbor(bodies['hello']));
const codes: readonly string[] = [...ERROR_CODES, 'closed'];

/** Says it all and gives how it ended: a code, or `open` where the engine has no reason to end it. */
async function talk(
  peer: RawPeer,
  { frames: said, end }: { readonly frames: readonly Uint8Array[]; readonly end: string },
) {
  for (const frame of said) peer.raw(frame);
  if (end === 'half') peer.socket.end();
  if (end === 'close') {
    await setTimeout(5);
    peer.close();
    return 'closed';
  }
  const result = await Promise.race([peer.ending(), setTimeout(100, 'open')]);
  peer.close();
  return result;
}

/** The engine is alive, trusts whom it trusted, and nothing is where files are received. */
async function expectUnharmed(victim: Engine, devices: number, folder: string): Promise<void> {
  expect(victim.snapshot().devices).toHaveLength(devices);
  for (const { id: transfer, state } of victim.snapshot().transfers) {
    expect(state.kind).not.toBe('done');
    if (!isOver(state)) await victim.cancelTransfer(transfer).catch(() => undefined);
  }
  // What was accepted unasked has a worker to start and to end first.
  await expect
    .poll(() => victim.snapshot().transfers.every(({ state }) => isOver(state)), { timeout: 20_000 })
    .toBe(true);
  expect(await namesIn(folder)).toEqual([]);
}

describe('conversations', { timeout: PATIENCE_MS }, () => {
  it('with a paired device, whatever it says, end by a name or not at all, and nothing comes of them', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    await victim.changeDevice(hostile.id, { accept: 'always' });
    const folder = await bench.folder('victim-received');
    await fuzz(30, [conversation], async ({ isGreeting, frames: said, end }) => {
      const peer = await hostile.dial();
      const result = await talk(peer, { frames: isGreeting ? [hello, ...said] : said, end });
      expect([...codes, 'open']).toContain(result);
      expect(result).not.toBe('internal');
      await expectUnharmed(victim, 1, folder);
    });
  });

  it('with a stranger who wants to pair, the same', async () => {
    const victim = await bench.engine('victim');
    const folder = await bench.folder('victim-received');
    const stranger = await generateIdentity();
    const { token } = await victim.createInvite();
    const request = encodeFrame(FRAME_TYPES.request, encodeCbor({ ...Object(bodies['request']), token }));
    await fuzz(40, [conversation], async ({ isGreeting, frames: said, end }) => {
      const peer = await RawPeer.dial(victim.snapshot().port ?? 0, ALPN_PAIR, stranger);
      const result = await talk(peer, { frames: isGreeting ? [request, ...said] : said, end });
      expect([...codes, 'open']).toContain(result);
      expect(result).not.toBe('internal');
      await expectUnharmed(victim, 0, folder);
    });
    // It still pairs with who was invited.
    await pairEngines(victim, await bench.engine('friend'));
  });
});

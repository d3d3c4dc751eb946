import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { FRAME_TYPES } from '../../shared/frame-types.ts';
import { MAX_TLS_OVERHEAD_BYTES } from '../../shared/limits.ts';
import { ALPN_PAIR, ALPN_TRANSFER, PROTOCOL_VERSION } from '../../shared/messages.ts';
import { encodeCbor } from '../../src-main/engine/codec/cbor.ts';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import { encodeFrame } from '../../src-main/engine/net/frames.ts';
import { Bench } from '../support/engines.ts';
import { victimAndHostile } from '../support/hostile-device.ts';
import { KeyUpdater } from '../support/key-updater.ts';

/**
 * Who asks for new TLS keys again and again makes the other side write answers of which JavaScript sees nothing: where they are not read,
 * they would pile up without a bound.
 */

const bench = new Bench();
const peers: KeyUpdater[] = [];
afterAll(async () => {
  for (const peer of peers) peer.close();
  await bench.dispose();
});

const hello = encodeFrame(
  FRAME_TYPES.hello,
  encodeCbor({ version: PROTOCOL_VERSION, name: 'hostile', hosts: [], port: 0, wakePort: 0 }),
);
const ping = encodeFrame(FRAME_TYPES.ping, encodeCbor({}));

/** Far more than is allowed, and far less than would be felt. */
const ENOUGH_BYTES = 16 * MAX_TLS_OVERHEAD_BYTES;

/** Asks for keys, and pings now and then, until it is cut off, or has sent enough. */
async function flood(peer: KeyUpdater): Promise<void> {
  for (let round = 0; !peer.isClosed && peer.sent < ENOUGH_BYTES; round += 1) {
    await peer.askForKeys(1000);
    if (round % 100 === 0) peer.data(ping);
    // As fast as this would go, the other side could look only when all is over.
    await pause(100);
  }
}

describe('who asks for new TLS keys without an end, and reads no answer, is cut off', () => {
  it('where it is a paired device that has said hello and goes on pinging', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const peer = await KeyUpdater.dial(victim.snapshot().port ?? 0, ALPN_TRANSFER, hostile.identity);
    peers.push(peer);
    peer.data(hello);
    peer.stopReading();
    await flood(peer);
    expect(peer.sent).toBeLessThan(ENOUGH_BYTES);
  });

  it('where it is a stranger', async () => {
    const engine = await bench.engine('known');
    const peer = await KeyUpdater.dial(engine.snapshot().port ?? 0, ALPN_PAIR, await generateIdentity());
    peers.push(peer);
    peer.stopReading();
    await flood(peer);
    expect(peer.sent).toBeLessThan(ENOUGH_BYTES);
  });
});

it('who asks for new TLS keys now and then stays connected', async () => {
  const { victim, hostile } = await victimAndHostile(bench);
  const peer = await KeyUpdater.dial(victim.snapshot().port ?? 0, ALPN_TRANSFER, hostile.identity);
  peers.push(peer);
  peer.data(hello);
  for (let i = 0; i < 10; i += 1) {
    await peer.askForKeys(10);
    peer.data(ping);
    await pause(250);
  }
  expect(peer.isClosed).toBe(false);
});

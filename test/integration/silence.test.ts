import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import { DEAD_AFTER_MS, HANDSHAKE_TIMEOUT_MS } from '../../shared/limits.ts';
import { ALPN_PAIR } from '../../shared/messages.ts';
import { Bench, transferIn } from '../support/engines.ts';
import { acceptAt, takeOffer, victimAndHostile } from '../support/hostile-device.ts';
import { HostileTransfer } from '../support/hostile-sender.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { offerBody } from '../support/offers.ts';

/**
 * Peers that stop saying anything, at every stage: none of them is waited for longer than the limits say. All at once, since each
 * takes as long as it takes; only the order of magnitude is asserted.
 */

const benches: Bench[] = [];
afterAll(() => Promise.all(benches.map((bench) => bench.dispose())));

function newBench(): Bench {
  const bench = new Bench();
  benches.push(bench);
  return bench;
}

/** Runs `wait` and holds how long it took against a limit: not at once, and not for ever. */
async function within(limit: number, wait: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await wait();
  const took = performance.now() - start;
  expect(took).toBeGreaterThan(limit / 2);
  expect(took).toBeLessThan(limit * 2.5);
}

const offer = offerBody(['a.bin'], { files: 1, folders: 0, bytes: 1000 });

// Those that take longest first: they run five at a time.
describe.concurrent('nobody is waited for who', { timeout: 90_000 }, () => {
  it('is paired, and says nothing after its greeting', async () => {
    const { hostile } = await victimAndHostile(newBench());
    const peer = await hostile.dial();
    peer.hello();
    await peer.expect('hello');
    await within(DEAD_AFTER_MS, async () => {
      expect(await peer.ending()).toBe('closed');
    });
  });

  it('was accepted, and sends nothing: the transfer waits, and says so', async () => {
    const { victim, hostile } = await victimAndHostile(newBench());
    const transfer = new HostileTransfer(await hostile.dial());
    await transfer.start(victim, offer);
    await within(DEAD_AFTER_MS, async () => {
      const { state } = await transferIn(victim, ['waiting', 'failed'], transfer.id);
      expect(state).toMatchObject({ kind: 'waiting', error: { code: 'connection-stalled' } });
    });
  });

  it('is offered something, accepts, and reads nothing: the transfer waits, and says so', async () => {
    const bench = newBench();
    const { victim, hostile } = await victimAndHostile(bench);
    const source = await bench.folder('film.mov');
    await writeFile(source, Buffer.alloc(32 * 1024 * 1024));
    const { id, peer } = await hostile.lure([source]);
    await takeOffer(peer);
    await acceptAt(peer, { entry: 0, offset: 0 });
    await peer.expect('start');
    peer.socket.pause();
    await within(DEAD_AFTER_MS, async () => {
      const { state } = await transferIn(victim, ['waiting', 'failed'], id);
      expect(state).toMatchObject({ kind: 'waiting', error: { code: 'connection-stalled' } });
    });
    hostile.close();
  });

  it('slow loris: never ends the TLS handshake, and says a byte now and then', async () => {
    const engine = await newBench().engine('victim');
    const socket = connect({ host: '127.0.0.1', port: engine.snapshot().port ?? 0 });
    socket.on('error', () => undefined);
    const greeting = [0x16, 3, 1, 0x10, 0, 1, 0, 0x0f, 0xfc, 3, 3];
    const drip = setInterval(() => socket.write(Buffer.from([greeting.shift() ?? 0])), 700);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await within(HANDSHAKE_TIMEOUT_MS, () => closed).finally(() => {
      clearInterval(drip);
    });
  });

  it('dials to pair, and shows no invite', async () => {
    const engine = await newBench().engine('victim');
    const peer = await RawPeer.dial(engine.snapshot().port ?? 0, ALPN_PAIR, await generateIdentity());
    await within(HANDSHAKE_TIMEOUT_MS, async () => {
      expect(await peer.ending()).toBe('pairing-timeout');
    });
    expect(engine.snapshot().pairings).toEqual([]);
  });

  it('is paired, and does not greet, but for a ping now and then', async () => {
    const { hostile } = await victimAndHostile(newBench());
    const peer = await hostile.dial();
    const ping = setInterval(() => {
      peer.message('ping', {});
    }, 700);
    await within(HANDSHAKE_TIMEOUT_MS, async () => {
      expect(await peer.ending()).toBe('connection-stalled');
    }).finally(() => {
      clearInterval(ping);
    });
  });
});

import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { HELLOS_PER_SECOND, HELLO_BURST, WAKE_EVERY_MS } from '../../shared/limits.ts';
import { FRAME_TYPES } from '../../shared/frame-types.ts';
import { PROTOCOL_VERSION } from '../../shared/messages.ts';
import { Bench, pairEngines, sendAndAccept } from '../support/engines.ts';
import { acceptAt, takeOffer, victimAndHostile } from '../support/hostile-device.ts';
import type { RawPeer } from '../support/raw-peer.ts';

/** What a paired device can make this one do by saying that it is there: so often, and no oftener. */

const bench = new Bench();
afterEach(() => bench.dispose());

function hello(peer: RawPeer, host: string): void {
  const own = { name: 'hostile', hosts: [host], port: 52_100, wakePort: 0 };
  peer.message('hello', { version: PROTOCOL_VERSION, ...own });
}

/** As many as a device may say in the seconds since `began`, which is of `performance.now()`. */
function allowance(began: number, burst: number, perSecond: number): number {
  return burst + ((performance.now() - began) / 1000) * perSecond;
}

describe('hellos of a paired device', { timeout: 120_000 }, () => {
  it('have a rate, beyond which they are not read, and which is that of this device alone', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const friend = await bench.engine('friend');
    await pairEngines(victim, friend);
    let answered = 0;
    const began = performance.now();
    for (let count = 0; count < HELLO_BURST + 100; count += 1) {
      const peer = await hostile.dial();
      hello(peer, '192.0.2.1');
      const frame = await peer.next();
      if (frame?.type === FRAME_TYPES.hello) {
        answered += 1;
        peer.message('wake', {});
        await peer.ending();
      } else expect(frame?.type).toBe(FRAME_TYPES.refuse);
      peer.close();
    }
    expect(answered).toBeGreaterThanOrEqual(HELLO_BURST);
    expect(answered).toBeLessThanOrEqual(allowance(began, HELLO_BURST, HELLOS_PER_SECOND));
    const file = await bench.folder('letter.txt');
    await writeFile(file, 'letter');
    const { sent } = await sendAndAccept(friend, victim, [file]);
    expect(sent.state.kind).toBe('done');
  });

  it('are written down when they say something new, and not each time', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    let written = 0;
    victim.subscribe(({ type }) => (written += type === 'devices' ? 1 : 0));
    const greetFrom = async (host: string) => {
      const peer = await hostile.dial();
      hello(peer, host);
      await peer.expect('hello');
      // By the end of the connection what its hello said has been taken in.
      peer.message('wake', {});
      await peer.ending();
    };
    for (let count = 0; count < 10; count += 1) await greetFrom('192.0.2.1');
    expect(written).toBe(1);
    await greetFrom('192.0.2.2');
    expect(written).toBe(2);
  });
});

describe('wakes of a paired device', { timeout: 120_000 }, () => {
  it('cut short the wait of what is sent to it at a rate: it does not choose how often this device dials', async () => {
    const { hostile } = await victimAndHostile(bench);
    const file = await bench.folder('letter.txt');
    await writeFile(file, 'letter');
    const { peer } = await hostile.lure([file], { whenUnreachable: 'wait' });
    await takeOffer(peer);
    await acceptAt(peer, { entry: 0, offset: 0 });
    await peer.expect('start');
    peer.close();
    let dials = 0;
    const over = new AbortController();
    const listening = (async () => {
      for (;;) {
        const next = await hostile.dialled();
        if (over.signal.aborted) return;
        dials += 1;
        next.close();
      }
    })();
    const wake = async (): Promise<void> => {
      const waker = await hostile.dial();
      waker.hello();
      await waker.expect('hello');
      waker.message('wake', {});
      await waker.ending();
    };
    // What it may do at once is used up first.
    for (let count = 0; count < 40; count += 1) await wake();
    const [before, began] = [dials, performance.now()];
    for (let count = 0; count < 50; count += 1) {
      await wake();
      await delay(100);
    }
    const seconds = (performance.now() - began) / 1000;
    // By itself it dials, too, soon no oftener than every six seconds, give or take a quarter.
    const byItself = 1 + seconds / 3;
    expect(dials - before).toBeLessThanOrEqual(allowance(began, 2, 1000 / WAKE_EVERY_MS) + byItself);
    expect(dials).toBeGreaterThan(0);
    over.abort();
    await listening;
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { FRAME_TYPES } from '../../shared/frame-types.ts';
import { ALPN_TRANSFER } from '../../shared/messages.ts';
import { Bench } from '../support/engines.ts';
import { acceptAt, takeOffer, victimAndHostile } from '../support/hostile-device.ts';
import type { RawPeer } from '../support/raw-peer.ts';

/** The sender's side of going on with something very large; the receiver's is in test/unit/engine/content/reopening-large.test.ts. */

const GB = 1_000_000_000;
const MIB = 1024 * 1024;

const bench = new Bench();
afterEach(() => bench.dispose());

/** Bytes that this process has read by system calls. */
function bytesRead(): number {
  return Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

/** Has half of it, says so, and waits for the content that follows. Gives milliseconds. */
async function untilContent(peer: RawPeer): Promise<number> {
  const { bytes } = await takeOffer(peer);
  expect(bytes).toBe(100 * GB);
  const asked = performance.now();
  await acceptAt(peer, { entry: 0, offset: 50 * GB });
  await peer.expect('start');
  expect((await peer.next())?.type).toBe(FRAME_TYPES.chunk);
  return performance.now() - asked;
}

describe.runIf(existsSync('/proc/self/io'))('half of 100 GB', () => {
  it('is passed over in no time, at first and when the line was cut: nothing of it is read again', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const film = await bench.folder('film.mov');
    await writeFile(film, '');
    await truncate(film, 100 * GB);
    const before = bytesRead();
    const { id, peer } = await hostile.lure([film]);
    expect(await untilContent(peer)).toBeLessThan(1000);
    peer.close();
    const again = await hostile.dialled();
    expect(again.socket.alpnProtocol).toBe(ALPN_TRANSFER);
    expect(await untilContent(again)).toBeLessThan(1000);
    // What was read ahead for either connection, and what either end read from its socket.
    expect(bytesRead() - before).toBeLessThan(64 * MIB);
    await victim.cancelTransfer(id);
    hostile.close();
  });
});

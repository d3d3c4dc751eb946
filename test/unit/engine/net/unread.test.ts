import { setImmediate as immediate, setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { FRAME_TYPES } from '../../../../shared/frame-types.ts';
import { DEAD_AFTER_MS } from '../../../../shared/limits.ts';
import { encodeCbor } from '../../../../src-main/engine/codec/cbor.ts';
import { encodeFrame } from '../../../../src-main/engine/net/frames.ts';
import { Lines } from '../../../support/line.ts';

/** Peers that go on pinging and do not read. At the same time, since each takes as long as it takes. */

const lines = new Lines();
const pinging: NodeJS.Timeout[] = [];
afterAll(async () => {
  for (const timer of pinging) clearInterval(timer);
  await lines.dispose();
});

const ping = encodeFrame(FRAME_TYPES.ping, encodeCbor({}));
const skipped = Array.from({ length: 100 }, () => ({ path: 'p'.repeat(400), reason: 'changed' as const }));
const large = {
  bytes: 0,
  files: 0,
  nothing: false,
  renamed: [],
  renamedCount: 0,
  skipped,
  skippedCount: 100,
};

/** A line whose far side pings, and reads nothing by itself. */
async function unreadLine() {
  const { channel, far } = await lines.open();
  far.pause();
  far.on('error', () => undefined);
  pinging.push(setInterval(() => far.write(ping), 2000));
  const ended = new Promise((resolve) => {
    channel.onClose(resolve);
  });
  return { channel, far, ended };
}

/** Writes until the connection has ended, and lets go of the event loop between two frames. */
async function writeOn(write: () => Promise<void>): Promise<void> {
  try {
    for (;;) {
      await write();
      await immediate();
    }
  } catch {
    // It has ended.
  }
}

describe.concurrent('a peer that pings, and has messages written to it', { timeout: 120_000 }, () => {
  it('is not waited for when it reads nothing', async () => {
    const { channel, ended } = await unreadLine();
    const begun = performance.now();
    void writeOn(() => channel.send('complete', large));
    expect(await ended).toMatchObject({ code: 'connection-stalled' });
    expect(performance.now() - begun).toBeGreaterThan(DEAD_AFTER_MS / 2);
  });

  it('stays connected while it reads slowly', async () => {
    const { channel, far } = await unreadLine();
    void writeOn(() => channel.send('complete', large));
    far.on('data', () => undefined).pause();
    for (let seconds = 0; seconds * 1000 < 1.5 * DEAD_AFTER_MS; seconds += 2) {
      await pause(2000);
      far.resume();
      await pause(20);
      far.pause();
    }
    expect(channel.isOpen).toBe(true);
    far.destroy();
  });

  it('stays connected while it does not read content: its disk may be slow', async () => {
    const { channel, far } = await unreadLine();
    const chunk = encodeFrame(FRAME_TYPES.chunk, new Uint8Array(1024 * 1024));
    void writeOn(() => channel.sendFrame(chunk, () => undefined));
    await pause(1.5 * DEAD_AFTER_MS);
    expect(channel.isOpen).toBe(true);
    far.destroy();
  });
});

import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { wireNumber } from '../../../../shared/errors.ts';
import { FRAME_TYPES } from '../../../../shared/frame-types.ts';
import { PINGS_AT_ONCE } from '../../../../shared/limits.ts';
import { PROTOCOL_VERSION } from '../../../../shared/messages.ts';
import { encodeCbor } from '../../../../src-main/engine/codec/cbor.ts';
import { encodeFrame } from '../../../../src-main/engine/net/frames.ts';
import { Lines } from '../../../support/line.ts';

const ping = encodeFrame(FRAME_TYPES.ping, encodeCbor({}));
const pings = (count: number) => Buffer.concat(Array.from({ length: count }, () => ping));
const hello = encodeFrame(
  FRAME_TYPES.hello,
  encodeCbor({ version: PROTOCOL_VERSION, name: 'Peer', hosts: [], port: 1, wakePort: 2 }),
);

const lines = new Lines();
afterEach(() => lines.dispose());

describe('a peer’s last word', () => {
  it('is heard by every sender, and after what was said before it, by whoever listens', async () => {
    const { channel, far } = await lines.open();
    const closed = new Promise((resolve) => {
      channel.onClose(resolve);
    });
    far.write(encodeFrame(FRAME_TYPES.chunk, new Uint8Array(10)));
    far.end(encodeFrame(FRAME_TYPES.refuse, encodeCbor({ reason: wireNumber('cancelled') })));
    await closed;
    const cancelled = { code: 'cancelled', fromPeer: true };
    const progress = { bytes: 0, files: 0, safeChunks: 0 };
    // One report fails unheard, as those do that nobody waits for.
    await expect(channel.send('progress', progress)).rejects.toMatchObject(cancelled);
    await expect(channel.send('progress', progress)).rejects.toMatchObject(cancelled);
    // The key of a connection that is gone is none, and no defect of this program.
    expect(() => channel.exporter()).toThrow(expect.objectContaining(cancelled));
    expect((await channel.expect('chunk')).body).toHaveLength(10);
    await expect(channel.expect('chunk')).rejects.toMatchObject(cancelled);
  });
});

describe('what a peer sends that has not been answered', () => {
  it('is not read beyond a little, whatever it is, until chunks are expected', async () => {
    const { channel, far } = await lines.open();
    const chunk = encodeFrame(FRAME_TYPES.chunk, new Uint8Array(32 * 1024));
    const all = 200;
    for (let n = 0; n < all; n += 1) far.write(chunk);
    far.write(encodeFrame(FRAME_TYPES.refuse, encodeCbor({ reason: wireNumber('cancelled') })));
    // All of it fits between the bounds of the two: were it read, the last word would be among it.
    await delay(1000);
    expect(channel.isRefused).toBe(false);
    channel.allocateChunksWith((length) => new ArrayBuffer(length));
    for (let n = 0; n < all; n += 1) expect((await channel.expect('chunk')).body).toHaveLength(32 * 1024);
    await expect(channel.expect('chunk')).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('pings', () => {
  it('that bunch up on the way are passed over, before the first message and after it', async () => {
    const { channel, far } = await lines.open();
    far.write(pings(PINGS_AT_ONCE / 2));
    far.write(hello);
    far.write(pings(PINGS_AT_ONCE / 2));
    far.write(encodeFrame(FRAME_TYPES.chunk, new Uint8Array(10)));
    expect((await channel.expect('hello')).body).toMatchObject({ port: 1 });
    expect((await channel.expect('chunk')).body).toHaveLength(10);
    expect(channel.isOpen).toBe(true);
  });

  it.each([
    ['before the first message', pings(10_000)],
    ['after the first message', Buffer.concat([hello, pings(10_000)])],
    [
      'one at a time, between other messages',
      Buffer.concat(Array.from({ length: 1000 }, () => [ping, hello]).flat()),
    ],
  ])('that come far oftener than one a second end the connection, %s', async (_when, flood) => {
    const { channel, far } = await lines.open();
    const heard = new Promise<Buffer>((resolve) => far.once('data', resolve));
    const closed = new Promise((resolve) => {
      channel.onClose(resolve);
    });
    far.write(flood);
    expect(await closed).toMatchObject({ code: 'frame-out-of-order' });
    const refusal = encodeFrame(FRAME_TYPES.refuse, encodeCbor({ reason: wireNumber('frame-out-of-order') }));
    expect(Buffer.compare(await heard, refusal)).toBe(0);
  });

  it('that are not empty end the connection, also while nobody asks for a message', async () => {
    const { channel, far } = await lines.open();
    const closed = new Promise((resolve) => {
      channel.onClose(resolve);
    });
    far.write(encodeFrame(FRAME_TYPES.ping, encodeCbor({ more: 1 })));
    expect(await closed).toMatchObject({ code: 'frame-malformed' });
  });
});

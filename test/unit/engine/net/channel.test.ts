import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { wireNumber } from '../../../../shared/errors.ts';
import { ALPN_TRANSFER, FRAME_TYPES, TRANSFER_PROTOCOL } from '../../../../shared/messages.ts';
import { generateIdentity } from '../../../../src-main/engine/identity/identity.ts';
import { Channel } from '../../../../src-main/engine/net/channel.ts';
import { TcpTransport } from '../../../../src-main/engine/net/tcp-transport.ts';
import { encodeCbor } from '../../../../src-main/engine/codec/cbor.ts';
import { encodeFrame } from '../../../../src-main/engine/net/frames.ts';

const transports: TcpTransport[] = [];
afterEach(async () => {
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
});

/** A channel over a real line, and whoever is at the other end. */
async function line() {
  const [near, far] = [await generateIdentity(), await generateIdentity()];
  const [here, there] = [new TcpTransport(near), new TcpTransport(far)];
  transports.push(here, there);
  let arrived: (socket: TLSSocket) => void = () => undefined;
  const peer = new Promise<TLSSocket>((resolve) => {
    arrived = resolve;
  });
  const port = await there.listen({ host: '127.0.0.1', port: 0 }, ({ socket }) => {
    arrived(socket);
  });
  const { socket, peer: who } = await here.dial({
    id: far.id,
    addresses: [{ host: '127.0.0.1', port }],
    alpn: ALPN_TRANSFER,
    signal: new AbortController().signal,
  });
  return { channel: new Channel(socket, who, TRANSFER_PROTOCOL), peer: await peer };
}

describe('a peer’s last word', () => {
  it('is heard by every sender, and after what was said before it, by whoever listens', async () => {
    const { channel, peer } = await line();
    const closed = new Promise((resolve) => {
      channel.onClose(resolve);
    });
    peer.write(encodeFrame(FRAME_TYPES.chunk, new Uint8Array(10)));
    peer.end(encodeFrame(FRAME_TYPES.refuse, encodeCbor({ reason: wireNumber('cancelled') })));
    await closed;
    const cancelled = { code: 'cancelled', fromPeer: true };
    const progress = { bytes: 0, files: 0, safeChunks: 0 };
    // One report fails unheard, as those do that nobody waits for.
    await expect(channel.send('progress', progress)).rejects.toMatchObject(cancelled);
    await expect(channel.send('progress', progress)).rejects.toMatchObject(cancelled);
    expect((await channel.expect('chunk')).body).toHaveLength(10);
    await expect(channel.expect('chunk')).rejects.toMatchObject(cancelled);
  });
});

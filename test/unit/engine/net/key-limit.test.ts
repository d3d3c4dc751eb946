import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_CONNECTIONS_PER_KEY } from '../../../../shared/limits.ts';
import { ALPN_TRANSFER } from '../../../../shared/messages.ts';
import { generateIdentity } from '../../../../src-main/engine/identity/identity.ts';
import type { Identity } from '../../../../src-main/engine/identity/identity.ts';
import { refuseUnread } from '../../../../src-main/engine/net/channel.ts';
import { TcpTransport } from '../../../../src-main/engine/net/tcp-transport.ts';
import type { PeerStream } from '../../../../src-main/engine/net/transport.ts';
import { RawPeer } from '../../../support/raw-peer.ts';

/** How many connections one key can hold on to, whatever this side does with them, and that it is the other keys' loss of none. */

const transports: TcpTransport[] = [];
const peers: RawPeer[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close();
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
});

/** A device that does `then` with each connection, and what has come of all of them. */
async function listening(then: (stream: PeerStream) => void) {
  const transport = new TcpTransport(await generateIdentity());
  transports.push(transport);
  const streams: PeerStream[] = [];
  let most = 0;
  const open = (identity: Identity) =>
    streams.filter(({ peer, socket }) => peer.id === identity.id && !socket.destroyed).length;
  const port = await transport.listen({ host: '127.0.0.1', port: 0 }, (stream) => {
    streams.push(stream);
    most = Math.max(most, streams.filter(({ socket }) => !socket.destroyed).length);
    stream.proven();
    then(stream);
  });
  return { port, open, most: () => most };
}

/** Dials so many times, and closes nothing. */
async function hold(port: number, identity: Identity, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const peer = await RawPeer.dial(port, ALPN_TRANSFER, identity).catch(() => undefined);
    peer?.stays();
    if (peer !== undefined) peers.push(peer);
  }
  // The other side may be behind.
  await pause(50);
}

describe('the connections of one key', () => {
  const manners: readonly (readonly [string, (stream: PeerStream) => void])[] = [
    ['are refused', ({ socket }) => void refuseUnread(socket, 'busy')],
    ['are left as they are', () => undefined],
    ['are closed in good order', ({ socket }) => socket.resume().end()],
  ];
  it.each(manners)('are bounded, although it closes none, where they %s', async (_how, then) => {
    const { port, most, open } = await listening(then);
    const [hostile, other] = [await generateIdentity(), await generateIdentity()];
    await hold(port, hostile, 2 * MAX_CONNECTIONS_PER_KEY);
    expect(most()).toBe(MAX_CONNECTIONS_PER_KEY);
    await hold(port, other, 3);
    expect(open(hostile)).toBeLessThanOrEqual(MAX_CONNECTIONS_PER_KEY);
    expect(open(other)).toBeGreaterThan(0);
  });

  it('that linger make room for those that are wanted, and no others do', async () => {
    let count = 0;
    const { port, open } = await listening(({ socket }) => {
      count += 1;
      if (count % 2 === 0) socket.resume().end();
    });
    const device = await generateIdentity();
    await hold(port, device, 2 * MAX_CONNECTIONS_PER_KEY);
    expect(count).toBe(2 * MAX_CONNECTIONS_PER_KEY - 1);
    expect(open(device)).toBe(MAX_CONNECTIONS_PER_KEY);
  });
});

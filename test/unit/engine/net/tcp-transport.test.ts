import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ALPN_TRANSFER } from '../../../../shared/messages.ts';
import { generateIdentity } from '../../../../src-main/engine/identity/identity.ts';
import { TcpTransport } from '../../../../src-main/engine/net/tcp-transport.ts';
import { Proxy } from '../../../support/proxy.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** A program at the port of a device, which is not there. */
async function answering(answer: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    answer(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function codeOfDialling(port: number): Promise<unknown> {
  const transport = new TcpTransport(await generateIdentity());
  const { id } = await generateIdentity();
  const addresses = [{ host: '127.0.0.1', port }];
  const { signal } = new AbortController();
  return await transport.dial({ id, addresses, alpn: ALPN_TRANSFER, signal }).then(
    () => 'connected',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

describe('dialling while the line is dead', () => {
  it('gets through once it is not any more, although what was begun before stays dead', async () => {
    const identity = await generateIdentity();
    const device = new TcpTransport(identity);
    const port = await device.listen({ host: '127.0.0.1', port: 0 }, () => undefined);
    const line = await Proxy.open(port);
    line.stall();
    const transport = new TcpTransport(await generateIdentity());
    const { signal } = new AbortController();
    const addresses = [{ host: '127.0.0.1', port: line.port }];
    const dialling = transport.dial({ id: identity.id, addresses, alpn: ALPN_TRANSFER, signal });
    await pause(500);
    line.pass();
    const { socket, peer } = await dialling;
    expect(peer.id).toBe(identity.id);
    expect(socket.destroyed).toBe(false);
    await Promise.all([transport.close(), device.close(), line.close()]);
  });
});

describe('dialling where the device is not', () => {
  // What a router or a proxy does for one that is away, and what a process leaves that is killed in the middle of a handshake.
  it.each<readonly [string, (socket: Socket) => void]>([
    ['resets at once', (socket) => socket.resetAndDestroy()],
    ['closes at once', (socket) => socket.end()],
    ['resets after the greeting', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['closes after the greeting', (socket) => socket.once('data', () => socket.end())],
    ['goes away after the greeting', (socket) => socket.once('data', () => socket.destroy())],
  ])('finds nobody where something %s', async (_what, answer) => {
    const port = await answering(answer);
    for (let i = 0; i < 5; i += 1) expect(await codeOfDialling(port)).toBe('unreachable');
  });

  it('finds nobody where nobody listens', async () => {
    const port = await answering(() => undefined);
    server?.close();
    expect(await codeOfDialling(port)).toBe('unreachable');
  });

  it('dials once where nobody listens or somebody says no, and waits for no other attempt', async () => {
    let dialled = 0;
    const port = await answering((socket) => {
      dialled += 1;
      socket.resetAndDestroy();
    });
    await codeOfDialling(port);
    expect(dialled).toBe(1);
  });

  it('gives up on somebody who never answers in the time for a handshake, having tried a few times', async () => {
    const held: Socket[] = [];
    const port = await answering((socket) => held.push(socket));
    expect(await codeOfDialling(port)).toBe('unreachable');
    expect(held.length).toBeGreaterThan(1);
    expect(held.length).toBeLessThan(6);
    for (const socket of held) socket.destroy();
  });

  it('finds that TLS failed where another protocol is spoken', async () => {
    const port = await answering((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await codeOfDialling(port)).toBe('tls-failed');
  });
});

import { once } from 'node:events';
import { connect as connectTcp, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ALPN_TRANSFER } from '../../shared/messages.ts';
import { Bench } from '../support/engines.ts';
import { befriend } from '../support/hostile-device.ts';
import { RawPeer } from '../support/raw-peer.ts';

/** Two connections that share the address and the port they come from, to two addresses of this computer. */

const bench = new Bench();
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await bench.dispose();
});

/** More than may come from one address before they have proven anything. */
const STRANGERS = 300;

async function dial(host: string, port: number, localPort?: number): Promise<Socket> {
  const from = localPort === undefined ? {} : { localAddress: '127.0.0.1', localPort };
  const socket = connectTcp({ host, port, ...from });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  server.close();
  await once(server, 'close');
  return port;
}

describe.runIf(process.platform === 'linux')('a device that has shown its key', { timeout: 60_000 }, () => {
  it('keeps its connection when another one from the same port, to another address, ends', async () => {
    const engine = await bench.engine('victim', { listen: { host: '0.0.0.0', port: 0 } });
    const device = await befriend(bench, engine);
    const port = engine.snapshot().port ?? 0;
    const from = await freePort();
    const own = await dial('127.0.0.1', port, from);
    const other = await dial('127.0.0.2', port, from);
    await delay(50);
    other.destroy();
    await delay(50);
    const { privateKeyPem: key, certificatePem: cert } = device.identity;
    const secure = { socket: own, ALPNProtocols: [ALPN_TRANSFER], rejectUnauthorized: false, key, cert };
    const socket = connectTls(secure);
    await once(socket, 'secureConnect');
    const peer = RawPeer.over(socket);
    peer.hello();
    await peer.expect('hello');
    const crowd = await Promise.all(Array.from({ length: STRANGERS }, () => dial('127.0.0.1', port)));
    await expect.poll(() => crowd.some(({ destroyed }) => destroyed), { timeout: 20_000 }).toBe(true);
    expect(socket.destroyed).toBe(false);
  });
});

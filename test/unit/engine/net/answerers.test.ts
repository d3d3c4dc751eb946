import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import type { Server as TcpServer, Socket } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { ALPN_TRANSFER } from '../../../../shared/messages.ts';
import { generateIdentity } from '../../../../src-main/engine/identity/identity.ts';
import type { Identity } from '../../../../src-main/engine/identity/identity.ts';
import { TcpTransport } from '../../../../src-main/engine/net/tcp-transport.ts';
import { peerOf } from '../../../../src-main/engine/net/tls.ts';
import type { PeerStream } from '../../../../src-main/engine/net/transport.ts';
import { OTHER_KINDS, otherCertificate } from '../../../support/other-certificates.ts';
import { impostor } from '../../../support/raw-peer.ts';
import type { Impostor } from '../../../support/raw-peer.ts';

/** Who answers where a device is dialled, and who dials it: what they can show, and what becomes of the socket. */

const impostors: Impostor[] = [];
const transports: TcpTransport[] = [];
const servers: TcpServer[] = [];
afterEach(async () => {
  for (const { server } of impostors.splice(0)) server.close();
  for (const server of servers.splice(0)) server.close();
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
});

function transportOf(identity: Identity): TcpTransport {
  const transport = new TcpTransport(identity);
  transports.push(transport);
  return transport;
}

async function answering(...shown: Parameters<typeof impostor>): Promise<Impostor> {
  const answerer = await impostor(...shown);
  impostors.push(answerer);
  return answerer;
}

/** Dials a device that is at none of these ports; gives the code of what that ended with. */
async function codeOfDialling(...ports: readonly number[]): Promise<unknown> {
  const { id } = await generateIdentity();
  const addresses = ports.map((port) => ({ host: '127.0.0.1', port }));
  const { signal } = new AbortController();
  return await transportOf(await generateIdentity())
    .dial({ id, addresses, alpn: ALPN_TRANSFER, signal })
    .then(
      () => 'connected',
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
}

/** Everything that a port answers with, whoever asks. */
async function saying(answer: (socket: Socket) => void): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    answer(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A TLS alert record of this number. */
const alert = (number: number) => Buffer.from([0x15, 3, 3, 0, 2, 2, number]);

describe('whoever answers where a device was', () => {
  it.each(OTHER_KINDS)(
    'with a certificate for %s is somebody else, and is left with no socket',
    async (kind) => {
      const answerer = await answering(await otherCertificate(kind), ALPN_TRANSFER);
      for (let i = 0; i < 5; i += 1) expect(await codeOfDialling(answerer.port)).toBe('peer-key-mismatch');
      await expect.poll(() => answerer.open()).toBe(0);
      expect(answerer.received()).toBe(0);
    },
  );

  it.each([
    ['handshake_failure', 40],
    ['bad_certificate', 42],
    ['illegal_parameter', 47],
    ['certificate_required', 116],
  ] as const)('and ends the handshake by the alert %s is somebody else', async (_name, number) => {
    const port = await saying((socket) => socket.once('data', () => socket.end(alert(number))));
    expect(await codeOfDialling(port)).toBe('peer-key-mismatch');
  });

  it.each(OTHER_KINDS)(
    'with a certificate for %s hides nobody who answers elsewhere with another device’s',
    async (kind) => {
      const other = await answering(await generateIdentity(), ALPN_TRANSFER);
      const answerer = await answering(await otherCertificate(kind), ALPN_TRANSFER);
      const noise = await saying((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
      const nobody = await saying((socket) => socket.resetAndDestroy());
      expect(await codeOfDialling(nobody, noise, answerer.port, other.port)).toBe('peer-key-mismatch');
      await expect.poll(() => answerer.open() + other.open()).toBe(0);
    },
  );

  it('is dialled at each address once, however often that is named', async () => {
    let dialled = 0;
    const port = await saying((socket) => {
      dialled += 1;
      socket.resetAndDestroy();
    });
    await codeOfDialling(port, port, port);
    expect(dialled).toBe(1);
  });
});

describe('the handshake', () => {
  /** The signature algorithms that both sides of it have named, as OpenSSL sees them. */
  const shared = (socket: TLSSocket) => [...new Set(socket.getSharedSigalgs())];

  it('names one signature algorithm, whichever side dials', async () => {
    const identity = await generateIdentity();
    const device = transportOf(identity);
    const port = await device.listen({ host: '127.0.0.1', port: 0 }, () => undefined);
    const shown = await generateIdentity();
    const { privateKeyPem: key, certificatePem: cert } = shown;
    const client = connect({
      port,
      host: '127.0.0.1',
      key,
      cert,
      ALPNProtocols: [ALPN_TRANSFER],
      rejectUnauthorized: false,
    });
    await once(client, 'secureConnect');
    expect(shared(client)).toEqual(['ECDSA+SHA256']);
    client.destroy();

    const server = createServer({
      key,
      cert,
      ALPNProtocols: [ALPN_TRANSFER],
      requestCert: true,
      rejectUnauthorized: false,
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const secured = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve));
    const { socket } = await transportOf(identity).dial({
      id: shown.id,
      addresses: [{ host: '127.0.0.1', port: address.port }],
      alpn: ALPN_TRANSFER,
      signal: new AbortController().signal,
    });
    expect(shared(await secured)).toEqual(['ECDSA+SHA256']);
    socket.destroy();
  });

  it.each(OTHER_KINDS)(
    'with a certificate for %s from who dials yields no stream, and leaves no socket',
    async (kind) => {
      const streams: PeerStream[] = [];
      const device = transportOf(await generateIdentity());
      const port = await device.listen({ host: '127.0.0.1', port: 0 }, (stream) => streams.push(stream));
      const { privateKeyPem: key, certificatePem: cert } = await otherCertificate(kind);
      const client = connect({
        port,
        host: '127.0.0.1',
        key,
        cert,
        ALPNProtocols: [ALPN_TRANSFER],
        rejectUnauthorized: false,
      });
      client.on('error', () => undefined);
      client.resume();
      await new Promise((resolve) => client.once('close', resolve));
      expect(streams).toEqual([]);
    },
  );

  it('is a whole one each time: a session that is offered again is not taken up', async () => {
    const identity = await generateIdentity();
    const device = transportOf(identity);
    const reused: boolean[] = [];
    const port = await device.listen({ host: '127.0.0.1', port: 0 }, ({ socket }) => {
      reused.push(socket.isSessionReused());
      socket.resume();
    });
    const { privateKeyPem: key, certificatePem: cert } = await generateIdentity();
    const options = {
      port,
      host: '127.0.0.1',
      key,
      cert,
      ALPNProtocols: [ALPN_TRANSFER],
      rejectUnauthorized: false,
    };
    const first = connect(options);
    const sessions: Buffer[] = [];
    first.on('session', (session) => sessions.push(session));
    await once(first, 'secureConnect');
    sessions.push(first.getSession() ?? Buffer.alloc(0));
    await expect.poll(() => sessions.length).toBeGreaterThan(1);
    first.destroy();
    for (const session of sessions.filter(({ length }) => length > 0)) {
      const before = reused.length;
      const again = connect({ ...options, session });
      await once(again, 'secureConnect');
      expect(again.isSessionReused()).toBe(false);
      await expect.poll(() => reused.length).toBe(before + 1);
      again.destroy();
    }
    expect(reused.length).toBeGreaterThan(1);
    expect(new Set(reused)).toEqual(new Set([false]));
  });

  it('that a session was taken up in shows nobody’s key, where some other runtime did that', async () => {
    const { privateKeyPem: key, certificatePem: cert } = await generateIdentity();
    const server = createServer({ key, cert }, (socket) => socket.write('hello'));
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const options = { port: address.port, host: '127.0.0.1', rejectUnauthorized: false };
    const first = connect(options);
    const session = new Promise<Buffer>((resolve) => first.once('session', resolve));
    first.resume();
    const again = connect({ ...options, session: await session });
    await once(again, 'secureConnect');
    expect(again.isSessionReused()).toBe(true);
    expect(() => peerOf(again)).toThrow(expect.objectContaining({ code: 'peer-key-mismatch' }));
    for (const socket of [first, again]) socket.destroy();
  });
});

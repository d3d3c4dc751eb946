/**
 * Dials and is dialled on whatever runs it, by certificates of every kind: bundled, since the oldest runtime reads no TypeScript. The
 * argument names a JSON file with a list of `{ kind, certificatePem, privateKeyPem }`, none of which a device may have. Prints one JSON
 * object: `{ runtime, checked, failed, tickets }`.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, createServer } from 'node:tls';
import { z } from 'zod';
import { SealaneError } from '../../shared/errors.ts';
import { ALPN_TRANSFER } from '../../shared/messages.ts';
import type { DeviceId } from '../../shared/device-id.ts';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import { TcpTransport } from '../../src-main/engine/net/tcp-transport.ts';

const shownSchema = z.strictObject({
  kind: z.string(),
  certificatePem: z.string(),
  privateKeyPem: z.string(),
});
type Shown = Pick<z.infer<typeof shownSchema>, 'certificatePem' | 'privateKeyPem'>;

/** How long what a server sends after its handshake may take to be here, in ms. */
const AFTERWARDS_MS = 200;

const common = { ALPNProtocols: [ALPN_TRANSFER], rejectUnauthorized: false, host: '127.0.0.1' };
let checked = 0;
const failed: string[] = [];

function check(what: string, expected: unknown, seen: unknown): void {
  checked += 1;
  if (seen !== expected) failed.push(`${what}: ${String(seen)}`);
}

/** How dialling `id` ends where `shown` answers, and whether the answerer's side of the handshake came to its end. */
async function dialling(id: DeviceId, { privateKeyPem: key, certificatePem: cert }: Shown) {
  let isSecured = false;
  const server = createServer({ ...common, key, cert, requestCert: true }, (socket) => {
    isSecured = true;
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const transport = new TcpTransport(await generateIdentity());
  const { signal } = new AbortController();
  const ending = await transport
    .dial({ id, addresses: [{ host: '127.0.0.1', port }], alpn: ALPN_TRANSFER, signal })
    .then(
      () => 'connected',
      (error: unknown) => (error instanceof SealaneError ? error.code : String(error)),
    );
  await pause(AFTERWARDS_MS);
  await transport.close();
  server.close();
  return { ending, isSecured };
}

/** Dials a device with each of these in turn, on a new connection each time; gives whether streams came of it. */
async function knocking(...shown: readonly Shown[]): Promise<readonly boolean[]> {
  const transport = new TcpTransport(await generateIdentity());
  let streams = 0;
  const port = await transport.listen({ host: '127.0.0.1', port: 0 }, ({ socket }) => {
    streams += 1;
    socket.destroy();
  });
  const yielded: boolean[] = [];
  for (const { privateKeyPem: key, certificatePem: cert } of shown) {
    const before = streams;
    const client = connect({ ...common, port, key, cert });
    client.on('error', () => undefined);
    client.resume();
    await new Promise((resolve) => client.once('close', resolve));
    yielded.push(streams > before);
  }
  await transport.close();
  return yielded;
}

/** Offers a device every session that it gave, and the last state of the first; gives how many it gave. */
async function resuming(): Promise<number> {
  const transport = new TcpTransport(await generateIdentity());
  const reused: boolean[] = [];
  const port = await transport.listen({ host: '127.0.0.1', port: 0 }, ({ socket }) => {
    reused.push(socket.isSessionReused());
    socket.resume();
  });
  const { privateKeyPem: key, certificatePem: cert } = await generateIdentity();
  const first = connect({ ...common, port, key, cert });
  const tickets: Buffer[] = [];
  first.on('session', (session) => tickets.push(session));
  first.resume();
  await once(first, 'secureConnect');
  await pause(AFTERWARDS_MS);
  const last = first.getSession();
  first.destroy();
  for (const session of last === undefined ? tickets : [...tickets, last]) {
    const again = connect({ ...common, port, key, cert, session });
    again.resume();
    await once(again, 'secureConnect');
    await pause(AFTERWARDS_MS);
    check('reused by the client', false, again.isSessionReused());
    again.destroy();
  }
  check('reused by the server', 0, reused.filter(Boolean).length);
  check('handshakes', true, reused.length > 1);
  await transport.close();
  return tickets.length;
}

const others = z.array(shownSchema).parse(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')));
const device = await generateIdentity();
check('a device answers', 'connected', (await dialling(device.id, device)).ending);
check('a device dials', true, (await knocking(device))[0]);
for (const other of others) {
  const { ending, isSecured } = await dialling(device.id, other);
  check(`${other.kind} answers`, 'peer-key-mismatch', ending);
  // TLS cannot tell one writing of a P-256 key from another, and BoringSSL reads it as the same key, under its one id.
  if (other.kind.includes('P-256')) continue;
  check(`${other.kind} answers, and is spoken`, false, isSecured);
  check(`${other.kind} dials`, false, (await knocking(other))[0]);
}
const tickets = await resuming();
const runtime = `${'electron' in process.versions ? 'electron' : 'node'} ${process.version}`;
process.stdout.write(JSON.stringify({ runtime, checked, failed, tickets }));

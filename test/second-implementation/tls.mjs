import { connect, createServer } from 'node:tls';
import { Failure } from './failure.mjs';
import { idOfKey, spkiIn } from './identity.mjs';
import { Line } from './line.mjs';
import { isProtocol } from './messages.mjs';

/** Connections: docs/protocol.md, section 2. */

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** @param {import('./identity.mjs').Identity} identity */
function common({ key, certificate }) {
  return /** @type {const} */ ({
    key,
    cert: certificate,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    sigalgs: 'ecdsa_secp256r1_sha256',
    rejectUnauthorized: false,
  });
}

/**
 * What the handshake has agreed on and shown, or nothing where it is not good enough.
 * @param {import('node:tls').TLSSocket} socket
 */
function lineOn(socket) {
  const protocol = socket.alpnProtocol;
  // An empty object where there is none, whatever the types say.
  /** @type {{ raw?: Uint8Array }} */
  const certificate = socket.getPeerCertificate();
  const spki = certificate.raw === undefined ? undefined : spkiIn(certificate.raw);
  if (!isProtocol(protocol) || spki === undefined) return undefined;
  if (socket.getProtocol() !== 'TLSv1.3' || socket.isSessionReused()) return undefined;
  const exporter = socket.exportKeyingMaterial(32, `EXPORTER-${protocol}`, Buffer.alloc(0));
  return new Line(socket, protocol, { spki, id: idOfKey(spki), exporter });
}

/**
 * Nothing is said to another key than the one that is wanted.
 * @param {import('./identity.mjs').Identity} identity
 * @param {{ host: string, port: number }} address
 * @param {import('./messages.mjs').Protocol} protocol
 * @param {string} peer device id
 * @returns {Promise<Line>}
 */
export async function dial(identity, { host, port }, protocol, peer) {
  const socket = connect({ ...common(identity), host, port, ALPNProtocols: [protocol] });
  socket.on('error', () => undefined);
  await new Promise((resolve, reject) => {
    const tooSlow = setTimeout(() => socket.destroy(), HANDSHAKE_TIMEOUT_MS);
    socket.once('secureConnect', () => {
      clearTimeout(tooSlow);
      resolve(undefined);
    });
    socket.once('close', () => {
      clearTimeout(tooSlow);
      reject(new Failure('connection-lost'));
    });
  });
  const line = lineOn(socket);
  if (line?.peer.id === peer) return line;
  socket.destroy();
  throw new Failure(line === undefined ? 'tls-failed' : 'peer-key-mismatch');
}

/**
 * @param {import('./identity.mjs').Identity} identity
 * @param {(line: Line) => void} onLine
 * @returns {Promise<{ port: number, close: () => void }>}
 */
export async function listen(identity, onLine) {
  /** @type {Set<import('node:tls').TLSSocket>} */
  const sockets = new Set();
  const server = createServer({
    ...common(identity),
    requestCert: true,
    ALPNProtocols: ['sealane-pair/1', 'sealane/1'],
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const line = lineOn(socket);
    if (line === undefined) socket.destroy();
    else onLine(line);
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(undefined);
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: address.port, close };
}

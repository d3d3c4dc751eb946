import { once } from 'node:events';
import { connect as connectTcp, createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { connect, TLSSocket, createSecureContext } from 'node:tls';

/**
 * @typedef {object} Meeting what both ends saw of each other
 * @property {string | null} protocol
 * @property {string | false | null} alpn
 * @property {string} group the key exchange, as far as it is told
 * @property {boolean} sameSecret whether both ends export the same keying material
 * @property {boolean} bothKnown whether each end holds the other's certificate
 */

/**
 * A TCP connection, dressed as any duplex stream: what a relay or a hole-punched connection is to TLS.
 *
 * @param {import('node:net').Socket} socket
 */
const disguised = (socket) => Duplex.from({ readable: socket, writable: socket });

/**
 * One mutual TLS connection on the loopback interface. Throws if it does not come about.
 *
 * @param {{ key: string, cert: string }} identity used by both ends
 * @param {{ client?: import('node:tls').ConnectionOptions, server?: import('node:tls').TlsOptions, duplex?: boolean }} [options]
 * @returns {Promise<Meeting>}
 */
export async function meet(identity, { client = {}, server = {}, duplex = false } = {}) {
  const shared = { ...identity, minVersion: /** @type {const} */ ('TLSv1.3'), rejectUnauthorized: false };
  const listener = createServer();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = /** @type {import('node:net').AddressInfo} */ (listener.address());
  const accepted = once(listener, 'connection');
  const raw = connectTcp(address.port, '127.0.0.1');
  const [incoming] = /** @type {[import('node:net').Socket]} */ (await accepted);
  const options = { ...shared, requestCert: true, ALPNProtocols: ['probe/1'], ...server };
  const near = new TLSSocket(incoming, {
    ...options,
    isServer: true,
    secureContext: createSecureContext(options),
  });
  const far = connect({
    ...shared,
    ALPNProtocols: ['probe/1'],
    ...client,
    socket: duplex ? disguised(raw) : raw,
  });
  try {
    await Promise.all([once(near, 'secure'), once(far, 'secureConnect')]);
    /** @param {TLSSocket} socket */
    const secret = (socket) =>
      socket.exportKeyingMaterial(32, 'EXPORTER-probe', Buffer.from('x')).toString('hex');
    const ephemeral = far.getEphemeralKeyInfo();
    return {
      protocol: far.getProtocol(),
      alpn: near.alpnProtocol,
      group:
        ephemeral !== null && 'name' in ephemeral && ephemeral.name !== undefined ? ephemeral.name : 'untold',
      sameSecret: secret(near) === secret(far),
      bothKnown:
        near.getPeerX509Certificate()?.toString() === identity.cert.trim().concat('\n') &&
        far.getPeerX509Certificate() !== undefined,
    };
  } finally {
    // Errors after the fact are those of a connection that is being torn down.
    for (const socket of [near, far, raw, incoming]) socket.on('error', () => undefined).destroy();
    listener.close();
  }
}

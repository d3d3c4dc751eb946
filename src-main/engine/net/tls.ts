import { constants } from 'node:crypto';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { SealaneError } from '../../../shared/errors.ts';
import { HANDSHAKE_TIMEOUT_MS } from '../../../shared/limits.ts';
import { ALPN_PAIR, ALPN_TRANSFER } from '../../../shared/messages.ts';
import { deviceIdOfSpki, spkiOfCertificate } from '../identity/identity.ts';
import type { Identity } from '../identity/identity.ts';
import type { Peer } from './connection.ts';

/**
 * TLS 1.3 between two keys: no certificate authority, no host names, no session resumption. Node's own verification is off
 * because there is nobody to vouch for a self-signed certificate; the handshake still proves that the peer holds the
 * certificate's key, and whose key that is, is checked by the callers before a byte is read.
 */

const COMMON = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', rejectUnauthorized: false } as const;

/** For `tls.createServer`. */
export function serverTlsOptions(identity: Identity): TlsOptions {
  return {
    ...COMMON,
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
    requestCert: true,
    ALPNProtocols: [ALPN_TRANSFER, ALPN_PAIR],
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    // A resumed session would carry no certificate to check.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** For `tls.connect`, with the one protocol that is wanted. */
export function clientTlsOptions(identity: Identity, alpn: string) {
  return {
    ...COMMON,
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
    ALPNProtocols: [alpn],
    checkServerIdentity: () => undefined,
  };
}

/** Who is at the other end of a finished handshake. Throws `tls-failed` for a peer without a P-256 certificate or of another TLS version. */
export function peerOf(socket: TLSSocket): Peer {
  if (socket.getProtocol() !== 'TLSv1.3') throw new SealaneError('tls-failed', { detail: 'not TLS 1.3' });
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw new SealaneError('tls-failed', { detail: 'no certificate' });
  const spki = spkiOfCertificate(certificate.raw);
  return {
    id: deviceIdOfSpki(spki),
    spki,
    host: plainHost(socket.remoteAddress ?? ''),
    port: socket.remotePort ?? 0,
  };
}

/** An IPv4 address that came through an IPv6 socket, written as IPv4. */
function plainHost(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

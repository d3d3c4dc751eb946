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

/** The one signature algorithm that either side offers and takes: that of a P-256 key (RFC 8446, section 4.2.3). */
const SIGNATURE_ALGORITHM = 'ecdsa_secp256r1_sha256';

const COMMON = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  rejectUnauthorized: false,
  sigalgs: SIGNATURE_ALGORITHM,
} as const;

/** For `tls.createServer`. */
export function serverTlsOptions(identity: Identity): TlsOptions {
  return {
    ...COMMON,
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
    requestCert: true,
    ALPNProtocols: [ALPN_TRANSFER, ALPN_PAIR],
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    // A resumed session would carry no certificate to check. BoringSSL issues no ticket with this; OpenSSL issues ones that only name
    // a session, which Node's server does not keep. `peerOf` refuses a resumed session wherever one came from.
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

/**
 * Who is at the other end of a finished handshake. Whatever is wrong with what the other end has shown (no certificate, another kind
 * of key, another writing of it, a resumed session, another version of TLS) is thrown as `peer-key-mismatch`, and as nothing else:
 * who has not shown a device's key has said nothing in the name of a device.
 */
export function peerOf(socket: TLSSocket): Peer {
  const wrong = (detail: string, cause?: unknown) => new SealaneError('peer-key-mismatch', { detail, cause });
  if (socket.getProtocol() !== 'TLSv1.3') throw wrong('not TLS 1.3');
  if (socket.isSessionReused()) throw wrong('resumed session');
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw wrong('no certificate');
  try {
    const spki = spkiOfCertificate(certificate.raw);
    return {
      id: deviceIdOfSpki(spki),
      spki,
      host: plainHost(socket.remoteAddress ?? ''),
      port: socket.remotePort ?? 0,
    };
  } catch (cause) {
    throw wrong('no P-256 key', cause);
  }
}

/** An IPv4 address that came through an IPv6 socket, written as IPv4. */
function plainHost(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

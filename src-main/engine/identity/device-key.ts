import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { formatDeviceId } from '../../../shared/device-id.ts';
import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError } from '../../../shared/errors.ts';

/** A DER SubjectPublicKeyInfo (RFC 5480) of an uncompressed P-256 point: always this long, and always the same bytes for one key. */
const P256_SPKI_BYTES = 91;

/**
 * The public key in a DER SubjectPublicKeyInfo. Only P-256 in its one usual writing is let through (named curve, uncompressed
 * point, nothing before or after), so that one key can never have two device ids. Throws `not-trusted`.
 */
export function publicKeyOfSpki(spki: Uint8Array): KeyObject {
  const refuse = (detail: string, cause?: unknown) => new SealaneError('not-trusted', { detail, cause });
  if (spki.length !== P256_SPKI_BYTES) throw refuse('not a P-256 key');
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch (error) {
    throw refuse('unreadable public key', error);
  }
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw refuse('not a P-256 key');
  }
  if (!spkiOfPublicKey(key).every((byte, at) => byte === spki[at]))
    throw refuse('unusual writing of a public key');
  return key;
}

/** The DER SubjectPublicKeyInfo of a public key. */
export function spkiOfPublicKey(key: KeyObject): Uint8Array<ArrayBuffer> {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }));
}

/** The DER SubjectPublicKeyInfo in a DER X.509 certificate, whose other contents do not matter. Throws `not-trusted`. */
export function spkiOfCertificate(der: Uint8Array): Uint8Array<ArrayBuffer> {
  let spki: Uint8Array<ArrayBuffer>;
  try {
    spki = spkiOfPublicKey(new X509Certificate(Buffer.from(der)).publicKey);
  } catch (error) {
    throw new SealaneError('not-trusted', { detail: 'unreadable certificate', cause: error });
  }
  publicKeyOfSpki(spki);
  return spki;
}

/** The id of the device that holds the key: SHA-256 of its SubjectPublicKeyInfo. Throws `not-trusted` for anything but P-256. */
export function deviceIdOfSpki(spki: Uint8Array): DeviceId {
  publicKeyOfSpki(spki);
  return formatDeviceId(createHash('sha256').update(spki).digest());
}

/** The id of the device that shows this DER certificate, as in a TLS handshake. Throws `not-trusted`. */
export function deviceIdOfCertificate(der: Uint8Array): DeviceId {
  return deviceIdOfSpki(spkiOfCertificate(der));
}

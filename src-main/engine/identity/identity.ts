import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { DeviceId } from '../../../shared/device-id.ts';
import { makeCertificate } from './certificate.ts';
import { deviceIdOfSpki, spkiOfPublicKey } from './device-key.ts';

export { deviceIdOfCertificate, deviceIdOfSpki, publicKeyOfSpki, spkiOfCertificate } from './device-key.ts';

/** This device's long-term key and what is made of it. */
export interface Identity {
  readonly id: DeviceId;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** DER SubjectPublicKeyInfo, 91 bytes. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** Self-signed, for TLS. */
  readonly certificatePem: string;
  /** PKCS#8; node:tls takes it in no other form. */
  readonly privateKeyPem: string;
}

/** Makes a new identity: an ECDSA P-256 key and its certificate. */
export async function generateIdentity(): Promise<Identity> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  return identityOfKey(privateKey, undefined);
}

/** The private key as PKCS#8 DER. The id is made from the key alone, so this is all there is to keep. The caller wipes it. */
export function exportIdentity(identity: Identity): Uint8Array<ArrayBuffer> {
  const der = identity.privateKey.export({ format: 'der', type: 'pkcs8' });
  const copy = new Uint8Array(der);
  der.fill(0);
  return copy;
}

/**
 * The identity of a PKCS#8 DER private key. `certificatePem`, when it was made for this very key, is used again, else a new one
 * is made. Throws when the bytes are no P-256 key, or when their private and public halves do not belong together.
 */
export async function importIdentity(pkcs8: Uint8Array, certificatePem?: string): Promise<Identity> {
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  return identityOfKey(privateKey, certificatePem);
}

async function identityOfKey(privateKey: KeyObject, certificatePem: string | undefined): Promise<Identity> {
  const publicKey = createPublicKey(privateKey);
  const spki = spkiOfPublicKey(publicKey);
  const id = deviceIdOfSpki(spki);
  const probe = Buffer.from('sealane identity');
  if (!verify('sha256', probe, publicKey, sign('sha256', probe, privateKey))) {
    throw new Error('the private and the public key do not belong together');
  }
  return {
    id,
    publicKey,
    privateKey,
    spki,
    certificatePem:
      certificatePem !== undefined && certifies(certificatePem, publicKey)
        ? certificatePem
        : await makeCertificate(privateKey, publicKey),
    privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

function certifies(certificatePem: string, publicKey: KeyObject): boolean {
  try {
    const certificate = new X509Certificate(certificatePem);
    return certificate.publicKey.equals(publicKey) && certificate.verify(publicKey);
  } catch {
    return false;
  }
}

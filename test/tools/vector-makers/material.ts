import { createECDH, createHash, createPrivateKey } from 'node:crypto';
import { exportIdentity, importIdentity } from '../../../src-main/engine/identity/identity.ts';
import type { Identity } from '../../../src-main/engine/identity/identity.ts';

/** Bytes for test vectors: the same on every run, and worth nothing to anybody. */

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** 32 bytes, SHA-256 of the name. */
export function bytesNamed(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(`sealane test vector: ${name}`).digest());
}

/** As many bytes as asked for, in a pattern that does not repeat with any power of two. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + Math.floor(at / 251)) & 0xff);
}

/** The identity whose private scalar is the hash of the name. */
export async function identityNamed(name: string): Promise<Identity> {
  const scalar = bytesNamed(`key of ${name}`);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const coordinate = (at: number) => point.subarray(at, at + 32).toString('base64url');
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: Buffer.from(scalar).toString('base64url'),
      x: coordinate(1),
      y: coordinate(33),
    },
  });
  return importIdentity(key.export({ format: 'der', type: 'pkcs8' }));
}

/** How an identity stands in a vector file. */
export function describeIdentity(identity: Identity): { id: string; spki: string; pkcs8: string } {
  return { id: identity.id, spki: hex(identity.spki), pkcs8: hex(exportIdentity(identity)) };
}

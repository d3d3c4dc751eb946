import { createPublicKey, ECDH } from 'node:crypto';
import 'reflect-metadata';
import { PublicKey, X509CertificateGenerator } from '@peculiar/x509';

/** What a TLS socket shows: a certificate and its key, in PEM. */
export interface Shown {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const ECDSA_P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Keys that TLS knows and that are none of a device's. The last one is a P-256 key in a writing that no device's has. */
const ALGORITHMS = {
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'P-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  RSA: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  },
  Ed25519: { name: 'Ed25519' },
  'compressed P-256': ECDSA_P256,
} as const;

export type OtherKind = keyof typeof ALGORITHMS;
export const OTHER_KINDS: readonly OtherKind[] = ['P-384', 'P-521', 'RSA', 'Ed25519', 'compressed P-256'];

/** Up to the compressed point: a SubjectPublicKeyInfo of P-256 (RFC 5480). */
const COMPRESSED_SPKI_HEAD = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');

/** A new self-signed certificate for a key of this kind. */
export async function otherCertificate(kind: OtherKind): Promise<Shown> {
  const algorithm = ALGORITHMS[kind];
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  if (!('privateKey' in keys)) throw new Error('no key pair');
  const spki = Buffer.from(await crypto.subtle.exportKey('spki', keys.publicKey));
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: '41',
      subject: 'CN=other',
      issuer: 'CN=other',
      notBefore: new Date('1970-01-01T00:00:00Z'),
      notAfter: new Date('9999-12-31T23:59:59Z'),
      publicKey: new PublicKey(kind === 'compressed P-256' ? compressed(spki) : spki),
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
    },
    crypto,
  );
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = der.toString('base64').replace(/.{1,64}/g, '$&\n');
  return {
    certificatePem: certificate.toString('pem'),
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${lines}-----END PRIVATE KEY-----\n`,
  };
}

function compressed(spki: Buffer): Uint8Array<ArrayBuffer> {
  const { x = '', y = '' } = createPublicKey({ key: spki, format: 'der', type: 'spki' }).export({
    format: 'jwk',
  });
  const point = Buffer.from(
    `04${[x, y].map((part) => Buffer.from(part, 'base64url').toString('hex')).join('')}`,
    'hex',
  );
  const short = ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'compressed');
  return new Uint8Array([...COMPRESSED_SPKI_HEAD, ...Buffer.from(short)]);
}

import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';

/**
 * A self-signed certificate with a fresh key.
 *
 * @param {'P-256' | 'Ed25519'} kind
 * @returns {Promise<{ key: string, cert: string }>} both in PEM
 */
export async function selfSigned(kind) {
  const algorithm =
    kind === 'P-256' ? { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } : { name: 'Ed25519' };
  const keys = /** @type {CryptoKeyPair} */ (
    await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  );
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'CN=probe',
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2120-01-01T00:00:00Z'),
      signingAlgorithm: algorithm,
      keys,
    },
    crypto,
  );
  const secret = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`;
  return { key, cert: certificate.toString('pem') };
}

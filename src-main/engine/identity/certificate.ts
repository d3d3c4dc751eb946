import { randomBytes, webcrypto } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * A self-signed X.509 certificate (PEM) for TLS. Only its key counts to anybody, so everything else in it says nothing: not whose it
 * is, and not when it was made. It is valid for ever (RFC 5280, 4.1.2.5), because clocks are wrong.
 */
export async function makeCertificate(privateKey: KeyObject, publicKey: KeyObject): Promise<string> {
  // Loaded only here: these take longer to load than all else of the engine, and a certificate is made once.
  await import('reflect-metadata');
  const { KeyUsageFlags, KeyUsagesExtension, X509CertificateGenerator } = await import('@peculiar/x509');
  const { subtle } = webcrypto;
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: makeSerial(),
      name: 'CN=Sealane',
      notBefore: new Date('1970-01-01T00:00:00Z'),
      notAfter: new Date('9999-12-31T23:59:59Z'),
      signingAlgorithm: ECDSA,
      keys: {
        privateKey: await subtle.importKey(
          'pkcs8',
          privateKey.export({ format: 'der', type: 'pkcs8' }),
          ECDSA,
          false,
          ['sign'],
        ),
        publicKey: await subtle.importKey(
          'spki',
          publicKey.export({ format: 'der', type: 'spki' }),
          ECDSA,
          true,
          ['verify'],
        ),
      },
      extensions: [new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)],
    },
    webcrypto,
  );
  return certificate.toString('pem');
}

/** 16 random bytes in hexadecimal, the first of them between 0x40 and 0x7f: a positive DER integer without padding. */
function makeSerial(): string {
  const [first = 0, ...rest] = randomBytes(16);
  return Buffer.from([(first & 0x3f) | 0x40, ...rest]).toString('hex');
}

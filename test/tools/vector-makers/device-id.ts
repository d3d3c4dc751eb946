import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { formatDeviceId } from '../../../shared/device-id.ts';
import { bytesNamed, hex, identityNamed } from './material.ts';

/** Vectors of the device id: its writing, and what it is the hash of. */
export async function deviceIdVectors(): Promise<object> {
  const identities = await Promise.all(['Ada', 'Grace', 'Hedy'].map(identityNamed));
  const spkiOn = (namedCurve: string) =>
    hex(generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'der', type: 'spki' }));
  const spki = hex(identities[0]?.spki ?? new Uint8Array());
  return {
    writing: [new Uint8Array(32), new Uint8Array(32).fill(0xff), bytesNamed('one'), bytesNamed('two')].map(
      (hash) => ({ hash: hex(hash), id: formatDeviceId(hash) }),
    ),
    keys: identities.map((identity) => ({
      spki: hex(identity.spki),
      certificate: hex(new X509Certificate(identity.certificatePem).raw),
      sha256: createHash('sha256').update(identity.spki).digest('hex'),
      id: identity.id,
    })),
    refusedKeys: [
      { why: 'nothing', spki: '' },
      { why: 'P-384', spki: spkiOn('P-384') },
      { why: 'secp256k1', spki: spkiOn('secp256k1') },
      {
        why: 'Ed25519',
        spki: hex(generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' })),
      },
      { why: 'one byte short', spki: spki.slice(0, -2) },
      { why: 'one byte more', spki: `${spki}00` },
      { why: 'a point that is not on the curve', spki: `${spki.slice(0, -2)}${flip(spki.slice(-2))}` },
    ],
  };
}

function flip(byte: string): string {
  return (Number.parseInt(byte, 16) ^ 1).toString(16).padStart(2, '0');
}

import sodium from 'libsodium-wrappers';
import { transcriptHash, transferKey } from '../../../src-main/engine/transfer/key-schedule.ts';
import { bytesNamed, hex, pattern } from './material.ts';

/** The first example of draft-connolly-cfrg-xwing-kem, appendix C: made by others, so that it holds us against them. */
const DRAFT = {
  seed: '7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26',
  encapsulationSeed:
    '3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2' +
    '35b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2',
  sharedSecret: 'd2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384',
};

/** Vectors of the key encapsulation, the transcript and the key of a transfer. */
export async function keyScheduleVectors(): Promise<object> {
  await sodium.ready;
  const fromHex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
  const kem = (seed: Uint8Array, encapsulationSeed: Uint8Array) => {
    const { publicKey } = sodium.crypto_kem_xwing_seed_keypair(seed);
    const { ciphertext, sharedSecret } = sodium.crypto_kem_xwing_enc_deterministic(
      publicKey,
      encapsulationSeed,
    );
    return {
      seed: hex(seed),
      encapsulationSeed: hex(encapsulationSeed),
      publicKey: hex(publicKey),
      ciphertext: hex(ciphertext),
      sharedSecret: hex(sharedSecret),
    };
  };
  const draft = kem(fromHex(DRAFT.seed), fromHex(DRAFT.encapsulationSeed));
  if (draft.sharedSecret !== DRAFT.sharedSecret) throw new Error('libsodium does not agree with the draft');

  const sharedSecret = fromHex(draft.sharedSecret);
  const bodies: readonly (readonly [Uint8Array, Uint8Array])[] = [
    [new Uint8Array(), new Uint8Array()],
    [pattern(1), new Uint8Array()],
    [new Uint8Array(), pattern(1)],
    [pattern(300), pattern(1300)],
  ];
  const { publicKey, ciphertext } = draft;
  return {
    kem: [draft, kem(bytesNamed('seed'), Buffer.concat([bytesNamed('left'), bytesNamed('right')]))],
    refusedPublicKeys: [
      { why: 'nothing', publicKey: '' },
      { why: 'one byte short', publicKey: publicKey.slice(2) },
      { why: 'one byte more', publicKey: `${publicKey}00` },
      {
        why: 'ML-KEM coefficients out of range',
        publicKey: `${'ff'.repeat(1184)}${publicKey.slice(2 * 1184)}`,
      },
      { why: 'X25519 share of small order', publicKey: `${publicKey.slice(0, 2 * 1184)}${'00'.repeat(32)}` },
    ],
    refusedCiphertexts: [
      { why: 'nothing', ciphertext: '' },
      { why: 'one byte short', ciphertext: ciphertext.slice(2) },
      { why: 'one byte more', ciphertext: `${ciphertext}00` },
      {
        why: 'X25519 share of small order',
        ciphertext: `${ciphertext.slice(0, 2 * 1088)}${'00'.repeat(32)}`,
      },
    ],
    transferKeys: bodies.map(([offer, accept], at) => {
      const exporter = bytesNamed(`exporter ${at}`);
      const transcript = transcriptHash(offer, accept);
      return {
        offer: hex(offer),
        accept: hex(accept),
        transcript: hex(transcript),
        sharedSecret: hex(sharedSecret),
        exporter: hex(exporter),
        key: hex(transferKey({ sharedSecret, exporter, transcript })),
      };
    }),
  };
}

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  encapsulate,
  ephemeralKem,
  KEM_CIPHERTEXT_BYTES,
  KEM_PUBLIC_KEY_BYTES,
  kemOfSeed,
  transcriptHash,
  transferKey,
} from '../../../../src-main/engine/transfer/key-schedule.ts';
import vectors from '../../../vectors/key-schedule.json' with { type: 'json' };
import { codeOf, fromHex, toHex } from '../support.ts';

describe('the key encapsulation', () => {
  it('gives both sides the same secret, another one each time', async () => {
    const kem = await ephemeralKem();
    expect(kem.publicKey).toHaveLength(KEM_PUBLIC_KEY_BYTES);
    const secrets = await Promise.all([encapsulate(kem.publicKey), encapsulate(kem.publicKey)]);
    for (const { ciphertext, sharedSecret } of secrets) {
      expect(ciphertext).toHaveLength(KEM_CIPHERTEXT_BYTES);
      expect(sharedSecret).toHaveLength(32);
      expect(kem.decapsulate(ciphertext)).toEqual(sharedSecret);
    }
    expect(secrets[0].sharedSecret).not.toEqual(secrets[1].sharedSecret);
    expect((await ephemeralKem()).publicKey).not.toEqual(kem.publicKey);
  });

  it('gives a changed ciphertext, or another key, a secret that nobody else has', async () => {
    const kem = await ephemeralKem();
    const { ciphertext, sharedSecret } = await encapsulate(kem.publicKey);
    for (const at of [0, 500, 1087, 1088, 1100]) {
      const changed = Uint8Array.from(ciphertext, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(kem.decapsulate(changed)).not.toEqual(sharedSecret);
    }
    expect((await ephemeralKem()).decapsulate(ciphertext)).not.toEqual(sharedSecret);
  });

  it('forgets its key when told to', async () => {
    const kem = await ephemeralKem();
    const { ciphertext } = await encapsulate(kem.publicKey);
    kem.wipe();
    kem.wipe();
    expect(() => kem.decapsulate(ciphertext)).toThrow('wiped');
  });

  it.each(vectors.kem)('is X-Wing as in the test vectors: $seed', async (vector) => {
    const seed = fromHex(vector.seed);
    const kem = await kemOfSeed(seed);
    expect(toHex(kem.publicKey)).toBe(vector.publicKey);
    expect(toHex(kem.decapsulate(fromHex(vector.ciphertext)))).toBe(vector.sharedSecret);
    expect(seed).toEqual(new Uint8Array(32));
  });

  it.each(vectors.refusedPublicKeys)('refuses a public key: $why', async ({ publicKey }) => {
    expect(await codeOf(() => encapsulate(fromHex(publicKey)))).toBe('frame-malformed');
  });

  it.each(vectors.refusedCiphertexts)('refuses a ciphertext: $why', async ({ ciphertext }) => {
    const kem = await kemOfSeed(fromHex(vectors.kem[0]?.seed ?? ''));
    expect(await codeOf(() => kem.decapsulate(fromHex(ciphertext)))).toBe('frame-malformed');
  });
});

describe('the key of a transfer', () => {
  it.each(vectors.transferKeys)('is as in the test vectors: $key', (vector) => {
    const transcript = transcriptHash(fromHex(vector.offer), fromHex(vector.accept));
    expect(toHex(transcript)).toBe(vector.transcript);
    const sharedSecret = fromHex(vector.sharedSecret);
    const exporter = fromHex(vector.exporter);
    expect(toHex(transferKey({ sharedSecret, exporter, transcript }))).toBe(vector.key);
  });

  it('is another one for another secret, connection or conversation', () => {
    const bytes = () => new Uint8Array(randomBytes(32));
    const from = { sharedSecret: bytes(), exporter: bytes(), transcript: bytes() };
    const keys = [
      from,
      { ...from, sharedSecret: bytes() },
      { ...from, exporter: bytes() },
      { ...from, transcript: bytes() },
      { ...from, sharedSecret: from.exporter, exporter: from.sharedSecret },
    ].map((one) => toHex(transferKey(one)));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is not made of anything of another length', () => {
    const good = new Uint8Array(32);
    const wrong = new Uint8Array(31);
    const from = { sharedSecret: good, exporter: good, transcript: good };
    for (const part of ['sharedSecret', 'exporter', 'transcript']) {
      expect(() => transferKey({ ...from, [part]: wrong })).toThrow(RangeError);
    }
  });
});

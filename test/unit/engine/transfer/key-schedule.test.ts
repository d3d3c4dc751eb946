import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
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
import { copiesIn } from './memory-of.ts';

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

  it('gives the same secret however often it was used before', async () => {
    const kem = await ephemeralKem();
    const { ciphertext, sharedSecret } = await encapsulate(kem.publicKey);
    for (let other = 0; other < 50; other += 1) {
      const its = await ephemeralKem();
      const sent = await encapsulate(its.publicKey);
      expect(its.decapsulate(sent.ciphertext)).toEqual(sent.sharedSecret);
      expect(await codeOf(() => encapsulate(new Uint8Array(KEM_PUBLIC_KEY_BYTES).fill(255)))).toBe(
        'frame-malformed',
      );
    }
    expect(kem.decapsulate(ciphertext)).toEqual(sharedSecret);
  });

  it.runIf(process.platform === 'linux')(
    'leaves no copy of private key and shared secret in the memory of the process',
    async () => {
      const fixture = join(import.meta.dirname, 'fixtures', 'forget-kem.ts');
      const child = spawn(process.execPath, [fixture], { stdio: ['ignore', 'pipe', 'inherit'] });
      onTestFinished(() => {
        child.kill('SIGKILL');
      });
      const lines: unknown[] = await once(child.stdout, 'data');
      const hex = z.array(z.string());
      const said = z
        .object({ privateKey: hex, sharedSecret: hex, kept: hex })
        .parse(JSON.parse(String(lines[0])));
      const count = async (turned: readonly string[]) =>
        copiesIn(
          child.pid ?? 0,
          turned
            .map((text) => Buffer.from(text, 'hex').map((byte) => byte ^ 0xff))
            .map((bytes) => Buffer.from(bytes)),
        );
      // What was not wiped is found.
      expect(await count(said.kept)).not.toEqual([0]);
      expect(await count(said.privateKey)).toEqual([0, 0, 0]);
      expect(await count(said.sharedSecret)).toEqual([0, 0, 0]);
    },
    60_000,
  );

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

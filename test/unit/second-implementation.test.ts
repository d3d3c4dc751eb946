import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import contentVectors from '../vectors/content.json' with { type: 'json' };
import { Content } from '../second-implementation/content.mjs';
import { Failure } from '../second-implementation/failure.mjs';
import { idOf, idOfKey, isSpki, spkiIn } from '../second-implementation/identity.mjs';
import { readInvite } from '../second-implementation/invite.mjs';
import { MemorySink } from '../second-implementation/memory-sink.mjs';
import { schemas } from '../second-implementation/messages.mjs';
import { proofs } from '../second-implementation/pairing.mjs';
import { recordsIn } from '../second-implementation/records.mjs';
import {
  Opener,
  Sealer,
  associatedData,
  decapsulate,
  encapsulate,
  transcriptOf,
  transferKey,
} from '../second-implementation/seal.mjs';

/** The second implementation, which knows docs/protocol.md only, against the vectors that the first one made. */

const bytes = z
  .string()
  .regex(/^([0-9a-f]{2})*$/u)
  .transform((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));

function vectors<T extends z.ZodRawShape>(name: string, shape: T) {
  const url = new URL(`../vectors/${name}.json`, import.meta.url);
  return z.looseObject(shape).parse(JSON.parse(readFileSync(url, 'utf8')));
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
  return 'nothing';
}

describe('the second implementation', () => {
  it('writes device ids, and takes and refuses keys, as the vectors say', () => {
    const { writing, keys, refusedKeys } = vectors('device-id', {
      writing: z.array(z.object({ hash: bytes, id: z.string() })),
      keys: z.array(z.object({ spki: bytes, certificate: bytes, id: z.string() })),
      refusedKeys: z.array(z.object({ why: z.string(), spki: bytes })),
    });
    for (const { hash, id } of writing) expect(idOf(hash)).toBe(id);
    for (const { spki, certificate, id } of keys) {
      expect(isSpki(spki)).toBe(true);
      expect(idOfKey(spki)).toBe(id);
      expect(spkiIn(certificate)).toEqual(spki);
    }
    for (const { why, spki } of refusedKeys) expect(isSpki(spki), why).toBe(false);
  });

  it('accepts and refuses invites, each for its reason, as the vectors say', () => {
    const { now, accepted, refused } = vectors('invite', {
      now: z.number(),
      accepted: z.array(z.object({ what: z.string(), text: z.string() })),
      refused: z.array(z.object({ what: z.string(), text: z.string(), error: z.string() })),
    });
    for (const { what, text } of accepted)
      expect(
        codeOf(() => readInvite(text, now)),
        what,
      ).toBe('nothing');
    for (const { what, text, error } of refused)
      expect(
        codeOf(() => readInvite(text, now)),
        what,
      ).toBe(error);
  });

  it('makes the proofs, the commitment and the code of the vectors', () => {
    const { vectors: all } = vectors('proof-and-code', {
      vectors: z.array(
        z.looseObject({
          inviterSpki: bytes,
          inviteeSpki: bytes,
          exporter: bytes,
          secret: bytes,
          inviteeProof: bytes,
          inviterProof: bytes,
          inviterNonce: bytes,
          inviteeNonce: bytes,
          commitment: bytes,
          code: z.string(),
        }),
      ),
    });
    expect(all.length).toBeGreaterThan(0);
    for (const each of all) {
      const values = proofs(each.inviterSpki, each.inviteeSpki, each.exporter);
      expect(values.invitee(each.secret)).toEqual(each.inviteeProof);
      expect(values.inviter(each.secret)).toEqual(each.inviterProof);
      expect(values.commitment(each.inviterNonce)).toEqual(each.commitment);
      expect(values.code(each.inviterNonce, each.inviteeNonce)).toBe(each.code);
    }
  });

  it('agrees on keys, and refuses KEM keys and ciphertexts, as the vectors say', () => {
    const { kem, refusedPublicKeys, refusedCiphertexts, transferKeys } = vectors('key-schedule', {
      kem: z.tuple(
        [
          z.object({
            seed: bytes,
            encapsulationSeed: bytes,
            publicKey: bytes,
            ciphertext: bytes,
            sharedSecret: bytes,
          }),
        ],
        z.looseObject({
          seed: bytes,
          encapsulationSeed: bytes,
          publicKey: bytes,
          ciphertext: bytes,
          sharedSecret: bytes,
        }),
      ),
      refusedPublicKeys: z.array(z.object({ why: z.string(), publicKey: bytes })),
      refusedCiphertexts: z.array(z.object({ why: z.string(), ciphertext: bytes })),
      transferKeys: z.array(
        z.object({
          offer: bytes,
          accept: bytes,
          transcript: bytes,
          sharedSecret: bytes,
          exporter: bytes,
          key: bytes,
        }),
      ),
    });
    for (const { seed, encapsulationSeed, publicKey, ciphertext, sharedSecret } of kem) {
      const { cipherText, sharedSecret: shared } = encapsulate(publicKey, encapsulationSeed);
      expect(cipherText).toEqual(ciphertext);
      expect(shared).toEqual(sharedSecret);
      expect(decapsulate(ciphertext, seed)).toEqual(sharedSecret);
    }
    for (const { why, publicKey } of refusedPublicKeys)
      expect(
        codeOf(() => encapsulate(publicKey)),
        why,
      ).toBe('frame-malformed');
    for (const { why, ciphertext } of refusedCiphertexts)
      expect(
        codeOf(() => decapsulate(ciphertext, kem[0].seed)),
        why,
      ).toBe('frame-malformed');
    for (const { offer, accept, transcript, sharedSecret, exporter, key } of transferKeys) {
      expect(transcriptOf(offer, accept)).toEqual(transcript);
      expect(transferKey(sharedSecret, exporter, transcript)).toEqual(key);
    }
  });

  it('seals and opens, and refuses tags that are not used, as the vectors say', () => {
    const stream = z.looseObject({
      key: bytes,
      header: bytes,
      transfer: z.string(),
      chunks: z.array(
        z.object({
          entry: z.number(),
          offset: z.number(),
          associatedData: bytes,
          plaintext: bytes,
          final: z.boolean(),
          sealed: bytes,
        }),
      ),
    });
    const { accepted, refused } = vectors('seal', { accepted: z.array(stream), refused: z.array(stream) });
    for (const { key, header, transfer, chunks } of accepted) {
      const [opener, sealer] = [new Opener(key, header), new Sealer(key, header)];
      for (const chunk of chunks) {
        const data = associatedData(transfer, chunk);
        expect(data).toEqual(chunk.associatedData);
        expect(sealer.seal(chunk.plaintext, data, chunk.final ? 3 : 0)).toEqual(chunk.sealed);
        expect(opener.open(chunk.sealed, data)).toEqual({
          plaintext: chunk.plaintext,
          isFinal: chunk.final,
        });
      }
    }
    for (const { key, header, chunks } of refused) {
      const opener = new Opener(key, header);
      const outcomes = chunks.map((chunk) => codeOf(() => opener.open(chunk.sealed, chunk.associatedData)));
      expect(outcomes).toEqual([...chunks.slice(1).map(() => 'nothing'), 'chunk-forged']);
    }
  });

  it('takes and refuses whole streams of content, over one connection or several, as the vectors say', async () => {
    for (const { what, offer, connections, ...expected } of contentVectors.accepted) {
      const { content, sink } = receiving(offer);
      for (const connection of connections)
        expect(await play(content, offer, connection), what).toBe('nothing');
      expect(content.isFinished, what).toBe(true);
      const { skipped, done: entries } = content;
      expect({ entries, ...sink.result, skipped }, what).toEqual(expected);
    }
    for (const { what, error, offer, connections } of contentVectors.refused) {
      const { content } = receiving(offer);
      const [connection] = connections;
      if (connection === undefined) throw new Error(`${what} has no connection`);
      const passing = { ...connection, chunks: connection.chunks.slice(0, -1) };
      expect(await play(content, offer, passing), what).toBe('nothing');
      const again = receiving(offer).content;
      expect(await play(again, offer, connection), what).toBe(error);
    }
  });
});

type Connection = (typeof contentVectors.accepted)[number]['connections'][number];

function receiving(offer: unknown) {
  if (!schemas.offer(offer)) throw new Error('no offer');
  const sink = new MemorySink();
  return { sink, content: new Content(offer, sink) };
}

/** Opens and takes every chunk of a connection; gives the code of what is refused. */
async function play(content: Content, offer: unknown, { key, header, from, chunks }: Connection) {
  if (!schemas.offer(offer)) throw new Error('no offer');
  expect(await content.begin(offer)).toEqual(from);
  const opener = new Opener(bytes.parse(key), bytes.parse(header));
  try {
    for (const { sealed } of chunks) {
      const data = associatedData(offer.transfer, content.place);
      const { plaintext, isFinal } = opener.open(bytes.parse(sealed), data);
      await content.take(recordsIn(plaintext), isFinal);
    }
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
  return 'nothing';
}

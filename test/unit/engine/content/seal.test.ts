import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import sodium from 'libsodium-wrappers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SEAL_OVERHEAD_BYTES } from '../../../../shared/limits.ts';
import { transferIdSchema } from '../../../../shared/views.ts';
import { chunkAssociatedData, loadCipher, sealedLength } from '../../../../src-main/engine/content/seal.ts';
import type { Cipher, Opener } from '../../../../src-main/engine/content/seal.ts';
import vectors from '../../../vectors/seal.json' with { type: 'json' };
import { codeOf, fromHex, toHex } from '../support.ts';

const native = await loadCipher('native');
const wasm = await loadCipher('wasm');
const ciphers = [native, wasm];
const pairs = ciphers.flatMap((sealing) => ciphers.map((opening) => ({ sealing, opening })));

const transfer = transferIdSchema.parse('00112233445566778899aabbccddeeff');
const bytes = (length: number) => new Uint8Array(randomBytes(length));

interface Chunk {
  readonly plaintext: Uint8Array;
  readonly sealed: Uint8Array;
  readonly associatedData: Uint8Array;
}

/** A whole stream of chunks of these sizes, as if one file were cut into them. */
function seal(
  cipher: Cipher,
  key: Uint8Array,
  sizes: readonly number[],
): { header: Uint8Array; chunks: Chunk[] } {
  const sealer = cipher.sealer(key);
  let offset = 0;
  const chunks = sizes.map((size, at) => {
    const plaintext = bytes(size);
    const associatedData = chunkAssociatedData(transfer, 0, offset);
    const sealed = new Uint8Array(sealedLength(size));
    sealer.seal(plaintext, sealed, associatedData, at === sizes.length - 1);
    offset += size;
    return { plaintext, sealed, associatedData };
  });
  return { header: sealer.header, chunks };
}

function open(opener: Opener, { sealed, associatedData }: Chunk): { plaintext: Uint8Array; final: boolean } {
  const into = new Uint8Array(Math.max(0, sealed.length - SEAL_OVERHEAD_BYTES));
  const { length, final } = opener.open(sealed, into, associatedData);
  return { plaintext: into.subarray(0, length), final };
}

const withByteChanged = (of: Uint8Array, at: number) =>
  Uint8Array.from(of, (byte, index) => (index === at ? byte ^ 0x80 : byte));

describe('loading a cipher', () => {
  it('gives the native one here, and the WebAssembly one when asked', async () => {
    expect(native.kind).toBe('native');
    expect(wasm.kind).toBe('wasm');
    expect((await loadCipher()).kind).toBe('native');
  });

  it('falls back to WebAssembly where the native one cannot be loaded', async () => {
    const broken = {
      native: () => Promise.reject(new Error('no binary')),
      wasm: () => Promise.resolve(wasm),
    };
    expect((await loadCipher('native', broken)).kind).toBe('wasm');
    expect((await loadCipher(undefined, broken)).kind).toBe('wasm');
  });

  it.each(ciphers)('works in a worker thread: $kind', async (cipher) => {
    const key = bytes(32);
    const plaintext = bytes(1000);
    const associatedData = chunkAssociatedData(transfer, 0, 0);
    const worker = new Worker(join(import.meta.dirname, 'fixtures', 'seal-in-worker.mjs'), {
      workerData: { prefer: cipher.kind, key, plaintext, associatedData },
    });
    const messages: unknown[] = await once(worker, 'message');
    const chunk = z.instanceof(Uint8Array);
    const answer = z.strictObject({ kind: z.string(), header: chunk, sealed: chunk }).parse(messages[0]);
    expect(answer.kind).toBe(cipher.kind);
    const opened = open(wasm.opener(key, answer.header), { ...answer, plaintext, associatedData });
    expect(opened).toEqual({ plaintext, final: true });
    await worker.terminate();
  });
});

describe('the place of a chunk', () => {
  it('is written in 47 bytes', () => {
    expect(toHex(chunkAssociatedData(transfer, 1, 2 ** 32 + 5))).toBe(
      toHex(Buffer.from('sealane/1 chunk')) + transfer + '0000000000000001' + '0000000100000005',
    );
  });

  it('is nowhere else', () => {
    for (const wrong of [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN]) {
      expect(() => chunkAssociatedData(transfer, wrong, 0)).toThrow(RangeError);
      expect(() => chunkAssociatedData(transfer, 0, wrong)).toThrow(RangeError);
    }
  });
});

describe.each(pairs)('sealed by $sealing.kind, opened by $opening.kind', ({ sealing, opening }) => {
  it('every size comes back, and the last chunk says so', () => {
    const key = bytes(32);
    const sizes = [1, 0, 15, 16, 17, 63, 64, 65, 255, 256, 64 * 1024, 1024 * 1024, 0, 1000];
    const { header, chunks } = seal(sealing, key, sizes);
    const opener = opening.opener(key, header);
    chunks.forEach((chunk, at) => {
      const { plaintext, final } = open(opener, chunk);
      expect(Buffer.from(plaintext).equals(chunk.plaintext)).toBe(true);
      expect(final).toBe(at === sizes.length - 1);
    });
  });

  it('an empty stream is one final chunk', () => {
    const key = bytes(32);
    const { header, chunks } = seal(sealing, key, [0]);
    expect(chunks[0]?.sealed).toHaveLength(SEAL_OVERHEAD_BYTES);
    for (const chunk of chunks) {
      expect(open(opening.opener(key, header), chunk)).toEqual({ plaintext: chunk.plaintext, final: true });
    }
  });

  it('longer buffers are filled from their beginning and not beyond', () => {
    const key = bytes(32);
    const sealer = sealing.sealer(key);
    const sealed = new Uint8Array(200).fill(0xaa);
    expect(sealer.seal(new Uint8Array(100), sealed.subarray(10), new Uint8Array(), true)).toBe(117);
    expect(sealed.subarray(0, 10)).toEqual(new Uint8Array(10).fill(0xaa));
    expect(sealed.subarray(127)).toEqual(new Uint8Array(73).fill(0xaa));
    const into = new Uint8Array(150).fill(0xbb);
    const opened = opening.opener(key, sealer.header).open(sealed.subarray(10, 127), into, new Uint8Array());
    expect(opened).toEqual({ length: 100, final: true });
    expect(into.subarray(0, 100)).toEqual(new Uint8Array(100));
    expect(into.subarray(100)).toEqual(new Uint8Array(50).fill(0xbb));
  });
});

describe.each(ciphers)('the $kind opener', (cipher) => {
  const key = bytes(32);
  const { header, chunks } = seal(cipher, key, [100, 100, 100]);
  const [first, second, third] = chunks;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three chunks');
  const last = first.sealed.length - 1;

  /** Opens all chunks but the last, which must fail, and so must every sound one after it. */
  const expectForged = async (...sequence: readonly Chunk[]) => {
    const opener = cipher.opener(key, header);
    for (const chunk of sequence.slice(0, -1)) open(opener, chunk);
    const bad = sequence.at(-1);
    expect(
      await codeOf(() => {
        if (bad !== undefined) open(opener, bad);
      }),
    ).toBe('chunk-forged');
    for (const chunk of chunks) expect(await codeOf(() => open(opener, chunk))).toBe('chunk-forged');
  };

  it.each([
    ['the tag', 0],
    ['the first byte of content', 1],
    ['a byte in the middle', 50],
    ['the last byte of content', last - 16],
    ['the first byte of the authenticator', last - 15],
    ['the last byte of the authenticator', last],
  ])('refuses a chunk with %s changed', async (_where, at) => {
    await expectForged({ ...first, sealed: withByteChanged(first.sealed, at) });
    await expectForged(first, { ...second, sealed: withByteChanged(second.sealed, at) });
  });

  it('refuses a chunk with any byte changed, and writes nothing of it', async () => {
    for (let at = 0; at < first.sealed.length; at += 1) {
      const into = new Uint8Array(100).fill(0xcc);
      const opener = cipher.opener(key, header);
      const changed = withByteChanged(first.sealed, at);
      expect(await codeOf(() => opener.open(changed, into, first.associatedData))).toBe('chunk-forged');
      expect(into).toEqual(new Uint8Array(100).fill(0xcc));
    }
  });

  it('refuses a chunk that was cut or grew', async () => {
    for (const length of [0, 1, 16, 17, 50, last]) {
      await expectForged({ ...first, sealed: first.sealed.subarray(0, length) });
    }
    await expectForged({ ...first, sealed: new Uint8Array([...first.sealed, 0]) });
  });

  it('refuses a chunk that was dropped, repeated or moved', async () => {
    await expectForged(second);
    await expectForged(first, third);
    await expectForged(first, first);
    await expectForged(first, second, first);
  });

  it('does not take a chunk for the last one when the stream was cut off', () => {
    const opener = cipher.opener(key, header);
    expect([first, second].map((chunk) => open(opener, chunk).final)).toEqual([false, false]);
  });

  it('takes nothing after the last one', async () => {
    const opener = cipher.opener(key, header);
    chunks.forEach((chunk) => open(opener, chunk));
    for (const chunk of chunks) expect(await codeOf(() => open(opener, chunk))).toBe('frame-out-of-order');
  });

  it('refuses a chunk at another place', async () => {
    const elsewhere = [
      chunkAssociatedData(transfer, 1, 0),
      chunkAssociatedData(transfer, 0, 1),
      chunkAssociatedData(transferIdSchema.parse('f'.repeat(32)), 0, 0),
      new Uint8Array(),
      first.associatedData.subarray(1),
    ];
    for (const associatedData of elsewhere) await expectForged({ ...first, associatedData });
  });

  it('refuses a stream under another key or another header', async () => {
    for (const opener of [
      cipher.opener(bytes(32), header),
      cipher.opener(withByteChanged(key, 31), header),
      ...Array.from({ length: 24 }, (_, at) => cipher.opener(key, withByteChanged(header, at))),
    ]) {
      expect(await codeOf(() => open(opener, first))).toBe('chunk-forged');
    }
  });

  it('refuses a genuine chunk with a tag that Sealane does not use', async () => {
    for (const tag of [
      sodium.crypto_secretstream_xchacha20poly1305_TAG_PUSH,
      sodium.crypto_secretstream_xchacha20poly1305_TAG_REKEY,
      4,
      255,
    ]) {
      const stream = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
      const sealed = sodium.crypto_secretstream_xchacha20poly1305_push(
        stream.state,
        first.plaintext,
        first.associatedData,
        tag,
      );
      const opener = cipher.opener(key, stream.header);
      expect(await codeOf(() => open(opener, { ...first, sealed }))).toBe('chunk-forged');
    }
  });

  it('opens nothing after it was wiped', async () => {
    const opener = cipher.opener(key, header);
    opener.wipe();
    opener.wipe();
    expect(await codeOf(() => open(opener, first))).toBe('chunk-forged');
  });

  it('wants room, keys and headers of the right length, and memory of its own', () => {
    expect(() => cipher.opener(key.subarray(1), header)).toThrow(RangeError);
    expect(() => cipher.opener(key, header.subarray(1))).toThrow(RangeError);
    const opener = cipher.opener(key, header);
    const shared = new Uint8Array(new SharedArrayBuffer(200));
    expect(() => opener.open(first.sealed, new Uint8Array(99), first.associatedData)).toThrow(RangeError);
    expect(() => opener.open(first.sealed, shared, first.associatedData)).toThrow(TypeError);
    expect(() => opener.open(shared, new Uint8Array(200), first.associatedData)).toThrow(TypeError);
    // None of which harms the stream.
    expect(open(opener, first).plaintext).toEqual(first.plaintext);
  });
});

describe.each(ciphers)('the $kind sealer', (cipher) => {
  const ad = new Uint8Array();

  it('leaves the key to the caller and gives every stream another header', () => {
    const key = bytes(32);
    const before = key.slice();
    const [one, other] = [cipher.sealer(key), cipher.sealer(key)];
    expect(one.header).toHaveLength(24);
    expect(one.header).not.toEqual(other.header);
    one.seal(new Uint8Array(10), new Uint8Array(27), ad, true);
    expect(key).toEqual(before);
  });

  it('seals nothing after the end or after it was wiped', () => {
    const ended = cipher.sealer(bytes(32));
    ended.seal(new Uint8Array(), new Uint8Array(17), ad, true);
    const wiped = cipher.sealer(bytes(32));
    wiped.wipe();
    for (const sealer of [ended, wiped]) {
      expect(() => sealer.seal(new Uint8Array(), new Uint8Array(17), ad, false)).toThrow('ended');
    }
  });

  it('wants room, a key of the right length, and memory of its own', () => {
    expect(() => cipher.sealer(new Uint8Array(31))).toThrow(RangeError);
    const sealer = cipher.sealer(bytes(32));
    const shared = new Uint8Array(new SharedArrayBuffer(100));
    expect(() => sealer.seal(new Uint8Array(10), new Uint8Array(26), ad, true)).toThrow(RangeError);
    expect(() => sealer.seal(new Uint8Array(10), shared, ad, true)).toThrow(TypeError);
    expect(() => sealer.seal(shared, new Uint8Array(200), ad, true)).toThrow(TypeError);
    expect(sealer.seal(new Uint8Array(10), new Uint8Array(27), ad, true)).toBe(27);
  });
});

describe.each(ciphers)('the test vectors, by $kind', (cipher) => {
  it.each(vectors.accepted)('$what', ({ key, header, transfer: id, chunks }) => {
    const opener = cipher.opener(fromHex(key), fromHex(header));
    for (const chunk of chunks) {
      const associatedData = chunkAssociatedData(transferIdSchema.parse(id), chunk.entry, chunk.offset);
      expect(toHex(associatedData)).toBe(chunk.associatedData);
      const plaintext = fromHex(chunk.plaintext);
      const opened = open(opener, { plaintext, sealed: fromHex(chunk.sealed), associatedData });
      expect(opened).toEqual({ plaintext, final: chunk.final });
    }
  });

  it.each(vectors.refused)('refused: $what', async ({ key, header, chunks }) => {
    const opener = cipher.opener(fromHex(key), fromHex(header));
    const codes = [];
    for (const { plaintext, sealed, associatedData } of chunks) {
      const chunk = {
        plaintext: fromHex(plaintext),
        sealed: fromHex(sealed),
        associatedData: fromHex(associatedData),
      };
      codes.push(await codeOf(() => open(opener, chunk)));
    }
    expect(codes).toEqual([undefined, 'chunk-forged']);
  });
});

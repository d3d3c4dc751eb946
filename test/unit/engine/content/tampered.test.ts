import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../../shared/errors.ts';
import { createContentReceiver } from '../../../../src-main/engine/content/receiver-handle.ts';
import { codeOf } from '../support.ts';
import { deliver, refuse, sealed } from './deliver.ts';
import { OTHER_TRANSFER, agreedTo, newFolder, newKey, picture, receiverFor } from './support.ts';

describe('a stream that is not the one that was sealed', () => {
  const flip = (chunk: Uint8Array | undefined, at: number): Uint8Array<ArrayBuffer> => {
    const changed = Uint8Array.from(chunk ?? []);
    const index = at < 0 ? changed.length + at : at;
    changed[index] = (changed[index] ?? 0) ^ 1;
    return changed;
  };
  type Chunks = readonly Uint8Array<ArrayBuffer>[];
  const pick = (chunks: Chunks, ...indices: number[]): Uint8Array<ArrayBuffer>[] =>
    indices.flatMap((index) => chunks[index] ?? []);

  const tampered: Record<string, { change: (chunks: Chunks) => Chunks; code: ErrorCode }> = {
    'a bit changed in the first byte': {
      change: (chunks) => [flip(chunks[0], 0), ...chunks.slice(1)],
      code: 'chunk-forged',
    },
    'a bit changed in the middle': {
      change: (chunks) => [...pick(chunks, 0), flip(chunks[1], 1000), ...pick(chunks, 2, 3)],
      code: 'chunk-forged',
    },
    'a bit changed in the last byte': {
      change: (chunks) => [...chunks.slice(0, -1), flip(chunks.at(-1), -1)],
      code: 'chunk-forged',
    },
    'the first chunk dropped': { change: (chunks) => chunks.slice(1), code: 'chunk-forged' },
    'a chunk dropped': { change: (chunks) => pick(chunks, 0, 2, 3), code: 'chunk-forged' },
    'the last chunk dropped': { change: (chunks) => chunks.slice(0, -1), code: 'content-truncated' },
    'all chunks dropped': { change: () => [], code: 'content-truncated' },
    'a chunk repeated': { change: (chunks) => pick(chunks, 0, 1, 1, 2, 3), code: 'chunk-forged' },
    'the last chunk repeated': {
      change: (chunks) => pick(chunks, 0, 1, 2, 3, 3),
      code: 'frame-out-of-order',
    },
    'two chunks swapped': { change: (chunks) => pick(chunks, 0, 2, 1, 3), code: 'chunk-forged' },
    'a chunk cut off': {
      change: (chunks) => [
        ...pick(chunks, 0),
        ...pick(chunks, 1).map((chunk) => chunk.slice(0, -1)),
        ...pick(chunks, 2),
      ],
      code: 'chunk-forged',
    },
    'a chunk cut to less than a tag': {
      change: (chunks) => pick(chunks, 0).map((chunk) => chunk.slice(0, 16)),
      code: 'chunk-forged',
    },
    'an empty chunk': { change: () => [new Uint8Array(0)], code: 'chunk-forged' },
    'a byte added': {
      change: (chunks) => pick(chunks, 0).map((chunk) => Uint8Array.from([...chunk, 0])),
      code: 'chunk-forged',
    },
  };
  for (const [name, { change, code }] of Object.entries(tampered)) {
    it(`is refused with no trace: ${name}`, async () => {
      const honest = await sealed();
      expect(await refuse(change(honest.chunks), honest)).toBe(code);
    });
  }

  it('is refused with no trace: a chunk of another transfer', async () => {
    const honest = await sealed();
    const other = await sealed();
    const chunks = [...pick(honest.chunks, 0), ...pick(other.chunks, 1), ...pick(honest.chunks, 2, 3)];
    expect(await refuse(chunks, honest)).toBe('chunk-forged');
  });

  it('is refused with no trace: another key, another header', async () => {
    const honest = await sealed();
    expect(await refuse(honest.chunks, { ...honest, key: newKey() })).toBe('chunk-forged');
    expect(await refuse(honest.chunks, { ...honest, header: new Uint8Array(24) })).toBe('chunk-forged');
  });

  it('is refused with no trace: the same under the id of another transfer', async () => {
    const honest = await sealed();
    const destination = newFolder();
    const receiver = createContentReceiver();
    await receiver.prepare({
      transfer: OTHER_TRANSFER,
      agreed: agreedTo(destination),
      journalFolder: newFolder(),
      offered: honest.offered,
    });
    await receiver.begin({ key: Uint8Array.from(honest.key), header: honest.header });
    expect(await deliver(receiver, honest.chunks)).toBe('chunk-forged');
    await receiver.discard();
    expect(readdirSync(destination)).toEqual([]);
  });

  it('is refused in each method from the first error on', async () => {
    const honest = await sealed();
    const receiver = await receiverFor(honest, newFolder());
    await deliver(receiver, [flip(honest.chunks[0], 5)]);
    for (const call of [
      () => receiver.write(Uint8Array.from(honest.chunks[0] ?? [])),
      () => receiver.finished,
      () => receiver.publish(),
    ]) {
      expect(await codeOf(call)).toBe('chunk-forged');
    }
  });

  it('is the right one, for comparison', async () => {
    const honest = await sealed();
    const destination = newFolder();
    const receiver = await receiverFor(honest, destination);
    expect(await deliver(receiver, honest.chunks)).toBeUndefined();
    expect(Object.keys(picture(destination))).toEqual(['item', 'item/big', 'item/small']);
  });
});

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Offered } from '../../../../src-main/engine/content/contract.ts';
import { CHUNK_PLAINTEXT_BYTES } from '../../../../src-main/engine/content/records.ts';
import {
  newFolder,
  newKey,
  picture,
  receiveFrames,
  restOfFrames,
  sendPipeline,
  walk,
  write,
} from './support.ts';
import type { CipherName } from './support.ts';
import { offeredAfter } from '../../../support/offers.ts';

/** One of everything that a folder can hold. */
function layEverything(folder: string): void {
  write(folder, 'item/empty file', '');
  write(folder, 'item/one byte', 'x');
  write(folder, 'item/über/naïve 日本語 🦭.txt', 'ünïcödé');
  write(folder, 'item/run me', '#!/bin/sh\n', 0o755);
  write(folder, 'item/just a chunk', randomBytes(CHUNK_PLAINTEXT_BYTES));
  write(folder, 'item/several chunks', randomBytes(3 * CHUNK_PLAINTEXT_BYTES + 12_345));
  write(folder, 'item/a/b/c/d/e/deep', 'deep');
  mkdirSync(join(folder, 'item/nothing in it/nor in this'), { recursive: true });
  chmodSync(join(folder, 'item/run me'), 0o755);
  write(folder, 'single.bin', randomBytes(10_000));
  utimesSync(join(folder, 'item/one byte'), 1_000_000_000.123456, 1_000_000_000.123456);
  utimesSync(join(folder, 'item/nothing in it'), 1_111_111_111, 1_111_111_111);
}

async function send(
  source: string,
  names: readonly string[],
  ciphers: { readonly seal: CipherName; readonly open: CipherName },
): Promise<{ destination: string; chunks: number; skippedCount: number; offered: Offered }> {
  const { manifestFile, summary } = walk(...names.map((name) => join(source, name)));
  const key = newKey();
  const pipeline = await sendPipeline(manifestFile, key, { cipher: ciphers.seal });
  const { header } = pipeline;
  const frames = restOfFrames(pipeline);
  const destination = newFolder();
  const received = await receiveFrames({
    frames,
    key,
    header,
    destination,
    offered: offeredAfter(summary),
    cipher: ciphers.open,
  });
  expect(received).toEqual({
    files: summary.files,
    bytes: summary.bytes,
    into: destination,
    names: [...names].sort(),
    skipped: summary.skipped,
    skippedCount: summary.skippedCount,
    renamed: [],
    renamedCount: 0,
    grown: { listed: [], count: 0 },
  });
  expect(frames.at(-1)?.progress).toEqual({ bytes: summary.bytes, files: summary.files });
  expect(frames.at(-1)?.skippedCount).toBe(0);
  return {
    destination,
    chunks: frames.length,
    skippedCount: received.skippedCount,
    offered: offeredAfter(summary),
  };
}

describe('content from folder to folder', () => {
  const pairs: [CipherName, CipherName][] = [
    ['native', 'native'],
    ['wasm', 'wasm'],
    ['native', 'wasm'],
    ['wasm', 'native'],
  ];
  for (const [seal, open] of pairs) {
    it(`is the same after it was sealed by ${seal} and opened by ${open}`, async () => {
      const source = newFolder();
      layEverything(source);
      const { destination } = await send(source, ['item', 'single.bin'], { seal, open });
      expect(picture(destination)).toEqual(picture(source));
    });
  }

  it('packs thousands of small files into few chunks', async () => {
    const source = newFolder();
    for (let n = 0; n < 3000; n += 1)
      write(source, `many/${String(n % 30)}/file ${String(n)}`, randomBytes(n % 700));
    const { destination, chunks, offered } = await send(source, ['many'], { seal: 'native', open: 'native' });
    expect(picture(destination)).toEqual(picture(source));
    // A path and a few numbers for each file, and no chunk less full than the room one record may take.
    expect(chunks).toBeLessThan(2 + (offered.bytes + 3031 * 150) / (CHUNK_PLAINTEXT_BYTES - 10_000));
  });

  it('tells the receiver what the walk left out', async () => {
    const source = newFolder();
    write(source, 'item/kept', 'kept');
    symlinkSync('/etc', join(source, 'item/outside'));
    const { destination, skippedCount } = await send(source, ['item'], { seal: 'native', open: 'native' });
    expect(skippedCount).toBe(1);
    expect(Object.keys(picture(destination))).toEqual(['item', 'item/kept']);
  });
});

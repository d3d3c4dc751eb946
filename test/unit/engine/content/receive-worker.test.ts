import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MAX_CHUNK_BODY_BYTES } from '../../../../shared/limits.ts';
import { discardJournaled } from '../../../../src-main/engine/content/leftover.ts';
import type { ContentReceiver } from '../../../../src-main/engine/content/contract.ts';
import { CHUNK_PLAINTEXT_BYTES } from '../../../../src-main/engine/content/records.ts';
import { createContentReceiver } from '../../../../src-main/engine/content/receiver-handle.ts';
import { codeOf } from '../support.ts';
import { deliver, sealed } from './deliver.ts';
import { HostileSender, PLENTY, TRANSFER, agreedTo, newFolder, receiverFor } from './support.ts';

/** `é` 200 times over, where a name has 255 bytes at most. */
const SHORTENED = `${'é'.repeat(114)}~df20b2aa6262e99e`;

describe('what this side cannot keep', () => {
  it('is left out with its reason while the rest arrives', async () => {
    const honest = await HostileSender.create();
    const entry = (path: string[], size: number) => ({
      kind: 'file' as const,
      path,
      size,
      mtimeUs: 0,
      executable: false,
    });
    const chunk = honest.chunk((to) => {
      for (const path of [['NUL'], ['é'.repeat(200)], ['kept']]) {
        to.entry(entry(path, 3));
        to.dataTarget(3).set([97, 98, 99]);
        to.commitData(3);
        to.end();
      }
      to.entry(entry(['AUX'], 3));
      to.fail('changed');
      to.skip('gone', 'vanished');
      to.finish({ files: 3, bytes: 9, skippedCount: 2 });
    }, true);
    const destination = newFolder();
    const receiver = await receiverFor(honest, destination);
    await receiver.write(chunk);
    await receiver.finished;
    expect(await receiver.publish()).toEqual({
      files: 3,
      bytes: 9,
      into: destination,
      names: ['NUL', 'kept', SHORTENED],
      skipped: [
        { path: 'AUX', reason: 'changed' },
        { path: 'gone', reason: 'vanished' },
      ],
      skippedCount: 2,
      renamed: [{ from: 'é'.repeat(200), to: SHORTENED }],
      renamedCount: 1,
      grown: { listed: [], count: 0 },
    });
    expect(receiver.progress()).toEqual({ bytes: 9, files: 3 });
    expect(readdirSync(destination).sort()).toEqual(['NUL', 'kept', SHORTENED]);
    await receiver.close();
  });
});

describe('the receiving worker', () => {
  it('gives memory back, and lets in no more than it can write', async () => {
    const honest = await sealed();
    const receiver = await receiverFor(honest, newFolder());
    const used = new Set<ArrayBuffer>();
    for (let n = 0; n < 3; n += 1) {
      const memory = receiver.buffer();
      expect(memory.byteLength).toBeGreaterThanOrEqual(MAX_CHUNK_BODY_BYTES);
      used.add(memory);
      const chunk = new Uint8Array(memory, 0, honest.chunks[n]?.length ?? 0);
      chunk.set(honest.chunks[n] ?? []);
      await receiver.write(chunk);
      expect(memory.byteLength).toBe(0);
    }
    await receiver.write(Uint8Array.from(honest.chunks[3] ?? []));
    await receiver.finished;
    expect(used.size).toBe(3);
    expect(receiver.progress()).toEqual({ bytes: honest.offered.bytes, files: 2 });
  });

  it('wipes the key it was given', async () => {
    const honest = await sealed();
    const receiver = createContentReceiver();
    onTestFinished(() => receiver.discard());
    await receiver.prepare({
      transfer: TRANSFER,
      agreed: agreedTo(newFolder()),
      journalFolder: newFolder(),
      offered: PLENTY,
    });
    await receiver.begin(honest);
    expect([...honest.key]).toEqual(Array.from({ length: 32 }, () => 0));
  });

  it('takes no chunk after the final one', async () => {
    const honest = await sealed();
    const receiver = await receiverFor(honest, newFolder());
    for (const chunk of honest.chunks) await receiver.write(Uint8Array.from(chunk));
    await receiver.finished;
    expect(await codeOf(() => receiver.write(new Uint8Array(20)))).toBe('frame-out-of-order');
  });

  it('refuses a destination that cannot be used, and leaves nothing', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), 'mine');
    const receiver = createContentReceiver();
    const prepare = () =>
      receiver.prepare({
        transfer: TRANSFER,
        agreed: agreedTo(join(folder, 'file')),
        journalFolder: newFolder(),
        offered: PLENTY,
      });
    expect(await codeOf(prepare)).toBe('destination-unusable');
    await receiver.discard();
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('mine');
  });

  it('refuses what does not fit on the disk', async () => {
    const destination = newFolder();
    const receiver = createContentReceiver();
    const offered = { ...PLENTY, bytes: Number.MAX_SAFE_INTEGER };
    expect(
      await codeOf(() =>
        receiver.prepare({
          transfer: TRANSFER,
          agreed: agreedTo(destination),
          journalFolder: newFolder(),
          offered,
        }),
      ),
    ).toBe('no-space');
    await receiver.discard();
    expect(readdirSync(destination)).toEqual([]);
  });

  it('keeps what it published through discard and close, in any order and number', async () => {
    const honest = await sealed();
    const destination = newFolder();
    const receiver = await receiverFor(honest, destination);
    expect(await deliver(receiver, honest.chunks)).toBeUndefined();
    await Promise.all([receiver.discard(), receiver.close(), receiver.discard()]);
    await receiver.close();
    expect(readdirSync(destination)).toEqual(['item']);
    expect(await codeOf(() => receiver.publish())).toBe('cancelled');
  });

  it('keeps what there is to go on with when it is closed without publishing', async () => {
    const honest = await sealed();
    const destination = join(newFolder(), 'made for it');
    const journalFolder = newFolder();
    const receiver = await receiverFor({ ...honest, journalFolder }, destination);
    await receiver.write(Uint8Array.from(honest.chunks[0] ?? []));
    await receiver.close();
    expect(await codeOf(() => receiver.write(new Uint8Array(20)))).toBe('cancelled');
    expect(await codeOf(() => receiver.finished)).toBe('cancelled');
    expect(readdirSync(journalFolder).sort()).toEqual([
      'entries',
      'folders',
      'journal',
      'left-out',
      'renames',
    ]);
    await discardJournaled(journalFolder);
    expect(readdirSync(journalFolder)).toEqual([]);
    expect(() => readdirSync(destination)).toThrow();
  });

  it('goes on from its last checkpoint after it crashed', async () => {
    const honest = await sealed();
    const [destination, journalFolder] = [newFolder(), newFolder()];
    const first = await receiverFor({ ...honest, journalFolder }, destination);
    for (const chunk of honest.chunks.slice(0, 2)) await first.write(Uint8Array.from(chunk));
    await first.suspend();
    const { offered } = honest;
    const prepare = (receiver: ContentReceiver) =>
      receiver.prepare({ transfer: TRANSFER, agreed: agreedTo(destination), journalFolder, offered });

    const crashing = createContentReceiver(new URL('./fixtures/crashing-receive-worker.ts', import.meta.url));
    const prepared = await prepare(crashing);
    expect(prepared.from.offset).toBeGreaterThan(CHUNK_PLAINTEXT_BYTES);
    expect(prepared.progress).toEqual({ bytes: prepared.from.offset, files: 0 });
    expect(crashing.progress()).toEqual(prepared.progress);
    await crashing.write(new Uint8Array(20));
    expect(await codeOf(() => crashing.finished)).toBe('internal');
    await crashing.suspend();
    await crashing.discard();

    const last = createContentReceiver();
    expect(await prepare(last)).toEqual(prepared);
    await last.discard();
    expect(readdirSync(destination)).toEqual([]);
    expect(readdirSync(journalFolder)).toEqual([]);
  });

  it('removes what there was to go on with when it cannot go on and is told to', async () => {
    const honest = await sealed();
    const [destination, journalFolder] = [newFolder(), newFolder()];
    const first = await receiverFor({ ...honest, journalFolder }, destination);
    await first.write(Uint8Array.from(honest.chunks[0] ?? []));
    await first.suspend();
    const second = createContentReceiver();
    const offered = { ...PLENTY, bytes: Number.MAX_SAFE_INTEGER };
    const options = { transfer: TRANSFER, agreed: agreedTo(destination), journalFolder };
    // What was offered first fits.
    expect(await codeOf(() => second.prepare({ ...options, offered }))).toBeUndefined();
    await second.suspend();
    rmSync(join(destination, readdirSync(destination)[0] ?? '', 'tree'), { recursive: true });
    const third = createContentReceiver();
    expect(await codeOf(() => third.prepare({ ...options, offered }))).toBe('no-space');
    await third.discard();
    expect(readdirSync(destination)).toEqual([]);
  });

  it('tells all that wait when it crashes, and what it wrote is removed', async () => {
    const honest = await sealed();
    const destination = newFolder();
    const url = new URL('./fixtures/crashing-receive-worker.ts', import.meta.url);
    const receiver = await receiverFor({ ...honest, url }, destination);
    await receiver.write(Uint8Array.from(honest.chunks[0] ?? []));
    expect(await codeOf(() => receiver.publish())).toBe('internal');
    expect(await codeOf(() => receiver.finished)).toBe('internal');
    expect(await codeOf(() => receiver.write(new Uint8Array(20)))).toBe('internal');
    await receiver.discard();
    expect(readdirSync(destination)).toEqual([]);
  });
});

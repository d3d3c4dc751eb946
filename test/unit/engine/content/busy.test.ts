import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ChunkWriter } from '../../../../src-main/engine/content/chunk-writer.ts';
import { ReceivePipeline } from '../../../../src-main/engine/content/receive-pipeline.ts';
import { loadCipher } from '../../../../src-main/engine/content/seal.ts';
import { createContentReceiver } from '../../../../src-main/engine/content/receiver-handle.ts';
import { codeOf } from '../support.ts';
import { deliver, sealed } from './deliver.ts';
import { HostileSender, PLENTY, TRANSFER, agreedTo, newFolder, receiverFor, receptionIn } from './support.ts';

const folder = (...path: string[]) => ({ kind: 'folder' as const, path, mtimeUs: 0 });

/** Folders one below another and back again: nothing wrong with them, and much to do for each. */
function laborious(to: ChunkWriter, entries: number): void {
  const deep = Array.from({ length: 100 }, () => 'd');
  for (const [at] of deep.entries()) to.entry(folder(...deep.slice(0, at + 1)));
  for (let n = deep.length; n < entries; n += 1) to.entry(folder(...deep));
}

describe('a chunk that takes long', () => {
  const MANY = { ...PLENTY, folders: 100_000, itemCount: 1 };

  it('is given up, and what follows it, when the transfer is: others have their turn meanwhile', async () => {
    const hostile = await HostileSender.create();
    const chunk = hostile.chunk((to) => {
      laborious(to, 4000);
    }, false);
    const reception = receptionIn(newFolder(), MANY);
    const { key, header } = hostile;
    const pipeline = new ReceivePipeline({
      cipher: await loadCipher(),
      key,
      header,
      transfer: TRANSFER,
      reception,
    });
    const taken = codeOf(() => pipeline.write(chunk));
    await setImmediate();
    const { entry } = reception.parser.cursor;
    expect(entry).toBeLessThan(4000);
    pipeline.close();
    expect(await taken).toBe('cancelled');
    expect(reception.parser.cursor.entry).toBe(entry);
  });
});

describe('a worker that hears nothing', () => {
  const url = new URL('./fixtures/hanging-receive-worker.ts', import.meta.url);

  it('is ended when the transfer is given up, and what it wrote is removed', async () => {
    const honest = await sealed();
    const destination = newFolder();
    const receiver = await receiverFor({ ...honest, url }, destination);
    await receiver.write(Uint8Array.from(honest.chunks[0] ?? []));
    await receiver.discard();
    expect(receiver.isLost).toBe(true);
    expect(readdirSync(destination)).toEqual([]);
  });

  it('is ended when the transfer is to wait, and what the journal vouches for is gone on with', async () => {
    const honest = await sealed();
    const [destination, journalFolder] = [newFolder(), newFolder()];
    const first = await receiverFor({ ...honest, journalFolder }, destination);
    for (const chunk of honest.chunks.slice(0, 2)) await first.write(Uint8Array.from(chunk));
    await first.suspend();
    const { offered } = honest;
    const options = { transfer: TRANSFER, agreed: agreedTo(destination), journalFolder, offered };
    const hanging = createContentReceiver(url);
    const prepared = await hanging.prepare(options);
    await hanging.write(new Uint8Array(20));
    await hanging.suspend();
    const last = createContentReceiver();
    expect(await last.prepare(options)).toEqual(prepared);
    await last.discard();
    expect(await deliver(last, [])).toBe('cancelled');
    expect(readdirSync(destination)).toEqual([]);
  });
});

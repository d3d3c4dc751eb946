import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChunkWriter } from '../../src-main/engine/content/chunk-writer.ts';
import { ContentSource } from '../../src-main/engine/content/content-source.ts';
import { ContentParser } from '../../src-main/engine/content/parser.ts';
import { CHUNK_PLAINTEXT_BYTES, readRecords } from '../../src-main/engine/content/records.ts';
import { ManifestWriter, readManifest } from '../../src-main/engine/files/manifest.ts';
import { scan } from '../../src-main/engine/files/scan.ts';
import { isOver, transferIdSchema } from '../../shared/views.ts';
import { Bench } from '../support/engines.ts';
import { befriend, victimAndHostile } from '../support/hostile-device.ts';
import { HostileTransfer, data, fileEntry } from '../support/hostile-sender.ts';
import { namesIn, noise } from '../support/tree.ts';
import { PATIENCE_MS, codeOf, fuzz } from './fuzz.ts';
import { folderAfter, offerBody, offeredOf } from '../support/offers.ts';

/** Where a transfer goes on, as the other side says it: any place at all. */

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealane-fuzz-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const bench = new Bench();
afterEach(() => bench.dispose());

const around = (...places: readonly number[]) =>
  fc.oneof(
    fc.constantFrom(...places.flatMap((place) => [place - 1, place, place + 1])),
    fc.nat({ max: 1_200_000 }),
  );

describe('a sender', () => {
  const sizes = { 'a-empty': 0, 'b-five': 5, 'd-more': 70_000, 'e-large': 1_100_000, 'f-last': 1 };

  it('begins at the very place a receiver names, or refuses one that is not in the content, by name', async () => {
    const source = join(folder, 'Source');
    mkdirSync(join(source, 'c-folder'), { recursive: true });
    for (const [name, size] of Object.entries(sizes))
      writeFileSync(join(source, name), noise(size, size + 1));
    const manifestFile = join(folder, 'manifest');
    const manifest = new ManifestWriter(manifestFile);
    scan([source], manifest, { onProgress: () => undefined, isCancelled: () => false });
    manifest.close();
    const entries = [...readManifest(manifestFile)];
    const offered = offeredOf({ itemCount: 1, files: 5, folders: 2, bytes: 1_170_006 });

    const entry = fc.oneof(fc.nat({ max: entries.length + 2 }), fc.constant(5_000_000));
    const offset = around(0, 1, 5, 70_000, 1_100_000).map((place) => Math.max(0, place));
    await fuzz(200, [entry, fc.oneof(fc.constant(0), offset)], async (at, from) => {
      const first = entries[at];
      const isPlace = at <= entries.length && (from === 0 || (first?.kind === 'file' && from <= first.size));
      let opened: ContentSource | undefined;
      const manifestEntries = readManifest(manifestFile);
      const code = await codeOf(() => {
        opened = new ContentSource(manifestEntries, { entry: at, offset: from });
      });
      expect(code).toBe(isPlace ? undefined : 'frame-malformed');
      if (opened === undefined) {
        manifestEntries.return();
        return;
      }
      const parser = new ContentParser(offered, {
        entry: at,
        offset: from,
        folder: folderAfter(entries, at),
      });
      const received = new Map<string, Buffer[]>();
      let open: Buffer[] = [];
      const writer = new ChunkWriter(CHUNK_PLAINTEXT_BYTES);
      for (let isLast = false; !isLast;) {
        writer.clear();
        isLast = opened.fill(writer);
        for (const record of readRecords(writer.plaintext)) {
          parser.accept(record);
          if (record.type === 'entry' && record.entry.kind === 'file') {
            open = [];
            received.set(record.entry.path.join('/'), open);
          }
          if (record.type === 'data') open.push(Buffer.from(record.bytes));
        }
        parser.endChunk(isLast);
      }
      opened.close();
      const expected = entries.slice(at).filter(({ kind }) => kind === 'file');
      expect([...received.keys()]).toEqual(expected.map((file) => file.path.join('/')));
      for (const [index, [path, parts]] of [...received].entries()) {
        const whole = readFileSync(join(folder, path));
        const rest = index === 0 && first?.kind === 'file' ? whole.subarray(from) : whole;
        expect(Buffer.concat(parts).equals(rest)).toBe(true);
      }
    });
  });
});

describe('a receiver', { timeout: PATIENCE_MS }, () => {
  const size = 200_000;
  const content = noise(size, 3);
  const items = [
    { name: 'a.bin', kind: 'file' as const, program: false },
    { name: 'b', kind: 'folder' as const, program: false },
  ];
  const offer = offerBody([], { files: 1, folders: 1, bytes: size }, { items, itemCount: 2 });

  /** One connection of a sender that is honest about the content, but for where it stops, what it offers and where it begins. */
  const connection = fc.record({
    stop: fc.nat({ max: size }),
    piece: fc.integer({ min: 2_000, max: 60_000 }),
    more: fc.constantFrom(0, 0, 0, 1000),
    lie: fc.constantFrom('none', 'none', 'none', 'none', 'place', 'other device'),
  });

  it('ends with the very content, or with nothing and a name for it, however often the line is cut and whatever is offered then', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const thief = await befriend(bench, victim, 'thief');
    await victim.changeDevice(hostile.id, { accept: 'always' });
    await victim.changeDevice(thief.id, { accept: 'always' });
    const received = await bench.folder('victim-received');

    await fuzz(4, [fc.array(connection, { maxLength: 4 })], async (connections) => {
      const id = transferIdSchema.parse(randomBytes(16).toString('hex'));
      const stateOf = () => victim.snapshot().transfers.find((each) => each.id === id)?.state;
      const last = { stop: size, piece: 50_000, more: 0, lie: 'none' };
      for (const { stop, piece, more, lie } of [...connections, last]) {
        const state = stateOf();
        if (state !== undefined && isOver(state)) break;
        if (lie === 'other device' && state !== undefined) {
          const stolen = new HostileTransfer(await thief.dial(), id);
          await stolen.offer(offer);
          expect(await stolen.peer.ending()).toBe('busy');
          continue;
        }
        const transfer = new HostileTransfer(await hostile.dial(), id);
        const message = await transfer.offer({ ...offer, bytes: size + more, files: 1 + Math.sign(more) });
        const place = await transfer.agree(message);
        expect(place.entry).toBeLessThanOrEqual(2);
        expect(place.offset).toBeLessThanOrEqual(size);
        await send(transfer, place, { stop, piece, isLying: lie === 'place' });
        if (stop === size || lie === 'place') await transfer.peer.ending();
        transfer.peer.close();
        await expect.poll(() => stateOf()?.kind, { timeout: 20_000 }).toMatch(/^(waiting|failed|done)$/);
      }
      const end = stateOf();
      if (end?.kind === 'done') {
        expect(end.outcome.names).toHaveLength(2);
        for (const name of end.outcome.names.filter((each) => each.startsWith('a'))) {
          expect((await readFile(join(received, name))).equals(content)).toBe(true);
        }
      } else {
        // Who lies about the place seals for another one.
        expect(end).toMatchObject({ kind: 'failed', error: { code: 'chunk-forged' } });
        expect(connections.some(({ lie }) => lie === 'place')).toBe(true);
        expect(await namesIn(received)).toEqual([]);
      }
      expect((await namesIn(received)).filter((name) => name.startsWith('.'))).toEqual([]);
      rmSync(received, { recursive: true, force: true });
    });
    expect(victim.snapshot().transfers.every(({ state }) => isOver(state))).toBe(true);
    hostile.close();
    thief.close();
  });

  /** A file and a folder, from a place up to `stop` bytes of the file. */
  async function send(
    transfer: HostileTransfer,
    { entry, offset }: { readonly entry: number; readonly offset: number },
    { stop, piece, isLying }: { readonly stop: number; readonly piece: number; readonly isLying: boolean },
  ): Promise<void> {
    let at = offset;
    let isBegun = false;
    const where = () => ({ entry: isLying ? entry + 1 : entry, offset: at });
    while (entry === 0 && at < Math.max(offset, stop)) {
      const part = content.subarray(at, Math.min(stop, at + piece));
      const sealed = transfer.seal((writer) => {
        if (!isBegun) writer.entry(fileEntry(['a.bin'], size));
        data(writer, part);
      }, where());
      isBegun = true;
      transfer.send(sealed);
      at += part.length;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if (stop < size) return;
    const sealed = transfer.seal(
      (writer) => {
        if (entry === 0) {
          if (!isBegun) writer.entry(fileEntry(['a.bin'], size));
          writer.end();
        }
        if (entry <= 1) writer.entry({ kind: 'folder', path: ['b'], mtimeUs: 0 });
        writer.finish({ files: entry === 0 ? 1 : 0, bytes: at - offset, skippedCount: 0 });
      },
      { ...where(), final: true },
    );
    transfer.send(sealed);
  }
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkWriter } from '../../src-main/engine/content/chunk-writer.ts';
import { ContentParser } from '../../src-main/engine/content/parser.ts';
import type { Offered } from '../../src-main/engine/content/contract.ts';
import { readRecords } from '../../src-main/engine/content/records.ts';
import type { ContentEntry, ContentRecord } from '../../src-main/engine/content/records.ts';
import { pathFault } from '../../src-main/engine/files/names.ts';
import { MAX_CHUNK_PLAINTEXT_BYTES, MAX_ENTRIES } from '../../shared/limits.ts';
import { codeOf, fuzz, mutated } from './fuzz.ts';
import { offeredOf } from '../support/offers.ts';

/** What is inside a chunk, once the seal has vouched for it: a paired device can still put in whatever it likes. */

const name = fc.constantFrom('a', 'b', 'c', '..', '', 'a/b', '\u001b[2J');
const size = fc.oneof(fc.nat({ max: 6 }), fc.constantFrom(Number.MAX_SAFE_INTEGER));
const entry: fc.Arbitrary<ContentEntry> = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    path: fc.array(name, { maxLength: 3 }),
    size,
    mtimeUs: fc.maxSafeInteger(),
    executable: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('file' as const),
    path: fc.array(name, { maxLength: 3 }),
    size,
    mtimeUs: fc.constant(0),
    executable: fc.boolean(),
    again: fc.nat({ max: 6 }),
  }),
  fc.record({
    kind: fc.constant('folder' as const),
    path: fc.array(name, { maxLength: 3 }),
    mtimeUs: fc.maxSafeInteger(),
  }),
);

type Act = (writer: ChunkWriter) => void;
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: entry.map((each): Act => (writer) => {
      writer.entry(each);
    }),
  },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 6 }).map((length): Act => (writer) => {
      writer.dataTarget(length).fill(7);
      writer.commitData(length);
    }),
  },
  {
    weight: 4,
    arbitrary: fc.constant<Act>((writer) => {
      writer.end();
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Act>((writer) => {
      writer.fail('changed');
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Act>((writer) => {
      writer.skip('a', 'vanished');
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Act>((writer) => {
      writer.superseded({ path: ['a'], executable: false });
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ files: fc.nat({ max: 3 }), bytes: fc.nat({ max: 9 }), skippedCount: fc.nat({ max: 3 }) })
      .map((totals): Act => (writer) => {
        writer.finish(totals);
      }),
  },
);
const plaintext = fc.array(act, { maxLength: 14 }).map((acts) => {
  const writer = new ChunkWriter(64 * 1024);
  for (const each of acts) each(writer);
  return Uint8Array.from(writer.plaintext);
});
const offered: fc.Arbitrary<Offered> = fc
  .record({
    itemCount: fc.nat({ max: 4 }),
    files: fc.nat({ max: 4 }),
    folders: fc.nat({ max: 3 }),
    bytes: fc.nat({ max: 20 }),
    hidden: fc.nat({ max: 4 }),
    programs: fc.nat({ max: 4 }),
    minFiles: fc.nat({ max: 4 }),
    minFolders: fc.nat({ max: 3 }),
    items: fc.array(
      fc.record({
        name: fc.constantFrom('a', 'b', '.c', 'd.exe'),
        kind: fc.constantFrom('file', 'folder'),
        program: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
  })
  .map((limit) => offeredOf(limit, limit));

/** What an honest sender says of some things, and offers before. */
const honest = fc
  .array(
    fc.record({
      kind: fc.constantFrom('file', 'file', 'failing', 'folder', 'skip', 'superseded'),
      size: fc.nat({ max: 5 }),
    }),
    { maxLength: 8 },
  )
  .map((things) => {
    const acts: Act[] = [];
    const limit = { itemCount: things.length, files: 0, folders: 0, bytes: 0 };
    const totals = { files: 0, bytes: 0, skippedCount: 0 };
    for (const [index, { kind, size }] of things.entries()) {
      const path = [`item ${String(index)}`];
      if (kind === 'folder') {
        limit.folders += 1;
        acts.push((writer) => {
          writer.entry({ kind, path, mtimeUs: 0 });
        });
      } else if (kind === 'skip') {
        totals.skippedCount += 1;
        acts.push((writer) => {
          writer.skip('x', 'vanished');
        });
      } else if (kind === 'superseded') {
        limit.files += 1;
        acts.push((writer) => {
          writer.superseded({ path, executable: false });
        });
      } else {
        limit.files += 1;
        limit.bytes += size;
        totals.bytes += size;
        acts.push((writer) => {
          writer.entry({ kind: 'file', path, size, mtimeUs: 0, executable: false });
        });
        if (size > 0) {
          acts.push((writer) => {
            writer.dataTarget(size).fill(1);
            writer.commitData(size);
          });
        }
        if (kind === 'file') totals.files += 1;
        else totals.skippedCount += 1;
        acts.push((writer) => {
          if (kind === 'file') writer.end();
          else writer.fail('changed');
        });
      }
    }
    acts.push((writer) => {
      writer.finish(totals);
    });
    return {
      acts,
      limit: offeredOf(limit, { hidden: 0, programs: 0, minFiles: limit.files, minFolders: limit.folders }),
    };
  });

function disturb(acts: readonly Act[], { how, at }: { readonly how: string; readonly at: number }): Act[] {
  const place = at % Math.max(1, acts.length);
  const [before, [here, next, ...after]] = [acts.slice(0, place), acts.slice(place)];
  const rest = next === undefined ? after : [next, ...after];
  if (here === undefined || how === 'drop') return [...before, ...rest];
  if (how === 'double') return [...before, here, here, ...rest];
  return next === undefined ? [...before, here] : [...before, next, here, ...after];
}

/** Whether a record brings something for the first time, under a path that no honest sender sends. */
function isMisnamed(record: ContentRecord): boolean {
  const brought = record.type === 'entry' ? record.entry : 'file' in record ? record.file : undefined;
  if (brought === undefined || ('again' in brought && brought.again !== undefined)) return false;
  return pathFault(brought.path) !== undefined;
}

/** Feeds chunks to a parser until one is refused, and holds what it lets through against what was offered, by counting anew. */
async function feed(
  parser: ContentParser,
  chunks: readonly Uint8Array[],
  limit: Offered,
): Promise<string | undefined> {
  let open: { readonly size: number; at: number } | undefined;
  let [files, folders, claimed, data] = [0, 0, 0, 0];
  let misnamed = false;
  for (const [index, chunk] of chunks.entries()) {
    const code = await codeOf(() => {
      for (const record of readRecords(chunk)) {
        const before = parser.cursor;
        misnamed = isMisnamed(record);
        parser.accept(record);
        expect(misnamed).toBe(false);
        if (record.type === 'entry' && record.entry.kind === 'folder') folders += 1;
        if (record.type === 'entry' && record.entry.kind === 'file') {
          files += 1;
          claimed += record.entry.size;
          open = { size: record.entry.size, at: parser.cursor.offset };
        }
        if (record.type === 'superseded' || record.type === 'missing') files += 1;
        if (record.type === 'data') {
          data += record.bytes.length;
          if (open !== undefined) open.at += record.bytes.length;
          expect(open?.at ?? Infinity).toBeLessThanOrEqual(open?.size ?? 0);
        }
        if (record.type === 'end') expect(open?.at).toBe(open?.size);
        if (record.type === 'end' || record.type === 'fail') open = undefined;
        expect(parser.cursor.entry).toBeGreaterThanOrEqual(before.entry);
        expect(files).toBeLessThanOrEqual(limit.files);
        expect(folders).toBeLessThanOrEqual(limit.folders);
        expect(claimed).toBeLessThanOrEqual(limit.bytes);
      }
      parser.endChunk(index === chunks.length - 1);
    });
    expect(parser.totals.bytes).toBeGreaterThanOrEqual(data);
    // Only such a path is refused as a name, and none is taken.
    if (code === 'name-refused') expect(misnamed).toBe(true);
    if (code !== undefined) return code;
  }
  return undefined;
}

/** What comes of anything: it is taken, or it is refused, a path that no honest sender sends by a name of its own. */
const TAKEN_OR_REFUSED = [undefined, 'content-mismatch', 'name-refused'];

describe('the content of chunks', () => {
  it('goes by the grammar, the offer and the rules of names, or is refused by name', async () => {
    await fuzz(2500, [fc.array(plaintext, { maxLength: 3 }), offered], async (chunks, limit) => {
      const parser = new ContentParser(limit);
      const code = await feed(parser, chunks, limit);
      expect(TAKEN_OR_REFUSED).toContain(code);
      if (code === undefined && chunks.length > 0) expect(parser.finished).toBe(true);
    });
  });

  it('that an honest sender makes is taken, and with records dropped, doubled or swapped it is that or refused', async () => {
    const step = fc.record({ how: fc.constantFrom('drop', 'double', 'swap'), at: fc.nat() });
    await fuzz(1500, [honest, fc.array(step, { maxLength: 2 })], async ({ acts, limit }, steps) => {
      const changed = steps.reduce(disturb, acts);
      const writer = new ChunkWriter(64 * 1024);
      for (const each of changed) each(writer);
      const parser = new ContentParser(limit);
      const code = await feed(parser, [writer.plaintext], limit);
      if (steps.length === 0) expect([code, parser.finished]).toEqual([undefined, true]);
      else expect([undefined, 'content-mismatch']).toContain(code);
    });
  });

  it('goes on at whatever place, by the same rules', async () => {
    const place = fc.record({ entry: fc.nat({ max: MAX_ENTRIES }), offset: fc.nat({ max: 8 }) });
    await fuzz(1500, [fc.array(plaintext, { maxLength: 3 }), offered, place], async (chunks, limit, from) => {
      const parser = new ContentParser(limit, from);
      expect(parser.cursor).toEqual(from);
      expect(TAKEN_OR_REFUSED).toContain(await feed(parser, chunks, limit));
    });
  });

  it('that was changed is taken or refused by name, whatever it looks like now', async () => {
    await fuzz(2500, [mutated(plaintext), offered], async (chunk, limit) => {
      expect(TAKEN_OR_REFUSED).toContain(await feed(new ContentParser(limit), [chunk], limit));
    });
  });

  it('of any bytes, the same', async () => {
    await fuzz(1500, [fc.uint8Array({ maxLength: 400 })], async (chunk) => {
      const code = await codeOf(() => [...readRecords(chunk)]);
      expect([undefined, 'content-mismatch']).toContain(code);
    });
  });

  it('ten million entries: no more are taken than a transfer can hold, and nothing is kept of them', async () => {
    const parser = new ContentParser(offeredOf({ itemCount: 1, files: 0, folders: 0, bytes: 0 }));
    let taken = 0;
    const before = process.memoryUsage().heapUsed;
    const code = await codeOf(() => {
      for (; taken < 10_000_000; taken += 1) parser.accept({ type: 'skip', path: 'a', reason: 'vanished' });
    });
    expect([code, taken]).toEqual(['content-mismatch', MAX_ENTRIES]);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('as many tiny records as fit into a chunk are read one at a time', async () => {
    const one = offeredOf({ itemCount: 1, files: 1, folders: 1, bytes: 1 });
    const many = Buffer.alloc(MAX_CHUNK_PLAINTEXT_BYTES - 1, Buffer.from([3, 0, 0, 0, 0]));
    await fuzz(3, [fc.constant(many)], async (chunk) => {
      expect(await codeOf(() => [...readRecords(chunk.subarray(0, 1_000_000))])).toBeUndefined();
      expect(await codeOf(() => feed(new ContentParser(one), [chunk], one))).toBeUndefined();
    });
  });
});

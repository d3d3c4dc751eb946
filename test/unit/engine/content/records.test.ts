import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../../../../src-main/engine/codec/cbor.ts';
import { ChunkWriter } from '../../../../src-main/engine/content/chunk-writer.ts';
import { RECORD_TYPES, readRecords } from '../../../../src-main/engine/content/records.ts';
import type { ContentEntry, ContentRecord } from '../../../../src-main/engine/content/records.ts';
import { SKIP_REASONS } from '../../../../shared/views.ts';

const file: ContentEntry = { kind: 'file', path: ['a', 'ü.txt'], size: 3, mtimeUs: -7, executable: true };
const folder: ContentEntry = { kind: 'folder', path: ['a'], mtimeUs: 1_700_000_000_000_000 };

function record(type: number, body: Uint8Array | readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(5 + body.length);
  bytes[0] = type;
  new DataView(bytes.buffer).setUint32(1, body.length);
  bytes.set(body, 5);
  return bytes;
}

function read(bytes: Uint8Array): ContentRecord[] {
  return [...readRecords(bytes)].map((each) =>
    each.type === 'data' ? { type: 'data', bytes: Uint8Array.from(each.bytes) } : each,
  );
}

describe('records of a chunk', () => {
  it('come back as they were written', () => {
    const chunk = new ChunkWriter(4096);
    chunk.entry(folder);
    chunk.entry(file);
    chunk.dataTarget(100).set([1, 2, 3]);
    chunk.commitData(3);
    chunk.end();
    chunk.fail('changed');
    chunk.skip('a/b', 'link-outside');
    chunk.superseded({ path: ['a', 'b'], executable: true });
    chunk.missing({ path: ['c'], executable: false, again: 3 }, 'vanished');
    chunk.entry({ ...file, again: 4 });
    chunk.finish({ files: 1, bytes: 3, skippedCount: 2 });
    expect(read(chunk.plaintext)).toEqual([
      { type: 'entry', entry: folder },
      { type: 'entry', entry: file },
      { type: 'data', bytes: Uint8Array.of(1, 2, 3) },
      { type: 'end' },
      { type: 'fail', reason: 'changed' },
      { type: 'skip', path: 'a/b', reason: 'link-outside' },
      { type: 'superseded', file: { path: ['a', 'b'], executable: true } },
      { type: 'missing', file: { path: ['c'], executable: false, again: 3 }, reason: 'vanished' },
      { type: 'entry', entry: { ...file, again: 4 } },
      { type: 'finish', totals: { files: 1, bytes: 3, skippedCount: 2 } },
    ]);
  });

  it('have the layout that docs/protocol.md gives: type, length, body', () => {
    const chunk = new ChunkWriter(64);
    chunk.dataTarget(2).set([0xaa, 0xbb]);
    chunk.commitData(2);
    chunk.end();
    expect([...chunk.plaintext]).toEqual([2, 0, 0, 0, 2, 0xaa, 0xbb, 3, 0, 0, 0, 0]);
  });

  it('carry every reason that a sender can know', () => {
    for (const reason of SKIP_REASONS.filter((each) => each !== 'taken-away')) {
      const chunk = new ChunkWriter(64);
      chunk.fail(reason);
      expect(read(chunk.plaintext)).toEqual([{ type: 'fail', reason }]);
    }
  });

  it('are written anew into the same memory after clear', () => {
    const chunk = new ChunkWriter(64);
    chunk.fail('changed');
    chunk.clear();
    expect(chunk.room).toBe(64);
    chunk.end();
    expect(read(chunk.plaintext)).toEqual([{ type: 'end' }]);
  });

  it('never leave the memory of the chunk', () => {
    const chunk = new ChunkWriter(9);
    chunk.end();
    expect(() => {
      chunk.end();
    }).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(() => chunk.dataTarget(1)).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  const fileMap = { kind: 'file', path: ['a'], size: 1, mtimeUs: 0, executable: false };
  const refused: Record<string, Uint8Array> = {
    'no record at all': new Uint8Array(0),
    'a header cut off': record(RECORD_TYPES.end).subarray(0, 4),
    'a body cut off': record(RECORD_TYPES.data, [1, 2, 3]).subarray(0, 7),
    'a length beyond the chunk': Uint8Array.of(2, 0xff, 0xff, 0xff, 0xff, 1),
    'bytes after the last record': Buffer.concat([record(RECORD_TYPES.end), Uint8Array.of(0)]),
    'type 0': record(0),
    'type 9': record(9),
    'a SUPERSEDED without a body': record(RECORD_TYPES.superseded),
    'a MISSING without a reason': record(
      RECORD_TYPES.missing,
      encodeCbor({ path: ['a'], executable: false }),
    ),
    'an empty DATA': record(RECORD_TYPES.data),
    'an END with a body': record(RECORD_TYPES.end, [0]),
    'a FAIL without a reason': record(RECORD_TYPES.fail),
    'a FAIL with two bytes': record(RECORD_TYPES.fail, [1, 1]),
    'a FAIL for an unknown reason': record(RECORD_TYPES.fail, [200]),
    'a FAIL for a reason that only a receiver can know': record(RECORD_TYPES.fail, [14]),
    'a SKIP for an unknown reason': record(RECORD_TYPES.skip, encodeCbor({ path: 'a', reason: 200 })),
    'a SKIP with too long a path': record(
      RECORD_TYPES.skip,
      encodeCbor({ path: 'a'.repeat(3073), reason: 1 }),
    ),
    'an ENTRY that is not CBOR': record(RECORD_TYPES.entry, [0xff]),
    'an ENTRY of another kind': record(RECORD_TYPES.entry, encodeCbor({ ...fileMap, kind: 'link' })),
    'an ENTRY with an unknown key': record(RECORD_TYPES.entry, encodeCbor({ ...fileMap, mode: 0o4755 })),
    'an ENTRY without a size': record(RECORD_TYPES.entry, encodeCbor({ ...fileMap, size: undefined })),
    'an ENTRY of negative size': record(RECORD_TYPES.entry, encodeCbor({ ...fileMap, size: -1 })),
    'an ENTRY again of no entry': record(RECORD_TYPES.entry, encodeCbor({ ...fileMap, again: -1 })),
    'a folder again': record(
      RECORD_TYPES.entry,
      encodeCbor({ kind: 'folder', path: ['a'], mtimeUs: 0, again: 0 }),
    ),
    'an ENTRY with half a byte': record(RECORD_TYPES.entry, encodeCbor({ ...fileMap, size: 0.5 })),
    'an ENTRY with a path that is a text': record(RECORD_TYPES.entry, encodeCbor({ ...fileMap, path: 'a' })),
    'an ENTRY longer than any path': record(
      RECORD_TYPES.entry,
      encodeCbor({ ...fileMap, path: Array.from({ length: 9000 }, () => '') }),
    ),
    'a FINISH without totals': record(RECORD_TYPES.finish),
    // {"files": 0 written as a long integer, …}
    'CBOR that is not deterministic': record(RECORD_TYPES.finish, [
      ...encodeCbor({ files: 0, bytes: 0, skippedCount: 0 }).subarray(0, -1),
      0x18,
      0,
    ]),
  };
  for (const [name, bytes] of Object.entries(refused)) {
    it(`are refused: ${name}`, () => {
      expect(() => read(bytes)).toThrow(expect.objectContaining({ code: 'content-mismatch' }));
    });
  }
});

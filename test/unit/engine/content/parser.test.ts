import { describe, expect, it } from 'vitest';
import { ContentParser } from '../../../../src-main/engine/content/parser.ts';
import type { Offered } from '../../../../src-main/engine/content/contract.ts';
import type { ContentRecord } from '../../../../src-main/engine/content/records.ts';
import { offeredOf } from '../../../support/offers.ts';

const plenty: Offered = offeredOf({ itemCount: 2, files: 2, folders: 2, bytes: 10 });

const file = (size: number, ...path: string[]): ContentRecord => ({
  type: 'entry',
  entry: { kind: 'file', path: path.length === 0 ? ['a'] : path, size, mtimeUs: 0, executable: false },
});
const again = (entry: number, size: number, ...path: string[]): ContentRecord => ({
  type: 'entry',
  entry: { kind: 'file', path, size, mtimeUs: 0, executable: false, again: entry },
});
const folder = (...path: string[]): ContentRecord => ({
  type: 'entry',
  entry: { kind: 'folder', path: path.length === 0 ? ['a'] : path, mtimeUs: 0 },
});
const data = (length: number): ContentRecord => ({ type: 'data', bytes: new Uint8Array(length) });
const end: ContentRecord = { type: 'end' };
const fail: ContentRecord = { type: 'fail', reason: 'changed' };
const superseded: ContentRecord = { type: 'superseded', file: { path: ['a'], executable: false } };
const skip: ContentRecord = { type: 'skip', path: 'a', reason: 'vanished' };
const finish = (files: number, bytes: number, skippedCount: number): ContentRecord => ({
  type: 'finish',
  totals: { files, bytes, skippedCount },
});

function run(records: readonly ContentRecord[], offered = plenty): ContentParser {
  const parser = new ContentParser(offered);
  for (const record of records) parser.accept(record);
  return parser;
}

describe('the grammar of the content', () => {
  it('takes folders, files over several records, failed and left out ones, and the end', () => {
    const parser = run([
      folder(),
      file(5, 'a', 'b'),
      data(2),
      data(3),
      end,
      file(4, 'c'),
      data(1),
      fail,
      skip,
    ]);
    expect(parser.totals).toEqual({ files: 1, bytes: 6, skippedCount: 2 });
    expect(parser.finished).toBe(false);
    parser.endChunk(false);
    parser.accept(finish(1, 6, 2));
    parser.endChunk(true);
    expect(parser.finished).toBe(true);
  });

  it('takes an empty file and an empty transfer', () => {
    run([file(0), end, finish(1, 0, 0)]).endChunk(true);
    run([finish(0, 0, 0)]).endChunk(true);
  });

  it('knows where it stands: entries done, and bytes of the open one', () => {
    const parser = new ContentParser(plenty);
    const steps: [ContentRecord, number, number][] = [
      [folder(), 1, 0],
      [file(3, 'a', 'b'), 1, 0],
      [data(2), 1, 2],
      [data(1), 1, 3],
      [end, 2, 0],
      [file(3, 'a', 'c'), 2, 0],
      [data(1), 2, 1],
      [fail, 3, 0],
      [skip, 4, 0],
      [finish(1, 4, 2), 4, 0],
    ];
    for (const [record, entry, offset] of steps) {
      parser.accept(record);
      expect(parser.cursor).toEqual({ entry, offset });
    }
  });

  it('goes on in the middle of a file', () => {
    const parser = new ContentParser(plenty, { entry: 7, offset: 4 });
    expect(parser.cursor).toEqual({ entry: 7, offset: 4 });
    parser.accept(file(6));
    expect(parser.cursor).toEqual({ entry: 7, offset: 4 });
    parser.accept(data(2));
    parser.accept(end);
    expect(parser.cursor).toEqual({ entry: 8, offset: 0 });
    parser.accept(finish(1, 2, 0));
  });

  it('drops what is here of a file that cannot go on', () => {
    const parser = new ContentParser(plenty, { entry: 7, offset: 4 });
    expect(() => {
      parser.accept(skip);
    }).toThrow(expect.objectContaining({ code: 'content-mismatch' }));
    const other = new ContentParser(plenty, { entry: 7, offset: 4 });
    other.accept({ type: 'missing', file: { path: ['a'], executable: false }, reason: 'vanished' });
    expect(other.cursor).toEqual({ entry: 8, offset: 0 });
  });

  it('takes an entry whose content comes later, and then that content', () => {
    const parser = run(
      [superseded, file(1, 'b'), data(1), end, again(0, 2, 'a'), data(2), end, finish(2, 3, 0)],
      {
        ...plenty,
        files: 3,
      },
    );
    expect(parser.cursor).toEqual({ entry: 3, offset: 0 });
  });

  it('drops what is here of a file whose content comes later', () => {
    const parser = new ContentParser(plenty, { entry: 7, offset: 4 });
    parser.accept(superseded);
    expect(parser.cursor).toEqual({ entry: 8, offset: 0 });
    parser.accept(finish(0, 0, 0));
  });

  const refused: Record<string, { records: readonly ContentRecord[]; offered?: Offered }> = {
    'SUPERSEDED while a file is open': { records: [file(2), superseded] },
    'SUPERSEDED after FINISH': { records: [finish(0, 0, 0), superseded] },
    'more SUPERSEDED than files offered': { records: [superseded, superseded, superseded] },
    'an entry that is itself again': { records: [again(0, 0, 'a')] },
    'an entry that is still to come, again': { records: [superseded, again(2, 0, 'a')] },
    'DATA without an open file': { records: [data(1)] },
    'DATA after a folder': { records: [folder(), data(1)] },
    'DATA after END': { records: [file(1), data(1), end, data(1)] },
    'DATA after FAIL': { records: [file(2), data(1), fail, data(1)] },
    'END without an open file': { records: [end] },
    'FAIL without an open file': { records: [fail] },
    'END before all bytes arrived': { records: [file(2), data(1), end] },
    'more bytes than the entry says': { records: [file(2), data(3)] },
    'a byte in an empty file': { records: [file(0), data(1)] },
    'ENTRY while a file is open': { records: [file(2), data(1), file(2)] },
    'a folder while a file is open': { records: [file(2), folder()] },
    'SKIP while a file is open': { records: [file(2), skip] },
    'FINISH while a file is open': { records: [file(2), finish(0, 0, 0)] },
    'ENTRY after FINISH': { records: [finish(0, 0, 0), folder()] },
    'SKIP after FINISH': { records: [finish(0, 0, 0), skip] },
    'DATA after FINISH': { records: [finish(0, 0, 0), data(1)] },
    'FINISH after FINISH': { records: [finish(0, 0, 0), finish(0, 0, 0)] },
    'FINISH with a file too many': { records: [file(0), end, finish(2, 0, 0)] },
    'FINISH with other bytes': { records: [file(1), data(1), end, finish(1, 2, 0)] },
    'FINISH that hides what was left out': { records: [skip, finish(0, 0, 0)] },
    'more files than offered': { records: [file(0), end, file(0)], offered: { ...plenty, files: 1 } },
    'more folders than offered': { records: [folder()], offered: { ...plenty, folders: 0 } },
    'more bytes than offered, in one file': { records: [file(11)] },
    'more bytes than offered, in sum': { records: [file(6), data(6), end, file(5)] },
    'more bytes than offered, though none arrived': { records: [file(6), fail, file(5)] },
    'more items than offered': { records: [folder('a'), folder('b')], offered: { ...plenty, itemCount: 1 } },
  };
  for (const [name, { records, offered }] of Object.entries(refused)) {
    it(`refuses ${name}`, () => {
      run(records.slice(0, -1), offered);
      expect(() => run(records, offered)).toThrow(expect.objectContaining({ code: 'content-mismatch' }));
    });
  }

  it('refuses a final chunk without FINISH, and FINISH in a chunk that is not final', () => {
    expect(() => {
      run([folder()]).endChunk(true);
    }).toThrow(expect.objectContaining({ code: 'content-mismatch' }));
    expect(() => {
      run([finish(0, 0, 0)]).endChunk(false);
    }).toThrow(expect.objectContaining({ code: 'content-mismatch' }));
  });

  it('refuses to go on in a folder, or beyond the end of a file', () => {
    for (const record of [folder(), file(3), finish(0, 0, 0)]) {
      const parser = new ContentParser(plenty, { entry: 0, offset: 4 });
      expect(() => {
        parser.accept(record);
      }).toThrow(expect.objectContaining({ code: 'content-mismatch' }));
    }
  });
});

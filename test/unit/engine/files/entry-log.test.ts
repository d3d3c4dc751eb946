import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EntryLog, pathDigest } from '../../../../src-main/engine/files/entry-log.ts';
import type { EntryFate } from '../../../../src-main/engine/files/entry-line.ts';
import { PathSet } from '../../../../src-main/engine/files/path-set.ts';
import { lists, newFolder } from './world.ts';

function closing(log: EntryLog): EntryLog {
  onTestFinished(() => {
    log.close();
  });
  return log;
}

function fileMark(name: string, executable: boolean) {
  return { path: pathDigest(['a', name]), executable };
}

const FATES: readonly Exclude<EntryFate, { kind: 'lost' }>[] = [
  { kind: 'folder' },
  { kind: 'kept', names: ['a', 'x (2).txt'], size: 3, again: undefined, file: fileMark('x', true) },
  { kind: 'none', file: fileMark('late', false) },
  { kind: 'kept', names: ['a', 'ü\n'], size: 0, again: undefined, file: fileMark('ü', false) },
  // Entry 2 was not kept; this is its newer version.
  { kind: 'kept', names: ['a', 'late'], size: 9, again: 2, file: fileMark('late', false) },
  { kind: 'replaced', of: 1, again: 1, size: 4 },
  { kind: 'none', file: fileMark('gone', true) },
  { kind: 'skipped' },
  { kind: 'none', again: 6, file: fileMark('gone', true) },
  { kind: 'later', again: 6, file: fileMark('gone', true) },
];

describe('the list of entries', () => {
  it('tells what became of each, also after it was reopened', () => {
    const file = join(newFolder(), 'entries');
    const log = EntryLog.create(file, lists);
    for (const fate of FATES) log.append(fate);
    const check = (each: EntryLog): void => {
      expect(each.entries).toBe(FATES.length);
      for (const [entry, fate] of FATES.entries()) expect(each.fate(entry)).toEqual(fate);
      // No file, or itself a newer version: kept, in the place of another one, or neither.
      for (const entry of [0, 7, 4, 5, 8, 9]) expect(each.locate(entry)).toBeUndefined();
      const kept = { file: fileMark('x', true), kept: { entry: 1, names: ['a', 'x (2).txt'] } };
      expect(each.locate(1)).toEqual(kept);
      expect(each.locate(2)).toEqual({
        file: fileMark('late', false),
        kept: { entry: 4, names: ['a', 'late'] },
      });
      expect(each.locate(6)).toEqual({ file: fileMark('gone', true), kept: null });
      expect([...each.kept()]).toEqual([
        // As the newer version in its place has it.
        { entry: 1, first: 1, names: ['a', 'x (2).txt'], size: 4 },
        { entry: 3, first: 3, names: ['a', 'ü\n'], size: 0 },
        { entry: 4, first: 2, names: ['a', 'late'], size: 9 },
      ]);
    };
    check(log);
    const mark = log.mark();
    log.append({ kind: 'folder' });
    log.close();
    const told: [EntryFate, number][] = [];
    const again = EntryLog.reopen(file, mark, lists, (fate, entry) => told.push([fate, entry]));
    check(closing(again ?? expect.fail('damaged')));
    expect(told).toEqual(FATES.map((fate, entry) => [fate, entry]));
  });

  it('knows a file as it was said first, whichever of its versions is kept', () => {
    const log = closing(EntryLog.create(join(newFolder(), 'entries'), lists));
    log.append({ kind: 'later', file: fileMark('run', true) });
    log.append({ kind: 'kept', names: ['run'], size: 0, again: 0, file: fileMark('run', false) });
    expect(log.locate(0)).toEqual({ file: fileMark('run', true), kept: { entry: 1, names: ['run'] } });
  });

  it('gives no number to what was lost, which is left out from then on, also after it was reopened', () => {
    const file = join(newFolder(), 'entries');
    const log = EntryLog.create(file, lists);
    for (let n = 0; n < 100; n++) {
      log.append({ kind: 'kept', names: [String(n)], size: n, file: fileMark('x', false) });
      if (n % 10 === 0) log.lose({ entry: n, first: n, names: [], size: n });
    }
    log.append({ kind: 'kept', names: ['again'], size: 1, again: 0, file: fileMark('x', false) });
    log.lose({ entry: 100, first: 0, names: [], size: 1 });
    log.append({ kind: 'kept', names: ['newer'], size: 7, again: 10, file: fileMark('x', false) });
    const check = (each: EntryLog): void => {
      expect([each.entries, each.settledFiles, each.hasLost]).toEqual([102, 100, true]);
      expect(each.fate(70)).toMatchObject({ names: ['70'] });
      expect(each.fate(99)).toMatchObject({ names: ['99'] });
      expect([0, 10, 20, 21].map((n) => each.isLeftOut(n))).toEqual([true, false, true, false]);
      expect([0, 20].map((n) => each.locate(n)?.kept)).toEqual([null, null]);
      expect([10, 21].map((n) => each.locate(n)?.kept?.entry)).toEqual([101, 21]);
      const kept = [...each.kept()];
      expect(kept).toHaveLength(91);
      expect(kept.at(-1)).toEqual({ entry: 101, first: 10, names: ['newer'], size: 7 });
    };
    check(log);
    const mark = log.mark();
    log.close();
    check(closing(EntryLog.reopen(file, mark, lists, () => undefined) ?? expect.fail('damaged')));
  });

  it('knows the newest version of each of very many files', { timeout: 120_000 }, () => {
    const log = closing(EntryLog.create(join(newFolder(), 'entries'), lists));
    const file = fileMark('x', false);
    const many = 1_000_010;
    for (let n = 0; n < many; n++) log.append({ kind: 'later', file });
    for (let n = 0; n < many; n++) log.append({ kind: 'kept', names: ['x'], size: 0, again: n, file });
    for (const n of [0, many - 1]) expect(log.locate(n)?.kept?.entry).toBe(many + n);
    log.append({ kind: 'kept', names: ['y'], size: 0, again: many - 1, file });
    expect(log.locate(many - 1)?.kept).toEqual({ entry: 2 * many, names: ['y'] });
  });

  it('finds one of many', () => {
    const file = join(newFolder(), 'entries');
    const log = EntryLog.create(file, lists);
    const nameOf = (n: number): string => `file ${n} ${'x'.repeat(n % 90)}`;
    for (let n = 0; n < 10_000; n++)
      log.append({ kind: 'kept', names: [nameOf(n)], size: n, file: fileMark('x', false) });
    const mark = log.mark();
    log.close();
    const again = closing(EntryLog.reopen(file, mark, lists, () => undefined) ?? expect.fail('damaged'));
    for (const n of [0, 63, 64, 65, 4_000, 9_999]) expect(again.locate(n)?.kept?.names).toEqual([nameOf(n)]);
    expect(again.entries).toBe(10_000);
  });
});

describe('a set of paths', () => {
  it('knows what was added, once each, files from folders', () => {
    const set = new PathSet();
    for (let n = 0; n < 5_000; n++) {
      set.add('file', ['a', String(n)]);
      set.add('folder', ['b', String(n % 10)]);
    }
    set.seal();
    expect(set.find('file', ['a', '5000'])).toBe(false);
    expect(set.find('folder', ['a', '1'])).toBe(false);
    expect(set.find('file', ['a/1'.slice(0, 1), '1'])).toBe(true);
    for (let n = 0; n < 5_000; n++) expect(set.find('file', ['a', String(n)])).toBe(true);
    for (let n = 0; n < 9; n++) expect(set.find('folder', ['b', String(n)])).toBe(true);
    expect(set.isComplete).toBe(false);
    expect(set.find('folder', ['b', '9'])).toBe(true);
    expect(set.isComplete).toBe(true);
  });

  it('may be empty', () => {
    const set = new PathSet();
    set.seal();
    expect(set.find('file', ['a'])).toBe(false);
    expect(set.isComplete).toBe(true);
  });
});

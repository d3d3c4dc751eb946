import { describe, expect, it } from 'vitest';
import { MAX_LISTED_SKIPS } from '../../../../shared/limits.ts';
import type { ContentRecord } from '../../../../src-main/engine/content/records.ts';
import { SkipList } from '../../../../src-main/engine/content/skip-list.ts';
import { EntrySet } from '../../../../src-main/engine/files/entry-set.ts';
import { offeredOf } from '../../../support/offers.ts';
import { FAIL, Stage, entry, file, finish, folder, missing, skip } from './play.ts';

type Records = readonly (ContentRecord | readonly ContentRecord[])[];

function stage(): Stage {
  const begun = new Stage();
  begun.offered = offeredOf({ itemCount: 900, files: 900, folders: 9, bytes: 100_000 });
  begun.connect();
  return begun;
}

const ways: [string, (of: Stage) => Promise<unknown>][] = [
  ['at once', () => Promise.resolve()],
  ['over two connections', (of) => of.reconnect()],
];

async function ended(of: Stage): Promise<{ readonly count: number; readonly paths: readonly string[] }> {
  await of.play(finish(of.reception));
  const { skipped, skippedCount } = await of.publish();
  return { count: skippedCount, paths: skipped.map(({ path }) => path) };
}

describe.each(ways)('what is left out is taken back by what it was, %s', (_when, pause) => {
  const kept: [string, Records, Records, readonly string[]][] = [
    [
      'another file said under the same path',
      [missing('a'), missing('a'), file('a', '1')],
      [file('a', '2', 2), file('a', '3', 2)],
      ['a', 'a'],
    ],
    [
      'what the sender had left out under a path that reads the same',
      [skip('caf\ufffd'), file('caf\ufffd', '1')],
      [file('caf\ufffd', '2', 1)],
      ['caf\ufffd'],
    ],
    ['a folder that could not be made', [folder('NUL'), file('b', '1')], [file('b', '2', 1)], ['NUL']],
  ];
  it.each(kept)('a newer version takes nothing from %s', async (_what, before, after, paths) => {
    const of = stage();
    await of.play(...before);
    await pause(of);
    await of.play(...after);
    expect(await ended(of)).toEqual({ count: paths.length, paths });
  });

  const back: [string, Records, Records, readonly string[]][] = [
    ['its own, where it was gone', [missing('a'), missing('a')], [file('a', '2', 1)], ['a']],
    [
      'its own, where a newer one had failed',
      [file('a', '1')],
      [entry('a', 1, 0), FAIL, file('a', '2', 0)],
      [],
    ],
    [
      'its own, after it had come once more',
      [missing('a'), file('a', '1', 0)],
      [entry('a', 1, 0), FAIL, file('a', '2', 0)],
      [],
    ],
    ['only what comes', [missing('a'), missing('b'), missing('a', 0)], [file('a', '1', 0)], ['b']],
  ];
  it.each(back)('a newer version takes back %s', async (_what, before, after, paths) => {
    const of = stage();
    await of.play(...before);
    await pause(of);
    await of.play(...after);
    expect(await ended(of)).toEqual({ count: paths.length, paths });
  });

  it('also those that are only counted, and counts none of them twice', async () => {
    const of = stage();
    const all = MAX_LISTED_SKIPS + 50;
    await of.play(...Array.from({ length: all }, (_, n) => missing(`f${String(n)}`)));
    await of.play(...Array.from({ length: all }, (_, n) => missing(`f${String(n)}`, n)));
    await pause(of);
    expect(of.reception.progress.files).toBe(0);
    for (let n = 0; n < all - 1; n++) await of.play(file(`f${String(n)}`, 'x', n));
    expect(await ended(of)).toMatchObject({ count: 1 });
  });
});

describe('a list of what is left out', () => {
  it('tells the journal what it took back, whatever it is told after that', () => {
    const list = new SkipList();
    list.add({ path: 'a', reason: 'changed' }, 3);
    list.add({ path: 'a', reason: 'changed' }, null);
    expect(list.takeGrowth()).toMatchObject({ anew: false, files: [{ entry: 3 }, { entry: null }] });
    list.remove(3);
    expect(list.takeGrowth()).toEqual({ anew: true, files: [{ path: 'a', reason: 'changed', entry: null }] });
    expect(list.takeGrowth()).toBeNull();
  });
});

describe('a set of entries', () => {
  it('has what was added and not deleted, however high and often', () => {
    const set = new EntrySet();
    for (const each of [0, 7, 8, 5_000_000, 7]) set.add(each);
    set.delete(8);
    set.delete(9_999_999);
    expect([0, 7, 8, 4_999_999, 5_000_000].map((each) => set.has(each))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
    expect(set.size).toBe(3);
  });
});

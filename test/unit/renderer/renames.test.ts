import { describe, expect, it } from 'vitest';
import { renamesOf } from '../../../src-renderer/renames.ts';
import { items } from '../../support/offered.ts';
import { outcome } from './fixtures.ts';

const nothing = { pairs: [], others: [] };

function renames(offered: readonly string[], names: readonly string[], isIncomplete = false) {
  // As the receiver tells them.
  const there = { ...outcome, names: names.toSorted().slice(0, 16) };
  const leftOut = { skipped: [], skippedCount: 1 };
  return renamesOf({
    items: items(...offered.slice(0, 16)),
    itemCount: offered.length,
    state: isIncomplete ? { kind: 'incomplete', outcome: there, leftOut } : { kind: 'done', outcome: there },
  });
}

describe('what things are called on disk', () => {
  it.each([
    [
      ['bbb.txt', 'aaa.txt'],
      ['aaa.txt', 'bbb.txt'],
    ],
    [
      ['Zebra', 'apple', 'Mango'],
      ['Mango', 'Zebra', 'apple'],
    ],
    [
      ['x', 'x (2)'],
      ['x', 'x (2)'],
    ],
    [[], []],
  ])('is no matter of the order in which they were chosen: %j', (offered, names) => {
    expect(renames(offered, names)).toEqual(nothing);
  });

  it.each([
    [['abc-new.txt', 'bbb.txt'], ['abc-new.txt', 'bbb (2).txt'], [['bbb.txt', 'bbb (2).txt']]],
    [['bbb.txt', 'abc-new.txt'], ['abc-new.txt', 'bbb (2).txt'], [['bbb.txt', 'bbb (2).txt']]],
    [['Holiday'], ['Holiday (3)'], [['Holiday', 'Holiday (3)']]],
    [
      ['a.tar.gz', 'a.gz'],
      ['a (2).tar.gz', 'a (2).gz'],
      [
        ['a.gz', 'a (2).gz'],
        ['a.tar.gz', 'a (2).tar.gz'],
      ],
    ],
    [
      ['.env', 'v1.2'],
      ['.env (2)', 'v1.2 (2)'],
      [
        ['.env', '.env (2)'],
        ['v1.2', 'v1.2 (2)'],
      ],
    ],
    [
      ['a:b?.txt', 'c'],
      ['a_b_.txt', 'c (2)'],
      [
        ['c', 'c (2)'],
        ['a:b?.txt', 'a_b_.txt'],
      ],
    ],
    [
      [`${'n'.repeat(251)}.txt`],
      [`${'n'.repeat(247)} (2).txt`],
      [[`${'n'.repeat(251)}.txt`, `${'n'.repeat(247)} (2).txt`]],
    ],
  ])('is told of %j as %j', (offered, names, pairs) => {
    expect(renames(offered, names)).toEqual({ pairs: pairs.map(([from, to]) => ({ from, to })), others: [] });
  });

  it.each([
    // `x` took the free name `x (2)`, so that `x (2)` had to take another.
    [['x', 'x (2)'], ['x (2)', 'x (2) (2)'], ['x (2) (2)']],
    // Which of the two was first?
    [
      ['a:b', 'a_b'],
      ['a_b (2)', 'a_b (3)'],
      ['a_b (2)', 'a_b (3)'],
    ],
    [
      ['a:', 'b:'],
      ['a_', 'b_'],
      ['a_', 'b_'],
    ],
    [['a:b', 'a_b'], ['a_b', 'a_b (2)'], ['a_b (2)']],
  ])('is not said of one thing where it may be that of another: %j as %j', (offered, names, others) => {
    expect(renames(offered, names)).toEqual({ pairs: [], others });
  });

  it('is not guessed where something was left out', () => {
    expect(renames(['a', 'b'], ['a'], true)).toEqual(nothing);
    expect(renames(['a', 'b'], ['b (2)'], true)).toEqual({ pairs: [], others: ['b (2)'] });
  });

  it('is not guessed from the beginnings of two long lists', () => {
    const many = Array.from({ length: 40 }, (_, index) => `photo ${String(90 - index)}.jpg`);
    expect(renames(many, many)).toEqual(nothing);
    expect(renames(many, many.with(3, 'photo 87 (2).jpg'))).toEqual(nothing);
    const most = many.slice(0, 16);
    expect(renames(most, most.with(3, 'photo 87 (2).jpg')).pairs).toHaveLength(1);
  });
});

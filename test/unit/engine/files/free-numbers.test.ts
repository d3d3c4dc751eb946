import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX_SAME_NAME, UNFORESEEN, freeNumbers } from '../../../../src-main/engine/files/free-numbers.ts';
import type { Probe } from '../../../../src-main/engine/files/free-numbers.ts';
import { freeName } from '../../../../src-main/engine/files/names.ts';
import { create, newFolder, stage } from './world.ts';

/** The first number that is offered and not taken, and how often it was asked or tried. */
function firstFree(
  isTaken: (n: number) => boolean,
  probe?: Probe,
): { readonly free: number | undefined; readonly steps: number } {
  let steps = 0;
  const counted = (n: number): boolean => {
    steps += 1;
    return isTaken(n);
  };
  for (const n of freeNumbers(counted, probe)) if (!counted(n)) return { free: n, steps };
  return { free: undefined, steps };
}

describe('the number of a name that is taken', () => {
  it('is the next one, found in a few steps, however many are taken', () => {
    for (let taken = 0; taken < MAX_SAME_NAME; taken += 1) {
      const { free, steps } = firstFree((n) => n <= taken);
      expect(free).toBe(taken + 1);
      expect(steps).toBeLessThan(48);
    }
  });

  it('is the first free one among the first sixteen, and none where all are taken', () => {
    expect(firstFree((n) => n <= 3 || n > 4).free).toBe(4);
    expect(firstFree(() => true)).toMatchObject({ free: undefined });
  });

  it('is free and follows a taken one where they are taken here and there', () => {
    const isTaken = (n: number): boolean => n <= 40 || n % 7 === 0;
    const { free = 0 } = firstFree(isTaken);
    expect([isTaken(free - 1), isTaken(free)]).toEqual([true, false]);
  });

  it('is the next one also where a hundred thousand, or a billion, are taken in a folder that others write in', () => {
    for (const taken of [1, 15, 16, 17, 100_000, 1_000_000_000]) {
      const { free, steps } = firstFree((n) => n <= taken, UNFORESEEN);
      expect(free).toBe(taken + 1);
      expect(steps).toBeLessThan(100);
    }
  });

  it('is found where somebody has taken those that are looked at where it may be foreseen', () => {
    const looked: number[] = [];
    const all = [
      ...freeNumbers((n) => looked.push(n) > 0, { last: UNFORESEEN.last, pick: (_from, to) => to }),
    ];
    expect(all).toHaveLength(16);
    expect(looked).toHaveLength(36);
    const isTaken = (n: number): boolean => n <= 16 || looked.includes(n);
    const { free = 0 } = firstFree(isTaken, UNFORESEEN);
    expect([isTaken(free - 1), isTaken(free)]).toEqual([true, false]);
  });

  it('is another one for each of a hundred files, and the same one for a folder that is come back to', () => {
    const staging = stage(newFolder());
    for (let n = 1; n <= 100; n += 1) {
      const file = create(staging, ['a'], 0);
      expect(file.names).toEqual([n === 1 ? 'a' : freeName('a', n)]);
      file.finish();
    }
    for (const name of ['a', 'b', 'a', 'b']) {
      expect(staging.makeFolder([name], { mtimeUs: 0 })).not.toHaveProperty('skipped');
      create(staging, [name, 'x'], 0).finish();
    }
    const tree = join(staging.place.folder.path, 'tree');
    expect(readdirSync(tree)).toHaveLength(102);
    expect(readdirSync(join(tree, 'a (101)')).sort()).toEqual(['x', 'x (2)']);
    expect(readdirSync(join(tree, 'b')).sort()).toEqual(['x', 'x (2)']);
  });
});

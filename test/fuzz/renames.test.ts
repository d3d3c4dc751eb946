import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeName } from '../../src-main/engine/files/names.ts';
import { renamesOf } from '../../src-renderer/renames.ts';
import { items } from '../support/offered.ts';
import { outcome } from '../unit/renderer/fixtures.ts';
import { fuzz } from './fuzz.ts';

/** What the page says of new names, held against a receiver that gives them as the real one does. */

const POOL = ['x', 'x (2)', 'x (3)', 'x (2) (2)', 'x.txt', 'x (2).txt', 'a:b', 'a_b', 'a_b (2)', 'v1.2'];
const some = fc.uniqueArray(fc.constantFrom(...POOL), { maxLength: 7 });
/** What this system cannot have in a name. */
const portable = (name: string): string => name.replace(':', '_');

/** What each of the chosen is called in the end, in a folder where others are present. */
function receive(
  chosen: readonly string[],
  present: readonly string[],
  kind: 'file' | 'folder',
): ReadonlyMap<string, string> {
  const free = (name: string, isTaken: (name: string) => boolean): string => {
    let target = name;
    for (let n = 2; isTaken(target); n += 1) target = freeName(name, n, kind);
    return target;
  };
  const staged = new Map<string, string>();
  for (const name of chosen) {
    staged.set(
      free(portable(name), (each) => staged.has(each)),
      name,
    );
  }
  const disk = new Set(present.map(portable));
  const names = new Map<string, string>();
  for (const [name, original] of [...staged].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const target = free(name, (each) => disk.has(each));
    disk.add(target);
    names.set(original, target);
  }
  return names;
}

describe('what the page says of new names', () => {
  it('is true of each, or not said', async () => {
    let told = 0;
    await fuzz(3000, [some, some, fc.constantFrom('file', 'folder')], (chosen, present, kind) => {
      const truth = receive(chosen, present, kind);
      const names = [...truth.values()].sort();
      const { pairs, others } = renamesOf({
        items: items(...chosen),
        itemCount: chosen.length,
        state: { kind: 'done', outcome: { ...outcome, names } },
      });
      for (const { from, to } of pairs) {
        expect(truth.get(from)).toBe(to);
        expect(to).not.toBe(from);
      }
      for (const name of others) {
        expect(names).toContain(name);
        expect(chosen).not.toContain(name);
      }
      if ([...truth].every(([from, to]) => from === to))
        expect({ pairs, others }).toEqual({ pairs: [], others: [] });
      told += pairs.length;
    });
    expect(told).toBeGreaterThan(100);
  });
});

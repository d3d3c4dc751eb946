import { describe, expect, it } from 'vitest';
import { MAX_ENTRIES } from '../../../../shared/limits.ts';
import { NewestEntries } from '../../../../src-main/engine/files/newest-entries.ts';

describe('the newest entries', () => {
  it('are the entries themselves where nothing was appended', () => {
    const newest = new NewestEntries();
    expect([0, 1, MAX_ENTRIES].map((entry) => newest.of(entry))).toEqual([0, 1, MAX_ENTRIES]);
  });

  it('are those that were appended last, as a map would say', () => {
    const newest = new NewestEntries();
    const expected = new Map<number, number>();
    for (let entry = 1000; entry < 3000; entry += 1) {
      const original = (entry * 7919) % 613;
      newest.add(original, entry);
      expected.set(original, entry);
      // Looking in between changes nothing.
      if (entry % 500 === 0) expect(newest.of(original)).toBe(entry);
    }
    for (let original = 0; original < 1000; original += 1)
      expect(newest.of(original)).toBe(expected.get(original) ?? original);
  });

  it('may have the largest numbers there are', () => {
    const newest = new NewestEntries();
    newest.add(MAX_ENTRIES - 2, MAX_ENTRIES - 1);
    newest.add(MAX_ENTRIES - 2, MAX_ENTRIES);
    newest.add(0, MAX_ENTRIES);
    expect(newest.of(MAX_ENTRIES - 2)).toBe(MAX_ENTRIES);
    expect(newest.of(MAX_ENTRIES - 1)).toBe(MAX_ENTRIES - 1);
    expect(newest.of(0)).toBe(MAX_ENTRIES);
  });

  it('are below the limit', () => {
    const newest = new NewestEntries();
    for (const entry of [12, 13, 14]) newest.add(0, entry);
    newest.add(5, 14);
    newest.limit(14);
    expect([newest.of(0), newest.of(5)]).toEqual([13, 5]);
    newest.limit(10);
    expect([newest.of(0), newest.of(5)]).toEqual([0, 5]);
  });
});

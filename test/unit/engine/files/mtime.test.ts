import { closeSync, openSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { microseconds, setTime, setTimeAt } from '../../../../src-main/engine/files/mtime.ts';
import { newFolder } from './world.ts';

/** The time that a file has once it was given `mtimeUs`, in ns: by its descriptor, and by its path. */
function given(mtimeUs: number): readonly bigint[] {
  const path = join(newFolder(), 'file');
  writeFileSync(path, '');
  const fd = openSync(path, 'r+');
  setTime(fd, mtimeUs);
  closeSync(fd);
  const first = statSync(path, { bigint: true }).mtimeNs;
  setTimeAt(path, mtimeUs);
  return [first, statSync(path, { bigint: true }).mtimeNs];
}

describe('a modification time', () => {
  it.each([0, 1, 978_307_200, 1_600_000_000, 1_795_899_777, 4_102_444_800, -1, -86_400])(
    'of a whole second is exactly that second: %i',
    (seconds) => {
      const exact = BigInt(seconds) * 1_000_000_000n;
      expect(given(seconds * 1e6)).toEqual([exact, exact]);
    },
  );

  it.each([1_795_899_777_547_989, 1_600_000_000_123_000, 1_000_000_000_000_001, 1_700_000_000_999_999])(
    'between two seconds is in the same microsecond: %i',
    (mtimeUs) => {
      expect(given(mtimeUs).map(microseconds)).toEqual([mtimeUs, mtimeUs]);
    },
  );
});

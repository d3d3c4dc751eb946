import { appendFile, chmod, cp, mkdir, mkdtemp, open, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareTrees } from '../../support/compare.ts';
import { makeFolder } from '../../support/made-folder.ts';

let folder = '';
let source = '';
let target = '';

/** What one change to the copy is told as. */
async function differenceAfter(change: () => Promise<unknown>): Promise<readonly string[]> {
  await change();
  const { differences, differenceCount } = await compareTrees(source, target);
  expect(differenceCount).toBe(differences.length);
  return differences.map(({ path, what }) => `${path} ${what}`);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-compare-'));
  source = join(folder, 'Source');
  target = join(folder, 'Target');
  await makeFolder(source, { largeBytes: 2_500_000, smallFiles: 12 });
  // Times that a copy keeps exactly, so that what differs is what a test changes.
  for (const path of ['Notes', 'Photos', '.']) await utimes(join(source, path), 1_000_000, 1_000_000);
  await cp(source, target, { recursive: true, preserveTimestamps: true });
});
afterEach(() => rm(folder, { recursive: true }));

/** A copy keeps milliseconds, the comparison wants microseconds: only what is not about time counts here. */
const exceptTimes = (differences: readonly string[]): readonly string[] =>
  differences.filter((difference) => !difference.endsWith('has another modification time'));

describe('the comparison of what was sent with what arrived', () => {
  it('counts what is the same', async () => {
    const result = await compareTrees(source, source);
    expect(result).toMatchObject({ differences: [], differenceCount: 0, leftOut: [], executables: 1 });
    expect(result.files).toBe(12 + 1 + 6);
    expect(result.bytes).toBeGreaterThan(2_500_000);
    expect(result.folders).toBe(12);
  });

  it('finds one changed bit in a large file', async () => {
    const change = async () => {
      const file = await open(join(target, 'Film.mov'), 'r+');
      const byte = Buffer.alloc(1);
      await file.read(byte, 0, 1, 2_400_000);
      byte.writeUInt8(byte.readUInt8() ^ 1);
      await file.write(byte, 0, 1, 2_400_000);
      await file.close();
    };
    expect(exceptTimes(await differenceAfter(change))).toEqual(['Source/Film.mov has other content']);
  });

  it.each([
    [
      'a byte too many',
      () => appendFile(join(target, 'Film.mov'), 'x'),
      'Source/Film.mov has 2500001 bytes instead of 2500000',
    ],
    ['a lost file', () => rm(join(target, 'Nothing in here.txt')), 'Source/Nothing in here.txt is missing'],
    [
      'a lost empty folder',
      () => rm(join(target, 'Empty/beside it'), { recursive: true }),
      'Source/Empty/beside it is missing',
    ],
    [
      'a file that nobody sent',
      () => writeFile(join(target, 'Notes/new.txt'), ''),
      'Source/Notes/new.txt was never sent',
    ],
    [
      'a lost executable bit',
      () => chmod(join(target, 'Tools/count files.sh'), 0o644),
      'Source/Tools/count files.sh has another executable bit',
    ],
    [
      'a folder in the place of a file',
      async () => {
        await rm(join(target, 'Film.mov'));
        await mkdir(join(target, 'Film.mov'));
      },
      'Source/Film.mov is of another kind',
    ],
  ])('finds %s', async (_name, change, told) => {
    expect(exceptTimes(await differenceAfter(change))).toEqual([told]);
  });

  it('finds another modification time, to the microsecond', async () => {
    const path = join(source, 'Film.mov');
    await utimes(path, 1_000_000, 1_000_000.000_002);
    await utimes(join(target, 'Film.mov'), 1_000_000, 1_000_000.000_005);
    expect((await compareTrees(path, join(target, 'Film.mov'))).differences).toEqual([
      { path: 'Film.mov', what: 'has another modification time' },
    ]);
  });

  it('takes what was said to be left out as such, and only while it is', async () => {
    const skipped = new Set(['Source/Film.mov', 'Source/Empty']);
    await rm(join(target, 'Film.mov'));
    const { differences, leftOut } = await compareTrees(source, target, { skipped });
    expect(leftOut).toEqual(expect.arrayContaining([...skipped]));
    expect(differences.filter(({ what }) => what !== 'has another modification time')).toEqual([
      { path: 'Source/Empty', what: 'is there, although it was said not to have arrived' },
    ]);
  });
});

import { readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STAGING_NAME, codeOf, lay, newFolder, picture, publish, put, stage } from './world.ts';

/** A folder is held open while many files are made in it: as long as nobody else has his turn, and never longer. */

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

describe.runIf(process.platform === 'linux')('a round', () => {
  it('makes files in the very folder that was looked at, whatever takes its place meanwhile', () => {
    const dest = newFolder();
    lay(dest, { 'outside/': '' });
    const staging = stage(dest);
    staging.beginRound();
    put(staging, ['a', 'b', 'first'], '1');
    renameSync(join(dest, STAGING_NAME, 'tree', 'a', 'b'), join(dest, STAGING_NAME, 'tree', 'a', 'away'));
    symlinkSync(join(dest, 'outside'), join(dest, STAGING_NAME, 'tree', 'a', 'b'));
    put(staging, ['a', 'b', 'second'], '2');
    expect(picture(join(dest, 'outside'))).toEqual({});
    expect(picture(join(dest, STAGING_NAME, 'tree', 'a', 'away'))).toEqual({ first: '1', second: '2' });
    staging.beginRound();
    expect(codeOf(() => put(staging, ['a', 'b', 'third'], '3'))).toBe('destination-changed');
    staging.discard();
  });

  it('looks at each folder that it enters', () => {
    const dest = newFolder();
    lay(dest, { 'outside/': '' });
    const staging = stage(dest);
    staging.beginRound();
    put(staging, ['a', 'b', 'first'], '1');
    symlinkSync(join(dest, 'outside'), join(dest, STAGING_NAME, 'tree', 'a', 'c'));
    expect(codeOf(() => put(staging, ['a', 'c', 'second'], '2'))).toBe('destination-changed');
    expect(picture(join(dest, 'outside'))).toEqual({});
    staging.discard();
  });

  it('leaves the same behind as single files do', async () => {
    const files: readonly (readonly [readonly string[], string])[] = [
      [['top'], '0'],
      [['a', 'x'], '1'],
      [['a', 'b', 'x'], '2'],
      [['a', 'b', 'x'], '3'],
      [['a', 'y'], '4'],
      [['other'], '5'],
    ];
    const pictures = [];
    for (const isRound of [false, true]) {
      const dest = newFolder();
      const staging = stage(dest);
      if (isRound) staging.beginRound();
      for (const [path, text] of files) put(staging, path, text);
      staging.endRound();
      await publish(staging);
      pictures.push(picture(dest));
    }
    expect(pictures[1]).toEqual(pictures[0]);
    expect(pictures[1]).toMatchObject({ 'a/b/x': '2', 'a/b/x (2)': '3', other: '5' });
  });

  it('removes what was abandoned in it, also after its end', () => {
    const dest = newFolder();
    const staging = stage(dest);
    staging.beginRound();
    const file = staging.createFile(['a', 'x'], { size: 1, mtimeUs: 0, executable: false });
    staging.endRound();
    if ('skipped' in file) throw new Error('skipped');
    file.abandon();
    expect(picture(join(dest, STAGING_NAME, 'tree'))).toEqual({ a: '/' });
    staging.discard();
  });

  it('keeps no descriptor', () => {
    const before = openDescriptors();
    const dest = newFolder();
    const staging = stage(dest);
    for (let round = 0; round < 3; round += 1) {
      staging.beginRound();
      for (const folder of ['a', 'b', 'c']) put(staging, [folder, String(round)], '');
    }
    staging.discard();
    expect(openDescriptors()).toBe(before);
    expect(
      codeOf(() => {
        staging.beginRound();
      }),
    ).toBe('cancelled');
  });
});

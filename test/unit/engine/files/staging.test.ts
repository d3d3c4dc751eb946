import { createHash } from 'node:crypto';
import { linkSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { microseconds } from '../../../../src-main/engine/files/mtime.ts';
import type { Staging } from '../../../../src-main/engine/files/staging.ts';
import { refusingNames } from '../../../support/refusing-disk.ts';
import {
  PLAIN,
  STAGING_NAME,
  codeOf,
  create,
  lay,
  newFolder,
  picture,
  put,
  rejectionOf,
  stage,
  systemError,
  publish,
} from './world.ts';

/** What is staged in `world`. */
const staged = (world: string): Record<string, string> => picture(join(world, STAGING_NAME, 'tree'));

/** What tells a name that was cut from others: see docs/protocol.md, "Names". */
const markOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 16);

const mtimeUs = (path: string): number => microseconds(statSync(path, { bigint: true }).mtimeNs);

describe('a staged file', () => {
  it('is written in pieces, under its name, with time and mode', async () => {
    const world = newFolder();
    const staging = stage(world);
    const file = staging.createFile(['deep', 'er', 'x.sh'], {
      size: 6,
      mtimeUs: 1_600_000_000_000_001,
      executable: true,
    });
    if ('skipped' in file) throw new Error('left out');
    file.write(Buffer.from('abc'));
    file.write(Buffer.from(''));
    file.write(Buffer.from('def'));
    file.finish();
    put(staging, ['deep', 'plain'], '');
    await publish(staging);
    expect(picture(world)).toEqual({ deep: '/', 'deep/er': '/', 'deep/er/x.sh': 'abcdef', 'deep/plain': '' });
    expect(mtimeUs(join(world, 'deep', 'er', 'x.sh'))).toBe(1_600_000_000_000_001);
    // What the system gives a file of this user.
    lay(world, { 'probe/file': '' });
    const usual = (path: string): number => statSync(join(world, path)).mode & 0o777;
    expect(usual('deep')).toBe(usual('probe'));
    expect(usual('deep/er/x.sh')).toBe(usual('probe'));
    expect(usual('deep/plain')).toBe(usual('probe/file'));
  });

  it('takes no byte more than announced, and is not finished with fewer', () => {
    const staging = stage(newFolder());
    const file = create(staging, ['a'], 4);
    file.write(Buffer.from('abc'));
    expect(
      codeOf(() => {
        file.write(Buffer.from('de'));
      }),
    ).toBe('content-mismatch');
    expect(
      codeOf(() => {
        file.finish();
      }),
    ).toBe('content-mismatch');
  });

  it('leaves nothing when it is abandoned, and its name is free again', () => {
    const world = newFolder();
    const staging = stage(world);
    const file = create(staging, ['f', 'a'], 4);
    file.write(Buffer.from('abc'));
    file.abandon();
    expect(staged(world)).toEqual({ f: '/' });
    expect(
      codeOf(() => {
        file.write(Buffer.from('d'));
      }),
    ).toBe('internal');
    put(staging, ['f', 'a'], 'again');
    expect(staged(world)).toEqual({ f: '/', 'f/a': 'again' });
  });

  it('deletes nothing else when it is abandoned', () => {
    const world = newFolder();
    const staging = stage(world);
    const file = create(staging, ['a'], 4);
    const path = join(world, STAGING_NAME, 'tree', 'a');
    rmSync(path);
    lay(world, { other: 'other' });
    linkSync(join(world, 'other'), path);
    file.abandon();
    expect(staged(world)).toEqual({ a: 'other' });
  });

  it('is written to the end by a disk that takes one byte at a time', () => {
    const world = newFolder();
    const slowDisk: Disk = { ...nodeDisk, write: (fd, bytes) => nodeDisk.write(fd, bytes.subarray(0, 1)) };
    put(stage(world, slowDisk), ['a'], 'abcdef');
    expect(staged(world)).toEqual({ a: 'abcdef' });
  });

  it.each([
    ['ENOSPC', 'no-space'],
    ['EDQUOT', 'no-space'],
    ['EFBIG', 'destination-unusable'],
    ['EIO', 'destination-unusable'],
    ['EROFS', 'destination-unusable'],
    ['ESTALE', 'destination-changed'],
  ])('says what %s means, and nothing stays', (errno, code) => {
    const world = newFolder();
    const fullDisk: Disk = {
      ...nodeDisk,
      write: () => {
        throw systemError(errno);
      },
    };
    const staging = stage(join(world, 'new'), fullDisk);
    const file = create(staging, ['f', 'a'], 1);
    expect(
      codeOf(() => {
        file.write(Buffer.from('a'));
      }),
    ).toBe(code);
    staging.discard();
    expect(readdirSync(world)).toEqual([]);
  });
});

describe('names in a staging folder', () => {
  it('that are taken get a number, whatever took them', () => {
    const world = newFolder();
    const staging = stage(world);
    put(staging, ['a.txt'], '1');
    put(staging, ['a.txt'], '2');
    put(staging, ['a\u0001.txt'], '3');
    put(staging, ['a\u0002.txt'], '4');
    staging.makeFolder(['both'], PLAIN);
    put(staging, ['both'], '5');
    expect(staged(world)).toEqual({
      'a (2).txt': '2',
      'a.txt': '1',
      'a_ (2).txt': '4',
      'a_.txt': '3',
      both: '/',
      'both (2)': '5',
    });
  });

  it('of a folder that a file has taken lead to one and the same other folder', () => {
    const world = newFolder();
    const staging = stage(world);
    put(staging, ['v1.2'], 'file');
    put(staging, ['v1.2', 'a'], 'a');
    put(staging, ['other'], '');
    put(staging, ['v1.2', 'b', 'c'], 'c');
    expect(staging.makeFolder(['v1.2', 'b'], PLAIN)).toMatchObject({ names: [expect.any(String), 'b'] });
    expect(staged(world)).toEqual({
      other: '',
      'v1.2': 'file',
      'v1.2 (2)': '/',
      'v1.2 (2)/a': 'a',
      'v1.2 (2)/b': '/',
      'v1.2 (2)/b/c': 'c',
    });
  });

  it('that differ in case or composition stand side by side, or the second gets a number', () => {
    const world = newFolder();
    const staging = stage(world);
    put(staging, ['Photo.jpg'], '1');
    put(staging, ['photo.jpg'], '2');
    put(staging, ['Gr\u00fc\u00dfe'], '3');
    put(staging, ['Gru\u0308\u00dfe'], '4');
    // Which of the two it is depends on the file system under the test: nothing is lost on either.
    expect(Object.values(staged(world)).sort()).toEqual(['1', '2', '3', '4']);
  });

  it('that this file system can hold arrive as they are, whatever another one says of them', () => {
    const world = newFolder();
    const staging = stage(world);
    const names = [
      'aux.c',
      'con.txt',
      'nul',
      'x\\y',
      'dev-disk-by\\x2duuid.device',
      'a:b',
      'end.',
      'end ',
      '?',
      'C:',
    ];
    for (const name of names) expect(put(staging, [name], name)).toBeUndefined();
    put(staging, ['CON', 'LPT1', 'back\\slash'], 'deep');
    expect(staged(world)).toEqual({
      ...Object.fromEntries(names.map((name) => [name, name])),
      CON: '/',
      'CON/LPT1': '/',
      'CON/LPT1/back\\slash': 'deep',
    });
  });

  it('that this file system says no to get another one', () => {
    const world = newFolder();
    const staging = stage(world, refusingNames(/[^ -~]|^.{200}/));
    put(staging, ['Grüße', 'é'], '1');
    put(staging, ['Grüße', 'è'], '2');
    put(staging, [`${'x'.repeat(250)}.txt`], '3');
    expect(staged(world)).toEqual({
      Gr__e: '/',
      'Gr__e/_': '1',
      'Gr__e/_ (2)': '2',
      [`${'x'.repeat(98)}~${markOf(`${'x'.repeat(250)}.txt`)}.txt`]: '3',
    });
  });

  it('that are longer than this file system can hold are shortened', () => {
    const world = newFolder();
    const staging = stage(world);
    expect(put(staging, ['x'.repeat(255)], 'fits')).toBeUndefined();
    const long = `${'日'.repeat(150)}.txt`;
    for (const text of ['1', '2']) expect(put(staging, [long], text)).toBeUndefined();
    const folder = 'é'.repeat(200);
    put(staging, [folder, 'below'], 'below');
    const short = `${'é'.repeat(114)}~${markOf(folder)}`;
    expect(staged(world)).toEqual({
      ['x'.repeat(255)]: 'fits',
      [`${'日'.repeat(75)}~${markOf(long)}.txt`]: '1',
      [`${'日'.repeat(75)}~${markOf(long)} (2).txt`]: '2',
      [short]: '/',
      [`${short}/below`]: 'below',
    });
  });

  it('that differ only where they are cut stay apart, however many they are, and so do folders', () => {
    const world = newFolder();
    const staging = stage(world);
    // What a computer that counts UTF-16 units can hold, and one that counts bytes cannot.
    const long = (n: number, end = ''): string => `${'あ'.repeat(92)}${String(n).padStart(5, '0')}${end}`;
    for (let n = 0; n < 1100; n += 1) expect(put(staging, ['d', long(n, '.txt')], String(n))).toBeUndefined();
    for (const n of [1, 2, 1]) staging.makeFolder([long(n)], PLAIN);
    const { d, ...there } = staged(world);
    expect(d).toBe('/');
    expect(Object.values(there).filter((text) => text === '/')).toHaveLength(2);
    const texts = Object.values(there).filter((text) => text !== '/');
    expect(new Set(texts).size).toBe(1100);
    for (const name of Object.keys(there))
      expect(name).toMatch(/^(?:d|(?:d\/)?あ{75,76}~[0-9a-f]{16}(?:\.txt)?)$/);
  });

  it('of which this file system makes one all get in, however many they are, and so do folders among them', () => {
    const world = newFolder();
    const staging = stage(world, refusingNames(/[^ -~]/));
    const name = (n: number): string => String.fromCodePoint(0x4e00 + n);
    for (let n = 0; n < 1100; n += 1) expect(put(staging, [name(n)], String(n))).toBeUndefined();
    for (const text of ['1', '2']) expect(put(staging, [name(2000), 'x'], text)).toBeUndefined();
    const there = staged(world);
    const folder = `_~${markOf(name(2000))}`;
    expect(there).toMatchObject({
      _: '0',
      '_ (1000)': '999',
      [`_~${markOf(name(1000))}`]: '1000',
      [folder]: '/',
      [`${folder}/x`]: '1',
      [`${folder}/x (2)`]: '2',
    });
    expect(Object.keys(there)).toHaveLength(1103);
  });

  it('that this file system takes in no form are left out, and the rest goes on', () => {
    const world = newFolder();
    const staging = stage(world, refusingNames(/^no/));
    expect(put(staging, ['no.c'], 'x')).toBe('name-reserved');
    expect(put(staging, ['nothing', 'deep', 'x'], 'x')).toBe('name-reserved');
    expect(staging.makeFolder(['a', 'none', 'b'], PLAIN)).toEqual({ skipped: 'name-reserved' });
    expect(put(staging, ['fits'], 'fits')).toBeUndefined();
    expect(staged(world)).toEqual({ a: '/', fits: 'fits' });
  });

  it('of 255 bytes still get a number', () => {
    const world = newFolder();
    const staging = stage(world);
    const name = `${'é'.repeat(125)}x.txt`;
    expect(Buffer.byteLength(name)).toBe(255);
    for (const text of ['1', '2', '3']) expect(put(staging, [name], text)).toBeUndefined();
    expect(Object.values(staged(world)).sort()).toEqual(['1', '2', '3']);
  });

  it('that come again and again end the transfer', () => {
    const world = newFolder();
    const staging = stage(world);
    for (let n = 0; n < 2000; n++) put(staging, ['same'], '');
    expect(Object.keys(staged(world))).toHaveLength(2000);
    expect(codeOf(() => put(staging, ['same'], ''))).toBe('name-refused');
  });
});

describe('folders', () => {
  it('are kept when they are empty, and have their times in the end', async () => {
    const world = newFolder();
    const staging = stage(world);
    staging.makeFolder(['top'], { mtimeUs: 1_500_000_000_000_001 });
    staging.makeFolder(['top', 'empty'], { mtimeUs: 1_500_000_000_000_002 });
    staging.makeFolder(['top', 'full'], { mtimeUs: -86_400_000_000 });
    put(staging, ['top', 'full', 'a'], 'a');
    staging.makeFolder(['alone'], { mtimeUs: 1_500_000_000_000_004 });
    await publish(staging);
    expect(picture(world)).toEqual({
      alone: '/',
      top: '/',
      'top/empty': '/',
      'top/full': '/',
      'top/full/a': 'a',
    });
    expect(mtimeUs(join(world, 'top'))).toBe(1_500_000_000_000_001);
    expect(mtimeUs(join(world, 'top', 'empty'))).toBe(1_500_000_000_000_002);
    expect(Math.abs(mtimeUs(join(world, 'top', 'full')) + 86_400_000_000)).toBeLessThanOrEqual(1);
    expect(mtimeUs(join(world, 'alone'))).toBe(1_500_000_000_000_004);
  });

  it('may be told of after what is in them, and twice', async () => {
    const world = newFolder();
    const staging = stage(world);
    put(staging, ['a', 'b', 'c'], 'c');
    staging.makeFolder(['a', 'b'], { mtimeUs: 1_000_000 });
    staging.makeFolder(['a'], { mtimeUs: 2_000_000 });
    staging.makeFolder(['a'], { mtimeUs: 3_000_000 });
    await publish(staging);
    expect(mtimeUs(join(world, 'a', 'b'))).toBe(1_000_000);
    expect(mtimeUs(join(world, 'a'))).toBe(3_000_000);
  });

  it('are many: their list is on disk', async () => {
    const world = newFolder();
    const staging = stage(world);
    for (let n = 0; n < 3000; n++) staging.makeFolder(['top', `folder ${n}`], { mtimeUs: n * 1_000_000 });
    await publish(staging);
    expect(mtimeUs(join(world, 'top', 'folder 2999'))).toBe(2_999_000_000);
    expect(readdirSync(world)).toEqual(['top']);
  });
});

describe('using a staging folder wrongly', () => {
  it('is noticed: publishing with an unfinished file, or twice', async () => {
    const world = newFolder();
    const staging: Staging = stage(world);
    const file = create(staging, ['a'], 1);
    expect(await rejectionOf(publish(staging))).toBe('content-truncated');
    expect(readdirSync(world)).toEqual([STAGING_NAME]);
    file.abandon();
    await publish(staging);
    expect(await rejectionOf(publish(staging))).toBe('internal');
  });
});

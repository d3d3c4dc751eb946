import { createHash } from 'node:crypto';
import { win32 } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isProgramFile } from '../../../../shared/marks.ts';
import { MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from '../../../../shared/limits.ts';
import {
  POSIX_RULES,
  WINDOWS_RULES,
  checkPath,
  collisionKey,
  freeName,
  namesToTry,
  pathFault,
  portableName,
  skippedFile,
} from '../../../../src-main/engine/files/names.ts';
import type { NameRules } from '../../../../src-main/engine/files/names.ts';
import { codeOf } from './world.ts';

const targets: readonly NameRules[] = [POSIX_RULES, WINDOWS_RULES];

describe('checkPath', () => {
  it.each<readonly [string, readonly string[]]>([
    ['no component', []],
    ['an empty component', ['a', '', 'b']],
    ['an empty name', ['']],
    ['a dot', ['.']],
    ['two dots', ['..']],
    ['two dots further down', ['a', '..', '..', 'b']],
    ['CVE-2023-43619: ../ inside one component', ['../x']],
    ['CVE-2025-27142: a whole path in one component', ['a/../../b']],
    ['CVE-2026-66050: an absolute path', ['/etc/passwd']],
    ['CVE-2026-32116: what basename() would have cut off', ['folder/name']],
    ['a NUL', ['a\0b']],
    ['a NUL further down', ['a', 'b.txt\0.jpg']],
    ['an unpaired surrogate', ['a\ud800']],
    ['surrogates in the wrong order', ['\udc00\ud800']],
    ['too deep', Array.from({ length: MAX_PATH_DEPTH + 1 }, () => 'a')],
    ['too long', Array.from({ length: 20 }, () => 'x'.repeat(200))],
  ])('refuses %s', (_what, path) => {
    expect(
      codeOf(() => {
        checkPath(path);
      }),
    ).toBe('name-refused');
  });

  it.each<readonly [string, readonly string[]]>([
    ['a plain path', ['folder', 'file.txt']],
    ['a colon further down', ['folder', 'a: b.txt']],
    ['what would be a drive, further down', ['folder', 'C:']],
    ['what would be a drive, at the top', ['C:']],
    ['a colon at the top', ['c:notes.txt']],
    ['backslashes', ['dev-disk-by\\x2duuid.device', '..\\x', '\\\\server\\share']],
    ['devices of Windows', ['CON', 'aux.c', 'nul']],
    ['a longer word before a colon', ['note: x.txt']],
    ['dots that are no parent', ['...', '..a', 'a..']],
    ['any script, and pairs of surrogates', ['Grüße', '日本語', '👩‍👩‍👧.txt']],
    ['as deep as may be', Array.from({ length: MAX_PATH_DEPTH }, () => 'a')],
    [
      'as long as may be',
      [...Array.from({ length: 15 }, () => 'x'.repeat(200)), 'x'.repeat(MAX_PATH_BYTES - 15 * 201)],
    ],
    ['controls, which are renamed and not refused', ['a\u001b[31m.txt']],
  ])('lets through %s', (_what, path) => {
    expect(
      codeOf(() => {
        checkPath(path);
      }),
    ).toBe('nothing thrown');
  });

  it('tells what is only too long from what is hostile', () => {
    expect(pathFault(Array.from({ length: MAX_PATH_DEPTH + 1 }, () => 'a'))?.kind).toBe('too-long');
    expect(pathFault(['..', ...Array.from({ length: MAX_PATH_DEPTH + 1 }, () => 'a')])?.kind).toBe('illegal');
  });
});

describe('portableName', () => {
  it.each([
    'CON',
    'con',
    'Prn',
    'AUX',
    'nul',
    'COM0',
    'com9',
    'LPT1',
    'lpt0',
    'COM¹',
    'lpt²',
    'com³',
    'CONIN$',
    'conout$',
  ])(
    'keeps the device %s, with whatever behind, where it is none, and makes none of it on Windows',
    (device) => {
      const behind = {
        '': '_',
        '.txt': '_.txt',
        '.tar.gz': '_.tar.gz',
        ' ': '_',
        '  .c': '_  .c',
        '.': '_',
        ':x': '_x',
      };
      for (const [more, renamed] of Object.entries(behind)) {
        expect(portableName(device + more, POSIX_RULES)).toBe(device + more);
        expect(portableName(device + more, WINDOWS_RULES)).toBe(device + renamed);
      }
    },
  );

  it.each(['console', 'xcon', 'aux-c', 'com', 'com10', 'LPT', 'null', 'conin', ' con', 'a.con', 'lpt¹⁰'])(
    'keeps %s',
    (name) => {
      for (const target of targets) expect(portableName(name, target)).toBe(name);
    },
  );

  it.each([
    ['CVE-2023-43620: a terminal escape', 'a\u001b[2Jb', 'a_[2Jb'],
    ['CVE-2019-6109: a carriage return that hides a name', 'evil\rgood', 'evil_good'],
    ['magic-wormhole #476: a line feed in a question', 'a\nb', 'a_b'],
    ['an eight-bit control', 'a\u009b31mb', 'a_31mb'],
    ['DEL', 'a\u007f', 'a_'],
    ['an override that turns the extension round', 'ann\u202etxt.exe', 'ann_txt.exe'],
    ['line and paragraph separators', 'a\u2028b\u2029', 'a_b_'],
    ['embeddings and isolates', '\u202a\u2066\u2067\u2068\u2069\u202c\u202b\u202dx', '________x'],
  ])('renames %s on every system', (_what, name, renamed) => {
    for (const target of targets) expect(portableName(name, target)).toBe(renamed);
  });

  it('renames for Windows what only Windows cannot hold', () => {
    const names = {
      'a<b>c:d"e|f?g*h\\i': 'a_b_c_d_e_f_g_h_i',
      '..\\..\\x': '.._.._x',
      'file.txt:stream': 'file.txt_stream',
      'x.exe::$DATA': 'x.exe__$DATA',
      'a. .': 'a___',
      'a ': 'a_',
      '...': '___',
      'C:': 'C_',
      'C:\\x': 'C__x',
    };
    for (const [name, renamed] of Object.entries(names)) {
      expect(portableName(name, POSIX_RULES)).toBe(name);
      expect(portableName(name, WINDOWS_RULES)).toBe(renamed);
    }
    expect(portableName('.env', WINDOWS_RULES)).toBe('.env');
  });

  it.each([
    ['C:\\x'],
    ['..\\..\\x'],
    ['\\\\server\\share\\x'],
    ['\\\\?\\C:\\x'],
    ['C:x'],
    ['nul'],
    ['a\\..\\b'],
  ])('croc 2026: a Windows path that is not local, %s, is one name in the folder on Windows', (name) => {
    for (const wanted of namesToTry(name, WINDOWS_RULES)) {
      expect(win32.join('D:\\inbox', wanted)).toBe(`D:\\inbox\\${wanted}`);
      expect(win32.resolve('D:\\inbox', wanted)).toBe(`D:\\inbox\\${wanted}`);
      expect(wanted).not.toMatch(/[:\\]|^nul$/);
    }
  });

  it('gives names that are a fixed point, and no path whatever it was given', () => {
    const unit = fc.constantFrom(
      '\u0000',
      '\u001b',
      '\u202e',
      '\u009b',
      '.',
      ' ',
      ':',
      '|',
      'a',
      'é',
      '👩',
      'con',
      '/',
      '\\',
    );
    const names = fc.string({ unit, minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(names, fc.constantFrom(...targets), (name, target) => {
        if (pathFault(['top', name]) !== undefined) return;
        const first = portableName(name, target);
        expect(portableName(first, target)).toBe(first);
        expect(pathFault(['top', first])).toBeUndefined();
      }),
    );
  });
});

describe('namesToTry', () => {
  const tried = (name: string, rules: NameRules): string[] => [...namesToTry(name, rules)];

  it('gives a name that can stay first, and only then less of it', () => {
    expect(tried('notes.txt', POSIX_RULES)).toEqual(['notes.txt']);
    expect(tried('a:b é.txt', POSIX_RULES)).toEqual(['a:b é.txt', 'a_b é.txt', 'a_b _.txt']);
    expect(tried('aux.c', POSIX_RULES)).toEqual(['aux.c', 'aux_.c']);
    expect(tried('日本', WINDOWS_RULES)).toEqual(['日本', '__']);
  });

  it('shortens what is too long for the file system, in bytes, and keeps what kind of file it is', () => {
    const name = `${'日'.repeat(200)}.tar.gz`;
    const [whole, short, shorter] = tried(name, POSIX_RULES);
    expect(whole).toBe(name);
    const mark = createHash('sha256').update(name).digest('hex').slice(0, 16);
    expect(short).toBe(`${'日'.repeat(74)}~${mark}.tar.gz`);
    expect(shorter).toBe(`${'日'.repeat(31)}~${mark}.tar.gz`);
  });

  it('gives names that are too long, and differ, names that differ, with room for a number behind', () => {
    const end = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
    const longs = fc.string({ unit: 'grapheme', minLength: 250, maxLength: 250 });
    fc.assert(
      fc.property(longs, end, end, (long, one, other) => {
        if (one === other || pathFault([long + one]) || pathFault([long + other])) return;
        const fits = (name: string): boolean => Buffer.byteLength(name) <= MAX_NAME_BYTES;
        const shortOf = (name: string): string => tried(name, POSIX_RULES).find(fits) ?? '';
        const [short, another] = [shortOf(long + one), shortOf(long + other)];
        expect(short).not.toBe(another);
        expect(freeName(short, 100_000, 'folder')).toBe(`${short} (100000)`);
      }),
    );
  });

  it('makes no program of a name by cutting it', () => {
    for (const name of [`${'x'.repeat(251)}.exe${'y'.repeat(40)}`, `${'x'.repeat(124)}.exe${'y'.repeat(90)}`])
      for (const each of tried(name, POSIX_RULES)) expect(isProgramFile(each, false)).toBe(false);
  });

  it('makes no hidden name of one that is seen, and none that is no name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (name) => {
        if (pathFault([name]) !== undefined) return;
        for (const rules of [POSIX_RULES, WINDOWS_RULES]) {
          for (const each of tried(name, rules)) {
            expect(['', '.', '..']).not.toContain(each);
            expect(each.startsWith('.')).toBe(name.startsWith('.') && each.startsWith('.'));
            expect(each).not.toMatch(/[/\0\p{Cc}]/u);
          }
        }
      }),
    );
  });
});

describe('collisionKey', () => {
  it.each([
    ['case', 'PHOTO.jpg', 'photo.JPG'],
    ['composition', 'Gr\u00fc\u00dfe', 'Gru\u0308\u00dfe'],
    ['both', 'E\u0301te\u0301', '\u00e9t\u00e9'],
    ['sharp s', 'straße', 'STRASSE'],
    ['long s', 'ſ', 'S'],
    ['final sigma', 'ΟΔΟΣ', 'οδος'],
    ['the Kelvin sign', 'K', 'k'],
  ])('sees one name where they differ in %s', (_what, one, other) => {
    expect(collisionKey(one)).toBe(collisionKey(other));
  });

  it('keeps different names apart', () => {
    expect(collisionKey('a')).not.toBe(collisionKey('á'));
    expect(collisionKey('ﬁle')).not.toBe(collisionKey('f1le'));
  });

  it('does not depend on the case or form it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(collisionKey(name.normalize('NFD'))).toBe(collisionKey(name.normalize('NFC')));
        expect(collisionKey(name.toUpperCase())).toBe(collisionKey(name));
      }),
    );
  });
});

describe('freeName', () => {
  it.each([
    ['photo.jpg', 2, 'photo (2).jpg'],
    ['photo.jpg', 31, 'photo (31).jpg'],
    ['archive.tar.gz', 2, 'archive (2).tar.gz'],
    ['ARCHIVE.TAR.ZST', 2, 'ARCHIVE (2).TAR.ZST'],
    ['.tar.gz', 2, '.tar.gz (2)'],
    ['.env', 2, '.env (2)'],
    ['.env.local', 2, '.env (2).local'],
    ['README', 2, 'README (2)'],
    ['v1.2.3.txt', 2, 'v1.2.3 (2).txt'],
    ['Mr. Smith went home', 2, 'Mr. Smith went home (2)'],
    ['ends with a dot.', 2, 'ends with a dot. (2)'],
    ['写真.画像', 2, '写真 (2).画像'],
  ])('%s, %i → %s', (name, n, expected) => {
    expect(freeName(name, n)).toBe(expected);
  });

  it('puts the number of a folder at its end', () => {
    expect(freeName('my.folder', 2, 'folder')).toBe('my.folder (2)');
    expect(freeName('archive.tar.gz', 2, 'folder')).toBe('archive.tar.gz (2)');
  });

  it('shortens long names between characters', () => {
    const name = `${'👩'.repeat(62)}abc.txt`;
    expect(Buffer.byteLength(name)).toBe(MAX_NAME_BYTES);
    expect(freeName(name, 2)).toBe(`${'👩'.repeat(61)} (2).txt`);
  });

  it('always fits, stays well formed, and differs for each number', () => {
    const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(
        names,
        fc.integer({ min: 2, max: 100_000 }),
        fc.constantFrom('file', 'folder'),
        (name, n, kind) => {
          const free = freeName(name, n, kind);
          expect(Buffer.byteLength(free)).toBeLessThanOrEqual(MAX_NAME_BYTES);
          expect(/\p{Surrogate}/u.test(free)).toBe(false);
          expect(free).toContain(`(${n})`);
          expect(free).not.toBe(freeName(name, n + 1, kind));
        },
      ),
    );
  });
});

describe('skippedFile', () => {
  it('joins, and keeps within what a message may hold', () => {
    expect(skippedFile(['a', 'b'], 'vanished')).toEqual({ path: 'a/b', reason: 'vanished' });
    const { path } = skippedFile(
      Array.from({ length: 500 }, () => '👩👩👩'),
      'name-too-long',
    );
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(MAX_PATH_BYTES);
    expect(/\p{Surrogate}/u.test(path)).toBe(false);
  });
});

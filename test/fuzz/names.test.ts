import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, win32 } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  POSIX_RULES,
  WINDOWS_RULES,
  checkPath,
  collisionKey,
  freeName,
  pathFault,
  namesToTry,
  portableName,
} from '../../src-main/engine/files/names.ts';
import { displayText } from '../../shared/display.ts';
import { codeOf, fuzz } from './fuzz.ts';

/** The rules of names against a real folder here, and against what Windows is known to do with names there. */

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sealane-fuzz-')));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const piece = fc.oneof(
  fc.constantFrom(
    '.',
    '..',
    '/',
    '\\',
    ':',
    '*',
    '?',
    '"',
    '<',
    '>',
    '|',
    ' ',
    '\0',
    '\n',
    '\u001b[2J',
    '\u202e',
    '~',
    '-',
  ),
  fc.constantFrom(
    'con',
    'NUL',
    'aux',
    'com1',
    'LPT9',
    'COM¹',
    'conin$',
    'c:',
    'C',
    'x',
    'txt',
    'é',
    'e\u0301',
    'ß',
    '日本',
    '👩‍👩‍👧',
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.nat({ max: 300 }).map((length) => 'x'.repeat(length)),
);
const component = fc.array(piece, { maxLength: 5 }).map((parts) => parts.join(''));
const path = fc.array(component, { maxLength: 6 });

/** What Windows makes of a name when a file is made under it (Microsoft, "Naming Files, Paths, and Namespaces"). */
function onWindows(name: string): string | undefined {
  if (/[<>:"/\\|?*\u0000-\u001f]/.test(name)) return undefined;
  const kept = name.replace(/[. ]+$/, '');
  const stem = (kept.split('.')[0] ?? '').trimEnd().toUpperCase();
  if (/^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])$/.test(stem)) return undefined;
  return kept;
}

describe('the rules of names', () => {
  it('let nothing through that a path is made of, on either system', async () => {
    await fuzz(3000, [path], async (components) => {
      const code = await codeOf(() => {
        checkPath(components);
      });
      expect(code).toBe(pathFault(components) === undefined ? undefined : 'name-refused');
      if (code !== undefined) return;
      const here = components.map((name) => portableName(name, POSIX_RULES));
      const there = components.map((name) => portableName(name, WINDOWS_RULES));
      // As many steps down as there are names, and none anywhere else.
      expect(join('/inbox', ...here).split('/')).toEqual(['', 'inbox', ...here]);
      expect(win32.join('D:\\inbox', ...there).split('\\')).toEqual(['D:', 'inbox', ...there]);
      expect(there.join('\\')).not.toMatch(/[:/]/);
      expect(win32.isAbsolute(there.join('\\'))).toBe(false);
      expect(win32.resolve('D:\\inbox', there.join('\\')).startsWith('D:\\inbox\\')).toBe(true);
    });
  });

  it('make names under which a real folder then holds just that file', async () => {
    await fuzz(500, [component], (name) => {
      if (pathFault(['top', name]) !== undefined) return;
      const wanted = portableName(name, POSIX_RULES);
      if (Buffer.byteLength(wanted) > 255) return;
      writeFileSync(join(folder, wanted), name, { flag: 'wx' });
      expect(readdirSync(folder)).toEqual([wanted]);
      rmSync(join(folder, wanted));
      // No character that moves a cursor or turns a line round is left in it.
      expect(
        displayText(wanted).replaceAll(
          /\\u\{(ad|61c|180e|200[b-f]|2028|2029|20[56].|feff|fff.|e00..)\}/g,
          '',
        ),
      ).not.toMatch(/\\u\{(?:[01]?[0-9a-f]|7f|[89][0-9a-f]|202[a-e]|206[6-9])\}/);
    });
  });

  it('make names for Windows that Windows keeps as they are, and opens nothing else by', async () => {
    await fuzz(3000, [component, fc.constantFrom('file', 'folder')], (name, kind) => {
      if (pathFault(['top', name]) !== undefined) return;
      for (const wanted of namesToTry(name, WINDOWS_RULES)) {
        expect(onWindows(wanted)).toBe(wanted);
        if (wanted.length < 255) expect(pathFault(['top', wanted])).toBeUndefined();
        expect(portableName(wanted, WINDOWS_RULES)).toBe(wanted);
        for (const n of [2, 31]) {
          const free = freeName(wanted, n, kind);
          expect(onWindows(free)).toBe(free);
        }
      }
    });
  });

  it('find another name for one that is taken, which is none of the earlier ones, on any file system', async () => {
    await fuzz(
      500,
      [component, fc.integer({ min: 2, max: 50 }), fc.constantFrom('file', 'folder')],
      (name, count, kind) => {
        if (pathFault(['top', name]) !== undefined || Buffer.byteLength(name) > 255) return;
        const keys = new Set([collisionKey(name)]);
        for (let n = 2; n <= count; n += 1) {
          const free = freeName(name, n, kind);
          expect(pathFault(['top', free])).toBeUndefined();
          expect(Buffer.byteLength(free)).toBeLessThanOrEqual(255);
          expect(keys.has(collisionKey(free))).toBe(false);
          keys.add(collisionKey(free));
        }
      },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { createOpenedFiles, findOpenedPaths } from '../../../src-main/desktop/opened-files.ts';

describe('what was opened', () => {
  it('is what stands on the command line as a path or a file address, each once', () => {
    expect(
      findOpenedPaths(['/opt/app', '/a/b.txt', 'file:///c/d%20e', '/a/b.txt', 'file://localhost/f']),
    ).toEqual(['/a/b.txt', '/c/d e', '/f']);
  });

  it.each([
    ['the program', '/opt/app'],
    ['a switch', '--user-data-dir=/x'],
    ['a link', 'sealane://pair#abc'],
    ['a page', 'https://example.org/a'],
    ['a relative path', 'a.txt'],
    ['a path with a NUL', '/a\0b'],
    ['a file of another machine', 'file://server/share/a'],
    ['a broken address', 'file:///%'],
    ['nothing', ''],
  ])('is not %s', (what, argument) => {
    expect(findOpenedPaths(what === 'the program' ? [argument] : ['/opt/app', argument])).toEqual([]);
  });

  it('waits until somebody can be asked, and is handed over once', () => {
    const files = createOpenedFiles();
    const seen: (readonly string[])[] = [];
    files.receive(['/a']);
    files.receive(['/b', '/a']);
    files.open((paths) => seen.push(paths));
    expect(seen).toEqual([['/a', '/b']]);
    files.receive([]);
    files.receive(['/c']);
    expect(seen).toEqual([['/a', '/b'], ['/c']]);
  });
});

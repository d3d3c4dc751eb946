import { describe, expect, it } from 'vitest';
import { isForWindow } from '../../../src-main/desktop/second-start.ts';

describe('a second start', () => {
  it.each([
    ['is plain', []],
    ['has switches alone', ['--user-data-dir=/x', '--allow-file-access-from-files']],
    ['has a link', ['--', 'sealane://pair#abc']],
    ['has a link behind a slash', ['SEALANE://pair/#abc']],
    ['has a file', ['/a/b.txt']],
    ['has the address of a file', ['file:///a/b.txt']],
  ])('brings the window up when it %s', (_what, more) => {
    expect(isForWindow(['/opt/sealane', ...more])).toBe(true);
  });

  it.each([
    'sealane:',
    'sealane://',
    'sealane://pair',
    'sealane://accept#abc',
    'sealane://pair#a b',
    `sealane://pair#${'a'.repeat(100_000)}`,
    'https://example.org/',
    'relative.txt',
    'file://server/share',
    '.',
  ])('brings no window up with %.40s', (argument) => {
    expect(isForWindow(['/opt/sealane', '--switch', argument])).toBe(false);
  });

  it('names the checkout in development, where no file is opened', () => {
    const from = { checkout: '/work/here', folder: '/work' };
    for (const named of ['/work/here', '/work/here/', 'here', './here'])
      expect(isForWindow(['electron', '--no-sandbox', named], from)).toBe(true);
    expect(isForWindow(['electron', '/work/here', 'sealane://pair#abc'], from)).toBe(true);
    for (const more of ['sealane://pair', '/a/b.txt', 'x'])
      expect(isForWindow(['electron', '/work/here', more], from)).toBe(false);
  });
});

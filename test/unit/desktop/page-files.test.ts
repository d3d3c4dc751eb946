import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPageFile, isPageAddress, pageHeaders } from '../../../src-main/desktop/page-files.ts';

const folder = '/dist/renderer';
const find = (path: string) => findPageFile(folder, `sealane-app://app/${path}`);

describe('the files of the page', () => {
  it.each([
    ['', 'index.html', 'text/html; charset=utf-8'],
    ['index.html', 'index.html', 'text/html; charset=utf-8'],
    ['index.html?theme=dark#top', 'index.html', 'text/html; charset=utf-8'],
    ['assets/index-Dx_1-a.js', 'assets/index-Dx_1-a.js', 'text/javascript; charset=utf-8'],
    ['assets/index.css', 'assets/index.css', 'text/css; charset=utf-8'],
    ['assets/index.js.map', 'assets/index.js.map', 'application/json; charset=utf-8'],
    ['assets/icon.svg', 'assets/icon.svg', 'image/svg+xml'],
    ['assets/text.woff2', 'assets/text.woff2', 'font/woff2'],
  ])('%j is %s', (path, file, type) => {
    expect(find(path)).toEqual({ path: join(folder, file), type });
  });

  it.each([
    '../main/main.js',
    'assets/../../main/main.js',
    '..%2fmain%2fmain.js',
    '%2e%2e/main/main.js',
    '..\\main\\main.js',
    'assets//index.js',
    '/etc/passwd.json',
    './index.html',
    '.hidden.js',
    'assets/.env.json',
    'C:/windows/win.json',
    'index.html:stream.js',
    'index.html\0.js',
    'index.html/',
    'index',
    'main.exe',
    'notes.txt',
    'a b.js',
  ])('%j is none', (path) => {
    expect(find(path)).toBeUndefined();
  });

  it.each([
    'sealane-app://other/index.html',
    'sealane-app://app.evil/index.html',
    'sealane-app://app:80/index.html',
    'sealane-app://user@app/index.html',
    'file:///dist/renderer/index.html',
    'https://app/index.html',
    'sealane-app://app',
  ])('%s is another origin', (address) => {
    expect(findPageFile(folder, address)).toBeUndefined();
  });
});

it('every answer carries the policy: nothing inline, nothing from elsewhere, no line to anywhere', () => {
  const headers = pageHeaders('text/css; charset=utf-8');
  const policy = new Map(
    (headers['Content-Security-Policy'] ?? '').split('; ').map((rule) => {
      const [name = '', ...sources] = rule.split(' ');
      return [name, sources.join(' ')];
    }),
  );
  expect(Object.fromEntries(policy)).toEqual({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' data:",
    'font-src': "'self'",
    'connect-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  });
  expect(headers).toMatchObject({
    'Content-Type': 'text/css; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
  });
});

it.each([
  ['sealane-app://app/index.html', true],
  ['sealane-app://app/index.html#devices', true],
  ['sealane-app://app/assets/index.js', false],
  ['sealane-app://app.evil/index.html', false],
  ['https://app/index.html', false],
  ['about:blank', false],
  ['', false],
])('%j is our page: %s', (address, expected) => {
  expect(isPageAddress(address)).toBe(expected);
});

import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../src-main/desktop/argv.ts';
import { SealaneError } from '../../../shared/errors.ts';

function detailOf(argv: readonly string[]): string | undefined {
  try {
    parseOptions(argv);
  } catch (error) {
    if (error instanceof SealaneError && error.code === 'usage') return error.detail;
    throw error;
  }
  return undefined;
}

describe('the options of the desktop app', () => {
  it('are read from between the flags of Chromium, Electron and Playwright', () => {
    const argv = [
      'electron',
      '--inspect=0',
      '--remote-debugging-port=0',
      '--no-sandbox',
      '/app',
      '--user-data-dir=/tmp/one',
      '--sealane-downloads=/home/ada/Sealane in',
      '--sealane-listen=127.0.0.1:0',
      '--sealane-name= Ada’s laptop ',
      'sealane://pair#x',
    ];
    expect(parseOptions(argv)).toEqual({
      downloads: '/home/ada/Sealane in',
      listen: { host: '127.0.0.1', port: 0 },
      name: 'Ada’s laptop',
    });
  });

  it('may all be left out', () => {
    expect(parseOptions(['electron', '/app'])).toEqual({});
  });

  it.each([
    ['[::]:4711', { host: '::', port: 4711 }],
    ['[::ffff:10.0.0.1]:1', { host: '::ffff:10.0.0.1', port: 1 }],
    ['laptop.local:65535', { host: 'laptop.local', port: 65_535 }],
  ])('take %s as an address', (text, listen) => {
    expect(parseOptions([`--sealane-listen=${text}`])).toEqual({ listen });
  });

  it.each([
    '',
    ':1',
    'host',
    'host:',
    'host:65536',
    'host:-1',
    'host:1x',
    '::1:80',
    '[::1]',
    'a b:1',
    '[host]:1',
  ])('refuse %j as an address', (text) => {
    expect(detailOf([`--sealane-listen=${text}`])).toContain('HOST:PORT');
  });

  it.each(['', 'relative/folder', '../up', '/with\0nul'])('refuse %j as a folder', (text) => {
    expect(detailOf([`--sealane-downloads=${text}`])).toContain('absolute');
  });

  it.each(['', '   ', 'n'.repeat(65)])('refuse %j as a name', (text) => {
    expect(detailOf([`--sealane-name=${text}`])).toContain('characters');
  });

  it('are refused when misspelt, empty or given twice', () => {
    expect(detailOf(['--sealane-download=/tmp'])).toContain('--sealane-download is not an option');
    expect(detailOf(['--sealane-name'])).toContain('characters');
    expect(detailOf(['--sealane-name=a', '--sealane-name=b'])).toContain('twice');
  });
});

import { describe, expect, it } from 'vitest';
import { updateSource } from '../../../../src-main/desktop/update/source.ts';

const keys = ['a key'];

describe('where updates come from', () => {
  it('is a folder on a server, with keys', () => {
    const source = { url: 'https://updates.example/sealane/', keys };
    expect(updateSource({ update: source })).toEqual(source);
    expect(updateSource({ update: { ...source, url: 'https://updates.example/sealane' } })).toEqual(source);
  });

  it.each(['http://127.0.0.1:80/', 'http://[::1]/', 'http://localhost:1/'])(
    'may be this machine: %s',
    (url) => {
      expect(updateSource({ update: { url, keys } })?.url).toBe(url);
    },
  );

  it.each([
    ['a checkout', {}],
    ['no keys', { update: { url: 'https://updates.example/', keys: [] } }],
    ['an open line', { update: { url: 'http://updates.example/', keys } }],
    ['a file', { update: { url: 'file:///updates/', keys } }],
    ['no address', { update: { url: 'updates', keys } }],
    ['nothing', undefined],
  ])('is nowhere for %s', (_what, manifest) => {
    expect(updateSource(manifest)).toBeUndefined();
  });
});

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  manifestName,
  MAX_MANIFEST_BYTES,
  readManifest,
} from '../../../../src-main/desktop/update/manifest.ts';
import { signManifest } from '../../../tools/package/update-manifest.ts';

interface Pair {
  readonly public: string;
  readonly private: string;
}

function pairOf({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): Pair {
  return {
    public: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    private: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  };
}

const ours = pairOf(generateKeyPairSync('ed25519'));
const theirs = pairOf(generateKeyPairSync('ed25519'));
const file = { url: 'sealane-0.2.0-linux-amd64.deb', sha512: `${'A'.repeat(86)}==`, size: 1000 };
const manifest = { version: '0.2.0', releaseDate: '2026-11-24T06:00:00.000Z', files: [file] };
const text = JSON.stringify(manifest);
const refused = expect.objectContaining({ code: 'update-refused' }) as Error;

describe('a manifest', () => {
  it('that one of the keys has signed is read', () => {
    expect(readManifest(text, signManifest(text, ours.private), [ours.public])).toEqual(manifest);
    expect(readManifest(text, `${signManifest(text, ours.private)}\n`, [theirs.public, ours.public])).toEqual(
      manifest,
    );
  });

  it('that somebody else has signed is refused', () => {
    expect(() => readManifest(text, signManifest(text, theirs.private), [ours.public])).toThrow(refused);
  });

  it('that nobody has signed is refused', () => {
    for (const signature of ['', 'no base64 at all', 'AAAA'])
      expect(() => readManifest(text, signature, [ours.public])).toThrow(refused);
    expect(() => readManifest(text, signManifest(text, ours.private), [])).toThrow(refused);
  });

  it('that was changed in a single character is refused', () => {
    const signature = signManifest(text, ours.private);
    for (const changed of [text.replace('0.2.0', '0.3.0'), `${text} `, text.slice(0, -1), ''])
      expect(() => readManifest(changed, signature, [ours.public])).toThrow(refused);
  });

  it('is not what a signature for something else was made for', () => {
    const other = signManifest(`x${text}`, ours.private);
    expect(() => readManifest(text, other, [ours.public])).toThrow(refused);
  });

  it('is refused when a key in the package is none, or of another kind', () => {
    const signature = signManifest(text, ours.private);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const key of ['', 'AAAA', pairOf(other).public])
      expect(() => readManifest(text, signature, [key])).toThrow(refused);
  });

  it.each([
    ['another folder', { ...manifest, files: [{ ...file, url: '../sealane.deb' }] }],
    ['another server', { ...manifest, files: [{ ...file, url: 'https://example.org/sealane.deb' }] }],
    ['a hidden file', { ...manifest, files: [{ ...file, url: '.sealane.deb' }] }],
    ['no checksum', { ...manifest, files: [{ url: file.url, size: 1 }] }],
    ['a short checksum', { ...manifest, files: [{ ...file, sha512: 'AAAA' }] }],
    ['no files', { ...manifest, files: [] }],
    ['an odd version', { ...manifest, version: '0.2' }],
    ['something unknown', { ...manifest, packages: {} }],
    ['a list', []],
  ])('with %s is refused although it is signed', (_what, wrong) => {
    const written = JSON.stringify(wrong);
    expect(() => readManifest(written, signManifest(written, ours.private), [ours.public])).toThrow(refused);
  });

  it('that is no JSON, or endless, is refused although it is signed', () => {
    for (const written of ['version: 0.2.0', `${text}${' '.repeat(MAX_MANIFEST_BYTES)}`])
      expect(() => readManifest(written, signManifest(written, ours.private), [ours.public])).toThrow(
        refused,
      );
  });
});

it('has a name for each system and machine', () => {
  expect(manifestName('linux', 'arm64')).toBe('update-linux-arm64.json');
  expect(manifestName('win32', 'x64')).toBe('update-win32-x64.json');
  expect(manifestName('darwin', 'arm64')).toBe('update-darwin-universal.json');
});

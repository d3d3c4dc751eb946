import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { manifestName, SIGNATURE_CONTEXT } from '../../../../src-main/desktop/update/manifest-format.ts';
import {
  MAX_MANIFEST_BYTES,
  readManifest,
  verifyFresh,
} from '../../../../src-main/desktop/update/manifest.ts';
import type { ManifestReader } from '../../../../src-main/desktop/update/manifest.ts';
import { expiry, renewManifest, signManifest, VALID_DAYS } from '../../../tools/package/update-manifest.ts';

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
const manifest = {
  platform: 'linux',
  arch: 'x64',
  version: '0.2.0',
  releaseDate: '2026-11-24T06:00:00.000Z',
  expires: '2027-03-24T06:00:00.000Z',
  files: [file],
};
const text = JSON.stringify(manifest);
const refused = expect.objectContaining({ code: 'update-refused' }) as Error;
const expired = expect.objectContaining({ code: 'update-expired' }) as Error;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const reader: ManifestReader = {
  platform: 'linux',
  arch: 'x64',
  now: Date.parse('2026-12-01T00:00:00.000Z'),
};

describe('a manifest', () => {
  it('that one of the keys has signed is read', () => {
    expect(readManifest(text, signManifest(text, ours.private), [ours.public], reader)).toEqual(manifest);
    expect(
      readManifest(text, `${signManifest(text, ours.private)}\n`, [theirs.public, ours.public], reader),
    ).toEqual(manifest);
  });

  it('that somebody else has signed is refused', () => {
    expect(() => readManifest(text, signManifest(text, theirs.private), [ours.public], reader)).toThrow(
      refused,
    );
  });

  it('that nobody has signed is refused', () => {
    for (const signature of ['', 'no base64 at all', 'AAAA'])
      expect(() => readManifest(text, signature, [ours.public], reader)).toThrow(refused);
    expect(() => readManifest(text, signManifest(text, ours.private), [], reader)).toThrow(refused);
  });

  it('that was changed in a single character is refused', () => {
    const signature = signManifest(text, ours.private);
    for (const changed of [text.replace('0.2.0', '0.3.0'), `${text} `, text.slice(0, -1), ''])
      expect(() => readManifest(changed, signature, [ours.public], reader)).toThrow(refused);
  });

  it('is not what a signature for something else was made for', () => {
    const other = signManifest(`x${text}`, ours.private);
    expect(() => readManifest(text, other, [ours.public], reader)).toThrow(refused);
  });

  it('is refused when a key in the package is none, or of another kind', () => {
    const signature = signManifest(text, ours.private);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const key of ['', 'AAAA', pairOf(other).public])
      expect(() => readManifest(text, signature, [key], reader)).toThrow(refused);
  });

  it.each([
    ['another folder', { ...manifest, files: [{ ...file, url: '../sealane.deb' }] }],
    ['another server', { ...manifest, files: [{ ...file, url: 'https://example.org/sealane.deb' }] }],
    ['a hidden file', { ...manifest, files: [{ ...file, url: '.sealane.deb' }] }],
    ['no checksum', { ...manifest, files: [{ url: file.url, size: 1 }] }],
    ['a short checksum', { ...manifest, files: [{ ...file, sha512: 'AAAA' }] }],
    ['no files', { ...manifest, files: [] }],
    ['an odd version', { ...manifest, version: '0.2' }],
    ['no system', { ...manifest, platform: undefined }],
    ['no processor', { ...manifest, arch: undefined }],
    ['no expiry', { ...manifest, expires: undefined }],
    ['an expiry that is no time', { ...manifest, expires: 'never' }],
    ['something unknown', { ...manifest, packages: {} }],
    ['a list', []],
  ])('with %s is refused although it is signed', (_what, wrong) => {
    const written = JSON.stringify(wrong);
    expect(() => readManifest(written, signManifest(written, ours.private), [ours.public], reader)).toThrow(
      refused,
    );
  });

  it('that is no JSON, or endless, is refused although it is signed', () => {
    for (const written of ['version: 0.2.0', `${text}${' '.repeat(MAX_MANIFEST_BYTES)}`])
      expect(() => readManifest(written, signManifest(written, ours.private), [ours.public], reader)).toThrow(
        refused,
      );
  });
});

describe('a manifest for another computer', () => {
  const signed = (of: object): [string, string, string[]] => {
    const written = JSON.stringify(of);
    return [written, signManifest(written, ours.private), [ours.public]];
  };

  it.each([
    ['linux', 'arm64'],
    ['win32', 'x64'],
    ['darwin', 'x64'],
    ['darwin', 'arm64'],
    ['freebsd', 'x64'],
  ])('is refused on %s-%s although it is signed', (platform, arch) => {
    expect(() => readManifest(...signed(manifest), { ...reader, platform, arch })).toThrow(refused);
  });

  it('is read on the one it is for, whichever processor a universal one meets', () => {
    const universal = { ...manifest, platform: 'darwin', arch: 'universal' };
    for (const arch of ['x64', 'arm64']) {
      expect(readManifest(...signed(universal), { ...reader, platform: 'darwin', arch })).toEqual(universal);
      expect(() => readManifest(...signed(universal), { ...reader, arch })).toThrow(refused);
    }
    const windows = { ...manifest, platform: 'win32' };
    expect(readManifest(...signed(windows), { ...reader, platform: 'win32' })).toEqual(windows);
  });
});

describe('a manifest and the clock', () => {
  const signature = signManifest(text, ours.private);
  const readAt = (now: number) => readManifest(text, signature, [ours.public], { ...reader, now });
  const expires = Date.parse(manifest.expires);
  const released = Date.parse(manifest.releaseDate);

  it('one that has expired is refused, to the millisecond, by the one who reads it', () => {
    expect(readAt(expires - 1)).toEqual(manifest);
    for (const now of [expires, expires + 1, expires + 3650 * DAY])
      expect(() => readAt(now)).toThrow(expired);
  });

  it('one that expired while the user thought about it is refused before it is installed', () => {
    const read = readAt(expires - MINUTE);
    expect(() => {
      verifyFresh(read, expires - 1);
    }).not.toThrow();
    expect(() => {
      verifyFresh(read, expires + MINUTE);
    }).toThrow(expired);
  });

  it('one from the future is refused by a clock that is far behind: it could not see an expiry either', () => {
    for (const now of [0, released - 400 * DAY, released - DAY - 1])
      expect(() => readAt(now)).toThrow(expired);
    expect(readAt(released - DAY)).toEqual(manifest);
  });

  it('one with another expiry than was signed is refused', () => {
    const later = text.replace('2027-03', '2037-03');
    expect(() => readManifest(later, signature, [ours.public], reader)).toThrow(refused);
  });

  it('one of the form before expiries is refused although its bytes are signed', () => {
    const old = { version: manifest.version, releaseDate: manifest.releaseDate, files: [file] };
    const written = JSON.stringify(old);
    const oldContext = SIGNATURE_CONTEXT.replace('2', '1');
    const key = createPrivateKey({ key: Buffer.from(ours.private, 'base64'), format: 'der', type: 'pkcs8' });
    const oldSignature = sign(null, Buffer.from(oldContext + written), key).toString('base64');
    expect(() => readManifest(written, oldSignature, [ours.public], reader)).toThrow(refused);
    expect(() => readManifest(written, signManifest(written, ours.private), [ours.public], reader)).toThrow(
      refused,
    );
  });
});

describe('a manifest that is renewed', () => {
  it('has another expiry, and nothing else is changed', () => {
    const now = Date.parse(manifest.expires) + 5 * DAY;
    const renewed = renewManifest(text, signManifest(text, ours.private), ours.private, expiry(now));
    const read = readManifest(renewed, signManifest(renewed, ours.private), [ours.public], {
      ...reader,
      now,
    });
    expect(read).toEqual({ ...manifest, expires: new Date(now + VALID_DAYS * DAY).toISOString() });
  });

  it('must have been signed with the same key before', () => {
    for (const signature of ['', signManifest(text, theirs.private), signManifest(`${text} `, ours.private)])
      expect(() => renewManifest(text, signature, ours.private, manifest.expires)).toThrow(/not renewed/);
  });
});

it('has a name for each system and machine', () => {
  expect(manifestName('linux', 'arm64')).toBe('update-linux-arm64.json');
  expect(manifestName('win32', 'x64')).toBe('update-win32-x64.json');
  expect(manifestName('darwin', 'arm64')).toBe('update-darwin-universal.json');
});

import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { SIGNATURE_CONTEXT, type UpdateManifest } from '../../../src-main/desktop/update/manifest-format.ts';
import { digest } from './checksums.ts';

/**
 * How long a signed manifest is good for, in days. Who holds the update server can show an old manifest that long and no
 * longer; the makers have to sign a new one in this time, or the same one anew (docs/release.md).
 */
export const VALID_DAYS = 120;

/** What an installed app can replace itself with; the others are unpacked or mounted by hand. */
const updatable = /\.(AppImage|deb|rpm)$|-setup\.exe$|\.zip$/;

/** @param now milliseconds since 1970 */
export function expiry(now: number): string {
  return new Date(now + VALID_DAYS * 24 * 3600_000).toISOString();
}

/** The manifest of these artifacts, as text; the same artifacts and times give the same text. */
export async function makeManifest(
  about: Omit<UpdateManifest, 'files'>,
  artifacts: readonly string[],
): Promise<string> {
  const files = [];
  for (const path of artifacts.filter((each) => updatable.test(each))) {
    files.push({
      url: basename(path),
      sha512: await digest(path, 'sha512', 'base64'),
      size: (await stat(path)).size,
    });
  }
  const { platform, arch, version, releaseDate, expires } = about;
  const manifest: UpdateManifest = { platform, arch, version, releaseDate, expires, files };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const privateKeyOf = (text: string) =>
  createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });

/**
 * @param privateKey base64 of PKCS #8, Ed25519
 * @returns the signature, base64
 */
export function signManifest(text: string, privateKey: string): string {
  return sign(null, Buffer.from(SIGNATURE_CONTEXT + text), privateKeyOf(privateKey)).toString('base64');
}

/**
 * The manifest with another expiry, and nothing else changed.
 *
 * @throws Error unless `signature` is one of this very key over `text`
 */
export function renewManifest(text: string, signature: string, privateKey: string, expires: string): string {
  const key = createPublicKey(privateKeyOf(privateKey));
  const signed = Buffer.from(SIGNATURE_CONTEXT + text);
  if (!verify(null, signed, key, Buffer.from(signature.trim(), 'base64'))) {
    throw new Error('the manifest is not signed with this key: it is not renewed');
  }
  const manifest: unknown = JSON.parse(text);
  if (typeof manifest !== 'object' || manifest === null) throw new Error('the manifest is none');
  return `${JSON.stringify({ ...manifest, expires }, null, 2)}\n`;
}

import { createPrivateKey, sign } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  manifestName,
  SIGNATURE_CONTEXT,
  type UpdateManifest,
} from '../../../src-main/desktop/update/manifest.ts';
import { digest } from './checksums.ts';
import { sourceDate } from './normalize.mjs';

/** What an installed app can replace itself with; the others are unpacked or mounted by hand. */
const updatable = /\.(AppImage|deb|rpm)$|-setup\.exe$|\.zip$/;

/** The manifest of these artifacts, as text; the same artifacts give the same text. */
export async function makeManifest(version: string, artifacts: readonly string[]): Promise<string> {
  const files = [];
  for (const path of artifacts.filter((each) => updatable.test(each))) {
    files.push({
      url: basename(path),
      sha512: await digest(path, 'sha512', 'base64'),
      size: (await stat(path)).size,
    });
  }
  const manifest: UpdateManifest = {
    version,
    releaseDate: new Date(sourceDate() * 1000).toISOString(),
    files,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * @param privateKey base64 of PKCS #8, Ed25519
 * @returns the signature, base64
 */
export function signManifest(text: string, privateKey: string): string {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  return sign(null, Buffer.from(SIGNATURE_CONTEXT + text), key).toString('base64');
}

/** Writes manifest and signature beside the artifacts. Gives the manifest's path. */
export async function writeManifest(
  out: string,
  version: string,
  artifacts: readonly string[],
  privateKey: string,
): Promise<string> {
  const path = join(out, manifestName(process.platform, process.arch));
  const text = await makeManifest(version, artifacts);
  await writeFile(path, text);
  await writeFile(`${path}.sig`, `${signManifest(text, privateKey)}\n`);
  return path;
}

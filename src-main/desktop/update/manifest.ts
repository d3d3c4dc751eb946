import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';

/**
 * The update manifest: what the newest version is and which files it consists of, each with its SHA-512. It is signed with an
 * Ed25519 key of the makers, whose public half is in the package; whoever holds the server or the line can withhold a
 * manifest, and nothing else. test/tools/package/update-manifest.ts writes what is read here.
 */

/** Goes in front of the signed bytes, so that a signature for something else is none for a manifest. */
export const SIGNATURE_CONTEXT = 'sealane update manifest 1\n';
/** Far more than a manifest has, and little enough to be read by anybody's machine. */
export const MAX_MANIFEST_BYTES = 65_536;
const SHA512_BASE64 = /^[A-Za-z0-9+/]{86}==$/;
const VERSION = /^\d{1,5}\.\d{1,5}\.\d{1,5}(?:-[0-9A-Za-z.-]{1,40})?$/;
/** A plain name: a manifest sends nobody to another folder or another server. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

const manifestSchema = z.strictObject({
  version: z.string().regex(VERSION),
  releaseDate: z.iso.datetime(),
  files: z
    .array(
      z.strictObject({
        url: z.string().regex(FILE_NAME),
        sha512: z.string().regex(SHA512_BASE64),
        size: z.number().int().positive(),
      }),
    )
    .min(1)
    .max(32),
});
export type UpdateManifest = z.infer<typeof manifestSchema>;

/** The manifest's name on the server for an operating system and a machine, as Node calls them. */
export function manifestName(platform: string, arch: string): string {
  return `update-${platform}-${platform === 'darwin' ? 'universal' : arch}.json`;
}

/** @throws SealaneError `update-refused` when a key is not an Ed25519 key in base64 of its SPKI form */
function readKey(text: string): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below.
  }
  throw new SealaneError('update-refused', { detail: 'a key in this package is none' });
}

/**
 * Reads a manifest, provided that one of `keys` has signed exactly these characters.
 *
 * @param signature base64
 * @param keys public keys, base64 of SPKI; several while the makers change theirs
 * @throws SealaneError `update-refused` when nobody has, or when what was signed is not a manifest
 */
export function readManifest(text: string, signature: string, keys: readonly string[]): UpdateManifest {
  if (text.length > MAX_MANIFEST_BYTES) throw new SealaneError('update-refused', { detail: 'too long' });
  const signed = Buffer.from(SIGNATURE_CONTEXT + text);
  const proof = Buffer.from(signature.trim(), 'base64');
  if (!keys.some((key) => verify(null, signed, readKey(key), proof))) {
    throw new SealaneError('update-refused', {
      detail: 'the signature is not that of a key in this package',
    });
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new SealaneError('update-refused', { cause: error, detail: 'signed, but no manifest' });
  }
}

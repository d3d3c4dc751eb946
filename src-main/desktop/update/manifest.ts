import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { manifestTarget, SIGNATURE_CONTEXT } from './manifest-format.ts';

/**
 * The update manifest: what the newest version is and which files it consists of, each with its SHA-512. It is for one
 * operating system and processor, is good until it expires, and is signed with an Ed25519 key of the makers, whose public half
 * is in the package. Who holds the server or the line can withhold a manifest, and nothing else.
 */

/** Far more than a manifest has, and little enough to be read by anybody's machine. */
export const MAX_MANIFEST_BYTES = 65_536;
/** How far behind the true time a clock may be before its view of an expiry is worth nothing. Milliseconds. */
const CLOCK_TOLERANCE_MS = 24 * 3600_000;
const SHA512_BASE64 = /^[A-Za-z0-9+/]{86}==$/;
const VERSION = /^\d{1,5}\.\d{1,5}\.\d{1,5}(?:-[0-9A-Za-z.-]{1,40})?$/;
/** A plain name: a manifest sends nobody to another folder or another server. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
/** As Node calls systems and processors. */
const TARGET = /^[a-z0-9]{1,20}$/;

const manifestSchema = z
  .strictObject({
    platform: z.string().regex(TARGET),
    arch: z.string().regex(TARGET),
    version: z.string().regex(VERSION),
    releaseDate: z.iso.datetime(),
    expires: z.iso.datetime(),
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
  })
  .brand<'signed'>();
/** A manifest that one of the keys has signed for this computer. Only `readManifest` makes one. */
export type SignedManifest = z.infer<typeof manifestSchema>;

/** Who reads a manifest: Node's names of the system and the processor, and the time in milliseconds since 1970. */
export interface ManifestReader {
  readonly platform: string;
  readonly arch: string;
  readonly now: number;
}

/**
 * Holds a manifest against the clock, which is to be done again before something is installed: hours may have gone by.
 *
 * @param now milliseconds since 1970
 * @throws SealaneError `update-expired` when the manifest has expired, or the clock is so far behind that it cannot tell
 */
export function verifyFresh({ releaseDate, expires }: SignedManifest, now: number): void {
  if (now >= Date.parse(expires)) throw new SealaneError('update-expired', { detail: `expired ${expires}` });
  if (now < Date.parse(releaseDate) - CLOCK_TOLERANCE_MS) {
    throw new SealaneError('update-expired', {
      detail: `by this clock it comes from the future: ${releaseDate}`,
    });
  }
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
 * @throws SealaneError `update-refused` when no key has, when what was signed is not a manifest, or is one for another system or
 *   processor; `update-expired` as `verifyFresh`
 */
export function readManifest(
  text: string,
  signature: string,
  keys: readonly string[],
  reader: ManifestReader,
): SignedManifest {
  if (text.length > MAX_MANIFEST_BYTES) throw new SealaneError('update-refused', { detail: 'too long' });
  const signed = Buffer.from(SIGNATURE_CONTEXT + text);
  const proof = Buffer.from(signature.trim(), 'base64');
  if (!keys.some((key) => verify(null, signed, readKey(key), proof))) {
    throw new SealaneError('update-refused', {
      detail: 'the signature is not that of a key in this package',
    });
  }
  const manifest = parse(text);
  const target = manifestTarget(reader.platform, reader.arch);
  if (manifest.platform !== target.platform || manifest.arch !== target.arch) {
    throw new SealaneError('update-refused', {
      detail: `signed, but for ${manifest.platform}-${manifest.arch}`,
    });
  }
  verifyFresh(manifest, reader.now);
  return manifest;
}

function parse(text: string): SignedManifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new SealaneError('update-refused', { cause: error, detail: 'signed, but no manifest' });
  }
}

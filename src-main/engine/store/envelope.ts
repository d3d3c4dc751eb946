import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';

/**
 * How a document lies on disk: `{"version":1,"checksum":"…","payload":…}`. The checksum (SHA-256, base64url) covers version and
 * payload: it tells damage from a newer Sealane's writing. It is no protection against people: who can write here owns the profile.
 */

const VERSION = 1;
const envelopeSchema = z.object({ version: z.number(), checksum: z.string(), payload: z.unknown() });

function checksum(version: number, payload: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([version, payload]))
    .digest('base64url');
}

/** Writes a payload; the same payload always gives the same text. */
export function encode(payload: unknown, version = VERSION): string {
  return `${JSON.stringify({ version, checksum: checksum(version, payload), payload })}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads what `encode` wrote; undefined when it is damaged or does not fit `schema`. Throws `profile-unusable` when it is whole but
 * from a newer version, so that nobody mistakes it for damage and replaces it.
 */
export function decode<T>(text: string, schema: z.ZodType<T>): { readonly value: T } | undefined {
  const envelope = envelopeSchema.safeParse(parseJson(text));
  if (!envelope.success) return undefined;
  const { version, payload } = envelope.data;
  if (envelope.data.checksum !== checksum(version, payload)) return undefined;
  if (version > VERSION) throw new SealaneError('profile-unusable', { detail: 'newer-version' });
  const parsed = schema.safeParse(payload);
  return parsed.success ? { value: parsed.data } : undefined;
}

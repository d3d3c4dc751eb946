import { decode, encode, encodeInto } from 'cborg';
import type { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';

/**
 * Deterministic CBOR (RFC 8949, section 4.2.1) with a schema. There is one valid encoding of each value: what does not come out
 * the same when it is encoded again (other key order, long integers, invalid UTF-8, `__proto__`) is refused.
 */

const DECODE_OPTIONS = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowNaN: false,
  allowInfinity: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
} as const;

/** The one encoding of `value`, which holds maps, arrays, strings, booleans, safe integers and byte strings. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value);
}

/** The same, written to the beginning of `target`; gives its length in bytes. Throws an error where it does not fit. */
export function encodeCborInto(value: unknown, target: Uint8Array): number {
  return encodeInto(value, target).written;
}

/** Reads `bytes`, a map, as `schema`; throws `code` for anything else than the one encoding of a valid value. */
export function decodeCbor<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Uint8Array,
  code: ErrorCode = 'frame-malformed',
): z.infer<Schema> {
  let value: unknown;
  try {
    value = decode(bytes, DECODE_OPTIONS);
  } catch (cause) {
    throw new SealaneError(code, { detail: 'not CBOR', cause });
  }
  // To a schema without keys, an empty byte string is as good as an empty map.
  if (!isMap(value)) throw new SealaneError(code, { detail: 'not a map' });
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new SealaneError(code, { detail: 'does not fit the schema' });
  if (!isTheEncodingOf(value, bytes)) throw new SealaneError(code, { detail: 'not deterministic' });
  return parsed.data;
}

/** Used again and again: tens of thousands of short values are read in a second. */
let scratch = new Uint8Array(16 * 1024);

function isTheEncodingOf(value: unknown, bytes: Uint8Array): boolean {
  if (bytes.length > scratch.length) scratch = new Uint8Array(bytes.length);
  const room = scratch.subarray(0, bytes.length);
  try {
    return encodeCborInto(value, room) === bytes.length && Buffer.compare(room, bytes) === 0;
  } catch {
    // Its encoding is longer.
    return false;
  }
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

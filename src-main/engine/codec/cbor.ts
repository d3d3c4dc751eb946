import { Token, Tokenizer, Type, decode, encode, encodeInto } from 'cborg';
import type { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';

/**
 * Deterministic CBOR (RFC 8949, section 4.2.1) with a schema. There is one valid encoding of each value: what would not come out
 * the same if it were encoded again (other key order, long integers, floats, invalid UTF-8, `__proto__`) is refused.
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
    // A Buffer would give byte strings that are Buffers.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    value = decode(plain, { ...DECODE_OPTIONS, tokenizer: new Tokens(plain, DECODE_OPTIONS) });
  } catch (cause) {
    throw new SealaneError(code, { detail: 'not CBOR', cause });
  }
  // To a schema without keys, an empty byte string is as good as an empty map.
  if (!isMap(value)) throw new SealaneError(code, { detail: 'not a map' });
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new SealaneError(code, { detail: 'does not fit the schema' });
  if (!hasOneEncoding(value) && !isTheEncodingOf(value, bytes))
    throw new SealaneError(code, { detail: 'not deterministic' });
  return parsed.data;
}

/** U+FEFF, which is a character of a text as any other; the library takes it off a text that begins with it. */
const MARK = '\ufeff';

class Tokens extends Tokenizer {
  override next() {
    const start = this.pos();
    const token = super.next();
    // No value of ours is a float, in whose form an integer might come.
    if (Type.equals(token.type, Type.float)) throw new RangeError('a float');
    if (!Type.equals(token.type, Type.string) || !this.#beginsWithMark(start)) return token;
    return new Token(Type.string, `${MARK}${String(token.value)}`, this.pos() - start);
  }

  /** `start`: where the head of a text is. */
  #beginsWithMark(start: number): boolean {
    const at = start + headLength(this.data[start] ?? 0);
    // EF BB BF, which is no beginning of anything else.
    return (
      this.data[at] === 0xef &&
      this.data[at + 1] === 0xbb &&
      this.data[at + 2] === 0xbf &&
      at + 2 < this.pos()
    );
  }
}

/** How many bytes there are before the content of a text, by the first of them (RFC 8949, section 3). */
function headLength(initial: number): number {
  const additional = initial & 31;
  return additional < 24 ? 1 : 1 + 2 ** (additional - 24);
}

/** What invalid UTF-8 is read as, and what may as well be in a text. */
const REPLACED = '\ufffd';

/**
 * Whether a value that was read strictly can have been read from its one encoding only: then what is left to differ is the order of
 * keys, which is the order in which they were read, and what is not UTF-8.
 */
function hasOneEncoding(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes(REPLACED);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.every(hasOneEncoding);
  let before = '';
  for (const [key, inner] of Object.entries(value)) {
    if (!isBehind(before, key) || !hasOneEncoding(inner)) return false;
    before = key;
  }
  return true;
}

/** The order of keys that are ASCII, shorter ones first. Others are not said to be in order. */
function isBehind(before: string, key: string): boolean {
  if (!/^[a-zA-Z]+$/.test(key)) return false;
  return key.length === before.length ? key > before : key.length > before.length;
}

function isTheEncodingOf(value: unknown, bytes: Uint8Array): boolean {
  return Buffer.compare(encode(value), bytes) === 0;
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

import { z } from 'zod';

/**
 * How a device id is written: the 32 bytes of SHA-256(SubjectPublicKeyInfo) in base32 (RFC 4648 alphabet, no padding: 52
 * characters), then one check character (Luhn mod 32), in groups of four: `ABCD-EFGH-…-WXYZ-C`. This file only knows the
 * writing; the hash is made where the key is.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const HASH_BYTES = 32;
const HASH_CHARACTERS = 52;

/** Luhn's algorithm in base 32: every single wrong character and most swapped neighbours change it. */
function checkCharacter(text: string): string {
  let sum = 0;
  let factor = 2;
  for (let i = text.length - 1; i >= 0; i -= 1) {
    const product = factor * ALPHABET.indexOf(text.charAt(i));
    sum += Math.floor(product / 32) + (product % 32);
    factor = factor === 2 ? 1 : 2;
  }
  return ALPHABET.charAt((32 - (sum % 32)) % 32);
}

function group(text: string): string {
  return (text.match(/.{1,4}/g) ?? []).join('-');
}

function ungroup(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase();
}

function isWellFormed(characters: string): boolean {
  // The last character of the hash carries one bit of it and four zeros: A or Q.
  if (!/^[A-Z2-7]{51}[AQ][A-Z2-7]$/.test(characters)) return false;
  return checkCharacter(characters.slice(0, HASH_CHARACTERS)) === characters.charAt(HASH_CHARACTERS);
}

/** A device id in its one canonical writing. */
export const deviceIdSchema = z
  .string()
  .max(80)
  .refine((text) => isWellFormed(ungroup(text)) && text === group(ungroup(text)), 'not a device id')
  .brand<'DeviceId'>();
export type DeviceId = z.infer<typeof deviceIdSchema>;

/** Writes a key hash as a device id. Takes exactly 32 bytes; throws RangeError otherwise. */
export function formatDeviceId(keyHash: Uint8Array): DeviceId {
  if (keyHash.length !== HASH_BYTES) throw new RangeError('a device id is made from 32 bytes');
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of keyHash) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((value >>> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  text += ALPHABET.charAt((value << (5 - bits)) & 31);
  return deviceIdSchema.parse(group(text + checkCharacter(text)));
}

/** Reads an id as people write it (any case, with or without dashes or spaces); undefined when it is not one. */
export function parseDeviceId(text: string): DeviceId | undefined {
  const result = deviceIdSchema.safeParse(group(ungroup(text)));
  return result.success ? result.data : undefined;
}

/** Whether `start`, as people write it, begins `id`. An empty start begins nothing. */
export function deviceIdStartsWith(id: DeviceId, start: string): boolean {
  const characters = ungroup(start);
  return characters.length > 0 && ungroup(id).startsWith(characters);
}

import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** Numbers and fields as bytes: docs/protocol.md, "Conventions". */

/** @param {number} value */
export function u32(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** @param {number} value */
export function u64(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** @param {Uint8Array} bytes */
export function view(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The label and each field, every one of them preceded by its length.
 * @param {string} label
 * @param {...Uint8Array} parts
 */
export function fields(label, ...parts) {
  return concatBytes(...[utf8ToBytes(label), ...parts].flatMap((part) => [u32(part.length), part]));
}

/**
 * Takes as long for any two values of one length.
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export function isSame(one, other) {
  if (one.length !== other.length) return false;
  let difference = 0;
  one.forEach((byte, at) => (difference |= byte ^ (other[at] ?? 0)));
  return difference === 0;
}

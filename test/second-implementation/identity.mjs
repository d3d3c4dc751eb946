import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, hexToBytes, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** A device's key, its id and its certificate: docs/protocol.md, section 1. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** SubjectPublicKeyInfo of RFC 5480 up to the 65 bytes of the point. */
const SPKI_START = hexToBytes('3059301306072a8648ce3d020106082a8648ce3d030107034200');

/** @typedef {{ secretKey: Uint8Array, spki: Uint8Array, id: string, key: string, certificate: string }} Identity */

/**
 * One DER value.
 * @param {number} tag
 * @param {...Uint8Array} content
 */
function der(tag, ...content) {
  const body = concatBytes(...content);
  const { length } = body;
  if (length < 0x80) return concatBytes(Uint8Array.of(tag, length), body);
  return length < 0x100
    ? concatBytes(Uint8Array.of(tag, 0x81, length), body)
    : concatBytes(Uint8Array.of(tag, 0x82, length >> 8, length & 0xff), body);
}

const SEQUENCE = 0x30;
const OCTETS = 0x04;
/** @param {Uint8Array} bytes */
const bits = (bytes) => der(0x03, Uint8Array.of(0), bytes);
/** @param {string} hex */
const oid = (hex) => der(0x06, hexToBytes(hex));
const ecPublicKey = () => der(SEQUENCE, oid('2a8648ce3d0201'), oid('2a8648ce3d030107'));

/**
 * @param {string} label
 * @param {Uint8Array} bytes
 */
const pem = (label, bytes) =>
  `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString('base64')}\n-----END ${label}-----\n`;

/**
 * A new device, or the one of this private key.
 * @param {Uint8Array} [secretKey]
 * @returns {Identity}
 */
export function makeIdentity(secretKey = p256.utils.randomSecretKey()) {
  const point = p256.getPublicKey(secretKey, false);
  const spki = concatBytes(SPKI_START, point);
  const key = der(
    SEQUENCE,
    der(0x02, Uint8Array.of(0)),
    ecPublicKey(),
    der(OCTETS, der(SEQUENCE, der(0x02, Uint8Array.of(1)), der(OCTETS, secretKey), der(0xa1, bits(point)))),
  );
  const signature = der(SEQUENCE, oid('2a8648ce3d040302'));
  const name = der(SEQUENCE, der(0x31, der(SEQUENCE, oid('550403'), der(0x0c, utf8ToBytes('Sealane')))));
  const serial = concatBytes(Uint8Array.of(0x40), randomBytes(15));
  // Key usage, critical: digitalSignature is the first of its bits.
  const usage = der(0x03, Uint8Array.of(7, 0x80));
  const extension = der(SEQUENCE, oid('551d0f'), der(0x01, Uint8Array.of(0xff)), der(OCTETS, usage));
  const signed = der(
    SEQUENCE,
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, serial),
    signature,
    name,
    der(SEQUENCE, der(0x17, utf8ToBytes('700101000000Z')), der(0x18, utf8ToBytes('99991231235959Z'))),
    name,
    spki,
    der(0xa3, der(SEQUENCE, extension)),
  );
  const certificate = der(
    SEQUENCE,
    signed,
    signature,
    bits(p256.sign(signed, secretKey, { format: 'der', lowS: false })),
  );
  return {
    secretKey,
    spki,
    id: idOf(sha256(spki)),
    key: pem('PRIVATE KEY', key),
    certificate: pem('CERTIFICATE', certificate),
  };
}

/**
 * Section 1: named curve, uncompressed point, a point of the curve.
 * @param {Uint8Array} spki
 */
export function isSpki(spki) {
  if (spki.length !== 91 || !SPKI_START.every((byte, at) => spki[at] === byte)) return false;
  try {
    p256.Point.fromBytes(spki.subarray(SPKI_START.length));
    return spki[SPKI_START.length] === 4;
  } catch {
    return false;
  }
}

/** @param {Uint8Array} spki */
export function pointOf(spki) {
  return spki.subarray(SPKI_START.length);
}

/**
 * Section 1.1: base32, a check character, groups of four.
 * @param {Uint8Array} hash
 */
export function idOf(hash) {
  let digits = '';
  let held = 0;
  let count = 0;
  for (const byte of [...hash, 0]) {
    held = (held << 8) | byte;
    count += 8;
    while (count >= 5 && digits.length < 52) {
      digits += ALPHABET.charAt((held >> (count - 5)) & 31);
      count -= 5;
    }
    held &= (1 << count) - 1;
  }
  let sum = 0;
  let factor = 2;
  for (const digit of Array.from(digits).reverse()) {
    const product = factor * ALPHABET.indexOf(digit);
    sum += Math.floor(product / 32) + (product % 32);
    factor = 3 - factor;
  }
  const whole = digits + ALPHABET.charAt((32 - (sum % 32)) % 32);
  return (whole.match(/.{1,4}/gu) ?? []).join('-');
}

/**
 * @param {Uint8Array} spki
 * @returns {string}
 */
export function idOfKey(spki) {
  return idOf(sha256(spki));
}

/**
 * The SubjectPublicKeyInfo in a certificate, whatever else stands there; nothing where it is not one of ours.
 * @param {Uint8Array} certificate
 * @returns {Uint8Array | undefined}
 */
export function spkiIn(certificate) {
  const [whole] = values(certificate);
  const [signed] = values(whole?.content ?? new Uint8Array());
  const parts = values(signed?.content ?? new Uint8Array());
  // [version], serial number, algorithm, issuer, validity, subject, then the key.
  const spki = parts[parts[0]?.tag === 0xa0 ? 6 : 5]?.whole;
  return spki !== undefined && isSpki(spki) ? spki : undefined;
}

/**
 * The DER values that stand one after another in these bytes.
 * @param {Uint8Array} bytes
 */
function values(bytes) {
  /** @type {{ tag: number, content: Uint8Array, whole: Uint8Array }[]} */
  const found = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const first = bytes[at + 1] ?? 0;
    const more = first < 0x80 ? 0 : first & 0x7f;
    let length = more === 0 ? first : 0;
    for (let each = 0; each < more; each += 1) length = length * 256 + (bytes[at + 2 + each] ?? 0);
    const start = at + 2 + more;
    const end = start + length;
    if (end > bytes.length) break;
    found.push({
      tag: bytes[at] ?? 0,
      content: bytes.subarray(start, end),
      whole: bytes.subarray(at, end),
    });
    at = end;
  }
  return found;
}

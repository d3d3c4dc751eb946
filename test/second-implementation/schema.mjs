import { cdeDecodeOptions, cdeEncodeOptions, decode, encode } from 'cbor2';
import { Failure } from './failure.mjs';

/** The types of docs/protocol.md, "Conventions", and the one encoding of section 4. */

/**
 * @template T
 * @typedef {(value: unknown) => value is T} Is
 */

/** @typedef {Record<string, Is<unknown>>} Shape */

/**
 * @template {Shape} S
 * @typedef {{ [K in keyof S]: S[K] extends Is<infer T> ? T : never }} Of
 */

/**
 * @param {number} max
 * @param {number} [min]
 * @returns {Is<number>}
 */
export const int =
  (max, min = 0) =>
  /** @returns {value is number} */
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;

export const anyCount = int(Number.MAX_SAFE_INTEGER);
export const anyTime = int(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER);

/** @type {Is<boolean>} */
export const bool = (value) => typeof value === 'boolean';

/**
 * @template {string | boolean} T
 * @param {...T} words
 * @returns {Is<T>}
 */
export const oneOf =
  (...words) =>
  /** @returns {value is T} */
  (value) =>
    words.some((word) => word === value);

/**
 * @param {number} length
 * @returns {Is<Uint8Array>}
 */
export const bytes =
  (length) =>
  /** @returns {value is Uint8Array} */
  (value) =>
    value instanceof Uint8Array && value.length === length;

/**
 * In code points.
 * @param {number} [min]
 * @param {number} [max]
 * @returns {Is<string>}
 */
export const text =
  (min = 0, max = Infinity) =>
  /** @returns {value is string} */
  (value) => {
    if (typeof value !== 'string') return false;
    const { length } = Array.from(value);
    return length >= min && length <= max;
  };

/**
 * @param {RegExp} pattern
 * @returns {Is<string>}
 */
export const like =
  (pattern) =>
  /** @returns {value is string} */
  (value) =>
    typeof value === 'string' && pattern.test(value);

/** @type {Is<string>} */
export const deviceName = (value) => text(1, 64)(value) && value.trim() !== '';

/**
 * @template T
 * @param {Is<T>} item
 * @param {number} [min]
 * @param {number} [max]
 * @returns {Is<T[]>}
 */
export const list =
  (item, min = 0, max = Infinity) =>
  /** @returns {value is T[]} */
  (value) =>
    Array.isArray(value) && value.length >= min && value.length <= max && value.every((each) => item(each));

/**
 * A map with exactly these keys, but that the optional ones may be missing.
 * @template {Shape} S
 * @template {Shape} [O={}]
 * @param {S} required
 * @param {O} [optional]
 * @returns {Is<Of<S> & Partial<Of<O>>>}
 */
export const map =
  (required, optional) =>
  /** @returns {value is Of<S> & Partial<Of<O>>} */
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const there = new Map(Object.entries(value));
    const hasAll = Object.entries(required).every(([key, is]) => there.has(key) && is(there.get(key)));
    const may = new Map([...Object.entries(required), ...Object.entries(optional ?? {})]);
    return hasAll && [...there].every(([key, each]) => may.get(key)?.(each) === true);
  };

/** @param {unknown} value */
export function toCbor(value) {
  return encode(value, cdeEncodeOptions);
}

/**
 * Refuses whatever is not the one encoding of a valid value.
 * @template T
 * @param {Is<T>} is
 * @param {Uint8Array} body
 * @param {'frame-malformed' | 'content-mismatch'} [code]
 * @returns {T}
 */
export function fromCbor(is, body, code = 'frame-malformed') {
  const value = decoded(body, code);
  if (!is(value) || Buffer.compare(toCbor(value), body) !== 0) throw new Failure(code);
  return value;
}

/**
 * @param {Uint8Array} body
 * @param {'frame-malformed' | 'content-mismatch'} code
 * @returns {unknown}
 */
function decoded(body, code) {
  try {
    return decode(body, cdeDecodeOptions);
  } catch {
    throw new Failure(code);
  }
}

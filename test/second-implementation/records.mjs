import { concatBytes } from '@noble/hashes/utils.js';
import { u32, view } from './bytes.mjs';
import { Failure } from './failure.mjs';
import { upToEntries } from './messages.mjs';
import { anyCount, anyTime, bool, fromCbor, int, list, map, oneOf, text, toCbor } from './schema.mjs';

/** The records of the content: docs/protocol.md, section 8.1. */

export const HEADER_BYTES = 5;
const MAX_MAP_BYTES = 8192;

const types = /** @type {const} */ ([
  'entry',
  'data',
  'end',
  'fail',
  'skip',
  'finish',
  'superseded',
  'missing',
  'grown',
]);

const path = list(text());
const reason = int(13, 1);
const version = { path, executable: bool };
const again = { again: upToEntries };

const isFile = map(
  { kind: oneOf('file'), size: anyCount, mtimeUs: anyTime, ...version },
  { ...again, anew: oneOf(true) },
);
const isFolder = map({ kind: oneOf('folder'), path, mtimeUs: anyTime });

const maps = {
  /** @type {import('./schema.mjs').Is<File | Folder>} */
  entry: (value) => isFile(value) || isFolder(value),
  skip: map({ path: text(0, 3072), reason }),
  finish: map(
    { files: upToEntries, bytes: anyCount, skippedCount: upToEntries },
    { grownCount: int(5_000_000, 1) },
  ),
  superseded: map(version, again),
  missing: map({ ...version, reason }, again),
  grown: map({ path: text(0, 3072) }),
};

/** @typedef {typeof isFile extends import('./schema.mjs').Is<infer T> ? T : never} File */
/** @typedef {typeof isFolder extends import('./schema.mjs').Is<infer T> ? T : never} Folder */

/**
 * @template {keyof typeof maps} T
 * @typedef {(typeof maps)[T] extends import('./schema.mjs').Is<infer V> ? V : never} Body
 */

/**
 * @typedef {{ [T in keyof typeof maps]: { type: T, value: Body<T> } }[keyof typeof maps]
 *   | { type: 'data', bytes: Uint8Array } | { type: 'end' } | { type: 'fail', reason: number }} ContentRecord
 */

/** @param {ContentRecord} record */
export function toRecord(record) {
  const body = bodyOf(record);
  return concatBytes(Uint8Array.of(types.indexOf(record.type) + 1), u32(body.length), body);
}

/** @param {ContentRecord} record */
function bodyOf(record) {
  if (record.type === 'data') return record.bytes;
  if (record.type === 'end') return new Uint8Array();
  return record.type === 'fail' ? Uint8Array.of(record.reason) : toCbor(record.value);
}

/**
 * All records of a chunk, at least one, each whole.
 * @param {Uint8Array} plaintext
 */
export function recordsIn(plaintext) {
  /** @type {ContentRecord[]} */
  const records = [];
  for (let at = 0; at < plaintext.length || records.length === 0;) {
    if (at + HEADER_BYTES > plaintext.length) throw new Failure('content-mismatch');
    const length = view(plaintext).getUint32(at + 1);
    const end = at + HEADER_BYTES + length;
    if (end > plaintext.length) throw new Failure('content-mismatch');
    records.push(recordOf(types[(plaintext[at] ?? 0) - 1], plaintext.subarray(at + HEADER_BYTES, end)));
    at = end;
  }
  return records;
}

/**
 * @param {(typeof types)[number] | undefined} type
 * @param {Uint8Array} body
 * @returns {ContentRecord}
 */
function recordOf(type, body) {
  const [first = 0] = body;
  switch (type) {
    case 'data':
      if (body.length > 0) return { type, bytes: body };
      break;
    case 'end':
      if (body.length === 0) return { type };
      break;
    case 'fail':
      if (body.length === 1 && reason(first)) return { type, reason: first };
      break;
    case 'entry':
      return { type, value: valueOf(maps.entry, body) };
    case 'skip':
      return { type, value: valueOf(maps.skip, body) };
    case 'finish':
      return { type, value: valueOf(maps.finish, body) };
    case 'superseded':
      return { type, value: valueOf(maps.superseded, body) };
    case 'missing':
      return { type, value: valueOf(maps.missing, body) };
    case 'grown':
      return { type, value: valueOf(maps.grown, body) };
    case undefined:
      break;
    default:
  }
  throw new Failure('content-mismatch');
}

/**
 * @template T
 * @param {import('./schema.mjs').Is<T>} is
 * @param {Uint8Array} body
 */
function valueOf(is, body) {
  if (body.length > MAX_MAP_BYTES) throw new Failure('content-mismatch');
  return fromCbor(is, body, 'content-mismatch');
}

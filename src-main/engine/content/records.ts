import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_CHUNK_PLAINTEXT_BYTES, MAX_ENTRIES, MAX_PATH_BYTES } from '../../../shared/limits.ts';
import type { SkipReason } from '../../../shared/views.ts';
import { decodeCbor } from '../codec/cbor.ts';

/**
 * What is inside a chunk: a whole number of records, one after another. A record is its type (u8), the length of its body (u32,
 * big-endian) and the body. Small files share a chunk; a large one goes over many. Any breach is `content-mismatch`.
 */

/** Plaintext of one chunk as this sender fills it: large enough that sealing and sending dominate, small enough to be six times in memory. */
export const CHUNK_PLAINTEXT_BYTES = 512 * 1024;

/** Type and length. */
export const RECORD_HEADER_BYTES = 5;

export const RECORD_TYPES = {
  /** A file or folder begins; CBOR. A folder is whole with this. */
  entry: 1,
  /** The next bytes of the file that began; never empty. */
  data: 2,
  /** The file that began is whole; empty. */
  end: 3,
  /** The file that began could not be read whole, and what there is of it is void; one byte, the reason. */
  fail: 4,
  /**
   * Something was left out when the sender looked through what it was to send, or came after that; CBOR. No
   * part of the offer's counts.
   */
  skip: 5,
  /** Everything is said; CBOR. Last record of the last chunk. */
  finish: 6,
  /** A file whose content comes later, under a newer entry; CBOR. What an earlier connection brought of it is void. */
  superseded: 7,
  /** A file of the offer that can no longer be sent, and of which nothing comes; CBOR. What came of it before is void. */
  missing: 8,
  /**
   * A file that is here, and had grown at the sender by the time it was sent: what is here is its beginning.
   * Behind all entries; CBOR.
   */
  grown: 9,
} as const;

/** Header and reason of a FAIL: the room that a sender must leave behind any DATA. */
export const FAIL_RECORD_BYTES = RECORD_HEADER_BYTES + 1;

/** A record of CBOR is a path and a few numbers; whatever is longer is not one. */
export const MAX_MAP_RECORD_BYTES = 8 * 1024;

/** Reasons travel as numbers, never as text. */
const REASON_NUMBERS: Readonly<Record<SkipReason, number>> = {
  vanished: 1,
  unreadable: 2,
  changed: 3,
  'link-outside': 4,
  'link-loop': 5,
  'special-file': 6,
  'name-reserved': 7,
  'name-too-long': 8,
  'not-writable': 9,
  'came-later': 10,
  'size-unknown': 11,
  'own-files': 12,
  'name-encoding': 13,
  'taken-away': 14,
};
/** What only a receiver can know: a sender has nothing to say of what happens on the other computer. */
const RECEIVERS_OWN: ReadonlySet<SkipReason> = new Set(['taken-away']);

const reasonsByNumber = new Map<number, SkipReason>();
for (const reason of Object.keys(REASON_NUMBERS)) {
  if (isSkipReason(reason) && !RECEIVERS_OWN.has(reason)) reasonsByNumber.set(REASON_NUMBERS[reason], reason);
}

function isSkipReason(text: string): text is SkipReason {
  return text in REASON_NUMBERS;
}

const count = z.number().int().min(0).max(MAX_ENTRIES);
const byteCount = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Microseconds since 1970; before that, negative. */
const mtimeUs = z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
/** Only a list of texts: whether the names are harmless is judged where they meet the disk. */
const path = z.array(z.string());

const again = z.number().int().min(0).max(MAX_ENTRIES).optional();

const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file'),
    path,
    size: byteCount,
    mtimeUs,
    executable: z.boolean(),
    /**
     * This file was said before: the number of the entry that said it first, which has no such key itself. However often a file
     * changes, all its newer entries name that same one, so that one that was never sent breaks no chain.
     */
    again,
    /** Only where a stream begins within a file: what the receiver has of it is void, and all of it comes. */
    anew: z.literal(true).optional(),
  }),
  z.strictObject({ kind: z.literal('folder'), path, mtimeUs }),
]);
export type ContentEntry = z.infer<typeof entrySchema>;
export type FileEntry = Extract<ContentEntry, { kind: 'file' }>;
export type FolderEntry = Extract<ContentEntry, { kind: 'folder' }>;

/** A file whose content does not come here: all that the offer counts of it. */
const fileStub = { path, executable: z.boolean(), again };
const supersededSchema = z.strictObject(fileStub);
export type FileStub = z.infer<typeof supersededSchema>;
const missingSchema = z.strictObject({ ...fileStub, reason: z.number().int() });

const skipSchema = z.strictObject({ path: z.string().max(MAX_PATH_BYTES), reason: z.number().int() });

const grownSchema = z.strictObject({ path: z.string().max(MAX_PATH_BYTES) });

const totalsSchema = z.strictObject({
  files: count,
  bytes: byteCount,
  skippedCount: count,
  /** Absent where none had. */
  grownCount: count.min(1).optional(),
});
/**
 * What the records of one stream came to: END records, bytes in DATA records, FAIL, SKIP and MISSING records;
 * and how many files had grown by the time they were sent, in this stream or before, of which GROWN records
 * list the first.
 */
export type ContentTotals = z.infer<typeof totalsSchema>;

export type ContentRecord =
  | { readonly type: 'entry'; readonly entry: ContentEntry }
  /** `bytes` is a view of the chunk: used before the next chunk is opened, or copied. */
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  | { readonly type: 'end' }
  | { readonly type: 'fail'; readonly reason: SkipReason }
  | { readonly type: 'skip'; readonly path: string; readonly reason: SkipReason }
  | { readonly type: 'superseded'; readonly file: FileStub }
  | { readonly type: 'missing'; readonly file: FileStub; readonly reason: SkipReason }
  | { readonly type: 'grown'; readonly path: string }
  | { readonly type: 'finish'; readonly totals: ContentTotals };

export function reasonNumber(reason: SkipReason): number {
  return REASON_NUMBERS[reason];
}

function reasonOf(number: number | undefined): SkipReason {
  const reason = number === undefined ? undefined : reasonsByNumber.get(number);
  if (reason === undefined) throw mismatch('unknown reason');
  return reason;
}

/** A breach of the format, with a hint for the log that holds nothing of the content. */
export function mismatch(detail: string): SealaneError {
  return new SealaneError('content-mismatch', { detail });
}

/**
 * Reads the records of one chunk's plaintext, one at a time. Throws `content-mismatch` for no record at all, a record cut off,
 * an unknown type, and a body that does not fit its type.
 */
export function* readRecords(plaintext: Uint8Array): Generator<ContentRecord, void, undefined> {
  if (plaintext.length === 0) throw mismatch('a chunk without a record');
  if (plaintext.length > MAX_CHUNK_PLAINTEXT_BYTES) throw mismatch('a chunk too long');
  const view = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength);
  let at = 0;
  while (at < plaintext.length) {
    if (plaintext.length - at < RECORD_HEADER_BYTES) throw mismatch('a record header cut off');
    const type = view.getUint8(at);
    const length = view.getUint32(at + 1);
    at += RECORD_HEADER_BYTES;
    if (length > plaintext.length - at) throw mismatch('a record cut off');
    yield readRecord(type, plaintext.subarray(at, at + length));
    at += length;
  }
}

function readRecord(type: number, body: Uint8Array): ContentRecord {
  switch (type) {
    case RECORD_TYPES.entry:
      return { type: 'entry', entry: decodeMap(entrySchema, body) };
    case RECORD_TYPES.data:
      if (body.length === 0) throw mismatch('an empty DATA');
      return { type: 'data', bytes: body };
    case RECORD_TYPES.end:
      if (body.length !== 0) throw mismatch('an END with a body');
      return { type: 'end' };
    case RECORD_TYPES.fail:
      if (body.length !== 1) throw mismatch('a FAIL that is not one byte');
      return { type: 'fail', reason: reasonOf(body[0]) };
    case RECORD_TYPES.skip: {
      const skip = decodeMap(skipSchema, body);
      return { type: 'skip', path: skip.path, reason: reasonOf(skip.reason) };
    }
    case RECORD_TYPES.superseded:
      return { type: 'superseded', file: decodeMap(supersededSchema, body) };
    case RECORD_TYPES.missing: {
      const { reason, ...file } = decodeMap(missingSchema, body);
      return { type: 'missing', file, reason: reasonOf(reason) };
    }
    case RECORD_TYPES.grown:
      return { type: 'grown', path: decodeMap(grownSchema, body).path };
    case RECORD_TYPES.finish:
      return { type: 'finish', totals: decodeMap(totalsSchema, body) };
    default:
      throw mismatch('a record of unknown type');
  }
}

function decodeMap<Schema extends z.ZodType>(schema: Schema, body: Uint8Array): z.infer<Schema> {
  if (body.length > MAX_MAP_RECORD_BYTES) throw mismatch('a map too long');
  return decodeCbor(schema, body, 'content-mismatch');
}

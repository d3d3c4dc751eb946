import { hash } from 'node:crypto';
import { readSync } from 'node:fs';

/**
 * How the journal lies on disk: records, one after another, each the length of its body (u32, big-endian), its type (u8), the body, and
 * the first eight bytes of a SHA-256 over the same eight bytes of the record before (zeros before the first) and all of this one. So a
 * record counts only when it and everything before it are as they were written; what follows was cut short, or is rubbish.
 */

export const JOURNAL_RECORDS = {
  /** Of which transfer, and where its staging folder is. The first record, and only that. */
  header: 1,
  /** Left out since the last one; counts with the checkpoint after it. */
  skipped: 2,
  /** Everything up to here is safe on disk. */
  checkpoint: 3,
  /** All is here and safe, and from now on it is moved to its names. */
  publishing: 4,
  /** An empty placeholder is about to be put under the name of one thing. */
  move: 5,
  /** Everything is under its name. */
  published: 6,
  /**
   * A staging folder is about to be made. Before the header; the last one counts, and only while there is no
   * header.
   */
  intent: 7,
  /** Some things are about to be moved, in this order; counts instead of what the last such record says. */
  plan: 8,
} as const;

export interface JournalRecord {
  readonly type: number;
  readonly body: Buffer;
}

/** A hundred paths, escaped, are below; a longer one is damage. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

const HEADER_BYTES = 5;
const DIGEST_BYTES = 8;
const READ_BYTES = 256 * 1024;

/** What ties a record to the one before. */
export type Link = Buffer;
export const FIRST_LINK: Link = Buffer.alloc(DIGEST_BYTES);

/** One record as it is written after the one that `link` stands for, and the link for the next. */
export function encodeRecord(
  record: JournalRecord,
  link: Link,
): { readonly bytes: Buffer; readonly link: Link } {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(record.body.length);
  header.writeUInt8(record.type, 4);
  const next = digest(link, header, record.body);
  return { bytes: Buffer.concat([header, record.body, next]), link: next };
}

export interface ReadRecord extends JournalRecord {
  /** Where it ends in the file. */
  readonly end: number;
  readonly link: Link;
}

/**
 * The records of an open journal, in order, up to the first that is not as it was written. A body is a view that the next record
 * makes void. Throws system errors only.
 */
export function* decodeRecords(fd: number): Generator<ReadRecord, void, undefined> {
  let memory = Buffer.alloc(READ_BYTES);
  /** Of what is held: where it lies in the file, its beginning and its end in the memory. */
  let [position, start, end] = [0, 0, 0];
  let link = FIRST_LINK;

  /** Sees to it that `length` bytes are held; false at the end of the file. */
  const hold = (length: number): boolean => {
    if (end - start >= length) return true;
    const larger = length > memory.length ? Buffer.alloc(length) : memory;
    memory.copy(larger, 0, start, end);
    memory = larger;
    position += start;
    [start, end] = [0, end - start];
    while (end < length) {
      const read = readSync(fd, memory, end, memory.length - end, position + end);
      if (read === 0) return false;
      end += read;
    }
    return true;
  };

  while (hold(HEADER_BYTES)) {
    const length = memory.readUInt32BE(start);
    const type = memory.readUInt8(start + 4);
    if (length > MAX_BODY_BYTES || !hold(HEADER_BYTES + length + DIGEST_BYTES)) return;
    const header = memory.subarray(start, start + HEADER_BYTES);
    const body = memory.subarray(start + HEADER_BYTES, start + HEADER_BYTES + length);
    const next = digest(link, header, body);
    start += HEADER_BYTES + length + DIGEST_BYTES;
    if (!next.equals(memory.subarray(start - DIGEST_BYTES, start))) return;
    link = next;
    yield { type, body, end: position + start, link };
  }
}

function digest(link: Link, header: Buffer, body: Buffer): Link {
  return hash('sha256', Buffer.concat([link, header, body]), 'buffer').subarray(0, DIGEST_BYTES);
}

import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** RFC 1952, 2.3: ten bytes, and then what the flags announce. */
const HEADER_BYTES = 10;
const FLAGS_AT = 3;
const FLAG_NAME = 0x08;
/** Longer than any name that a header holds. */
const LOOK_BYTES = 4096;
/** Deflate, no flags, no time, made on Unix: what `gzip -n` writes. */
const PLAIN_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);

/**
 * Takes name and time of the temporary file it was made from out of a gzip file's header; nothing else differs between two
 * makings. Throws where the file is none, or has a header of another kind.
 */
export async function plainGzip(path: string): Promise<void> {
  const file = await open(path, 'r');
  const head = Buffer.alloc(LOOK_BYTES);
  const { bytesRead } = await file.read(head, 0, LOOK_BYTES, 0).finally(() => file.close());
  const flags = head[FLAGS_AT] ?? 0;
  if (!head.subarray(0, 3).equals(PLAIN_HEADER.subarray(0, 3)) || (flags & ~FLAG_NAME) !== 0) {
    throw new Error(`${path} is no gzip file of the kind that is made here`);
  }
  const nameEnd = (flags & FLAG_NAME) === 0 ? HEADER_BYTES - 1 : head.indexOf(0, HEADER_BYTES);
  if (nameEnd === -1 || nameEnd >= bytesRead) throw new Error(`${path} has a name without end`);
  const draft = `${path}.draft`;
  const target = createWriteStream(draft);
  target.write(PLAIN_HEADER);
  await pipeline(createReadStream(path, { start: nameEnd + 1 }), target);
  await rename(draft, path);
}

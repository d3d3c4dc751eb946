import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { SKIP_REASONS } from '../../../shared/views.ts';
import { errnoOf } from './disk.ts';
import { LineWriter, readLines } from './lines.ts';

/**
 * What is to be sent, entry by entry, in a file: neither walking a million files nor sending them holds their list in memory, and
 * the same list is there again after a crash. One JSON line per entry; the last line says how many there are, so that a list cut
 * off is never taken for a whole one.
 */

const path = z.array(z.string().min(1)).min(1).readonly();
const mtimeUs = z.number().int();
/** 64-bit numbers of the file system, written in decimal: JSON's numbers would round them. */
const wide = z
  .string()
  .regex(/^-?\d{1,20}$/)
  .transform(BigInt);

const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file'),
    /** Names from the top-level item down, as they are sent. */
    path,
    /** Absolute path to read from, links resolved at the last component: open it with O_NOFOLLOW. */
    source: z.string().min(1),
    size: z.number().int().min(0),
    /** Microseconds since 1970, rounded down; negative before. */
    mtimeUs,
    /** With `inode` and `device`: whether this is still the same file. */
    mtimeNs: wide,
    inode: wide,
    device: wide,
    executable: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('folder'), path, mtimeUs }),
  /** Left out while walking. `path` is for people to read: it may hold what no path may. */
  z.strictObject({ kind: z.literal('skipped'), path, reason: z.enum(SKIP_REASONS) }),
]);
export type ManifestEntry = z.infer<typeof entrySchema>;
export type ManifestFile = Extract<ManifestEntry, { kind: 'file' }>;

const lineSchema = z.discriminatedUnion('kind', [
  ...entrySchema.options,
  z.strictObject({ kind: z.literal('end'), entries: z.number().int().min(0) }),
]);

export class ManifestWriter {
  readonly #lines: LineWriter;
  #entries = 0;

  /**
   * Starts a new manifest at `file` (absolute), which only this user can read; what was there is replaced. This and every method
   * throw `no-space` and `profile-unusable`.
   */
  constructor(file: string) {
    this.#lines = inProfile(() => new LineWriter(file));
  }

  append(entry: ManifestEntry): void {
    inProfile(() => {
      this.#lines.append(JSON.stringify(entry, decimal));
    });
    this.#entries += 1;
  }

  /** Writes the last line and syncs the file. */
  close(): void {
    inProfile(() => {
      this.#lines.append(JSON.stringify({ kind: 'end', entries: this.#entries }));
      this.#lines.close({ sync: true });
    });
  }

  /** Closes the file without an end, so that it is never taken for a whole manifest. Idempotent, also after `close`. */
  abort(): void {
    this.#lines.close({ sync: false });
  }
}

/** The manifest lies with this device's own files: what the system says of it is not about anything that is sent. */
function inProfile<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === '') throw cause;
    throw new SealaneError(errno === 'ENOSPC' || errno === 'EDQUOT' ? 'no-space' : 'profile-unusable', {
      cause,
      detail: errno,
    });
  }
}

function decimal(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** The entries of a manifest in order, in constant memory. Throws `internal` for one that is missing, damaged or cut off. */
export function* readManifest(file: string): Generator<ManifestEntry, void, undefined> {
  let entries = 0;
  let ended = false;
  for (const line of readLines(file)) {
    const parsed = lineSchema.safeParse(parseJson(line));
    if (!parsed.success || ended) throw damaged();
    if (parsed.data.kind === 'end') {
      if (parsed.data.entries !== entries) throw damaged();
      ended = true;
      continue;
    }
    yield parsed.data;
    entries += 1;
  }
  if (!ended) throw damaged();
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged();
  }
}

function damaged(): SealaneError {
  return new SealaneError('internal', { detail: 'the manifest is damaged' });
}

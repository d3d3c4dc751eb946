import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_ENTRIES } from '../../../shared/limits.ts';
import { SKIP_REASONS } from '../../../shared/views.ts';

/** One line of a manifest: JSON, its kind first. */

const path = z.array(z.string().min(1)).min(1).readonly();
const mtimeUs = z.number().int();
const count = z.number().int().min(0).max(MAX_ENTRIES);
/** 64-bit numbers of the file system, written in decimal: JSON's numbers would round them. */
const wide = z
  .string()
  .regex(/^-?\d{1,20}$/)
  .transform(BigInt);

const fileSchema = z.strictObject({
  kind: z.literal('file'),
  /** Names from the top-level item down, as they are sent. */
  path,
  /** Absolute path to read from, no link in it: open it with O_NOFOLLOW. */
  source: z.string().min(1),
  size: z.number().int().min(0),
  /** Microseconds since 1970, rounded down; negative before. */
  mtimeUs,
  /**
   * With `size`, `ctimeNs` and `inode`: whether this is still the same file. The number of its device is
   * another one after a restart.
   */
  mtimeNs: wide,
  /** When the system saw a change last; no program can set it back, as any can `mtimeNs`. */
  ctimeNs: wide,
  inode: wide,
  /** What stood at its end, where that was looked at; see `endMark`. */
  end: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  executable: z.boolean(),
  /** The number of the entry that listed this file first, when this one was appended because the file had changed. */
  again: count.optional(),
});

const recordSchema = z.discriminatedUnion('kind', [
  fileSchema,
  z.strictObject({ kind: z.literal('folder'), path, mtimeUs }),
  /** Left out while walking. `path` is for people to read: it may hold what no path may. */
  z.strictObject({ kind: z.literal('skipped'), path, reason: z.enum(SKIP_REASONS) }),
  /** Everything before this line was written to its end; `entries` counts the entries among it. */
  z.strictObject({ kind: z.literal('end'), entries: count }),
]);
export type ManifestRecord = z.infer<typeof recordSchema>;
export type ManifestFile = z.infer<typeof fileSchema>;

/** As it is written. */
export type WrittenEntry = Exclude<ManifestRecord, { kind: 'end' }>;

/** A file's entry in the place of which a newer one, further down, is to be sent. */
export interface SupersededEntry {
  readonly kind: 'superseded';
  readonly path: readonly string[];
  readonly size: number;
  readonly executable: boolean;
  readonly again?: number | undefined;
}

/** As it is read. */
export type ManifestEntry = WrittenEntry | SupersededEntry;

export function formatRecord(record: ManifestRecord): string {
  if (record.kind !== 'file') return JSON.stringify(record);
  return JSON.stringify({
    ...record,
    mtimeNs: record.mtimeNs.toString(),
    ctimeNs: record.ctimeNs.toString(),
    inode: record.inode.toString(),
  });
}

/** Undefined for a line that is none of ours. */
export function parseRecord(line: string): ManifestRecord | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  return recordSchema.safeParse(json).data;
}

export function damagedManifest(): SealaneError {
  return new SealaneError('internal', { detail: 'the manifest is damaged' });
}

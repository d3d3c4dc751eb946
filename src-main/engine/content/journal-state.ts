import { z } from 'zod';
import { MAX_ENTRIES, MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import { SKIP_REASONS, skippedFileSchema, transferIdSchema } from '../../../shared/views.ts';
import type { SkippedFile } from '../../../shared/views.ts';
import { stagingPlaceSchema } from '../files/staging-folder.ts';
import { stagingStateSchema } from '../files/staging.ts';
import { JOURNAL_RECORDS } from './journal-codec.ts';
import type { JournalRecord } from './journal-codec.ts';

/** What the records of a receiver's journal say; each body is JSON. */

const count = z.number().int().min(0).max(MAX_ENTRIES);
const bytes = z.number().int().min(0);

const headerSchema = z.strictObject({
  version: z.literal(1),
  transfer: transferIdSchema,
  /** What was offered first: about as much as there is to be in the end, however often parts of it are sent once more. */
  offered: z.strictObject({ files: count, folders: count, bytes }),
  place: stagingPlaceSchema,
});
export type JournalHeader = z.infer<typeof headerSchema>;

/** How far the content was understood, between two records. */
const parserStateSchema = z.strictObject({
  /** Entries that are wholly done. */
  entry: count,
  /** Bytes of the next one that were taken. */
  offset: bytes,
  /** What the entries so far came to, the next one left out even where some of it was taken. */
  files: count,
  folders: count,
  claimed: bytes,
  items: count,
  item: z.string().nullable(),
});
export type ParserState = z.infer<typeof parserStateSchema>;

/** What became of the content. */
const landingStateSchema = z.strictObject({
  /** Content that came, whether it was kept or not. */
  received: bytes,
  files: count,
  /** Bytes of the files that are kept. */
  kept: bytes,
  skippedCount: count,
  /** Of the entry of which some was taken: what tells it from another one, and why it is dropped, if it is. */
  current: z.strictObject({ identity: z.string(), dropped: z.enum(SKIP_REASONS).nullable() }).nullable(),
});
export type LandingState = z.infer<typeof landingStateSchema>;

const checkpointSchema = z.strictObject({
  parser: parserStateSchema,
  landing: landingStateSchema,
  staging: stagingStateSchema,
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** `anew`: instead of what was listed before, not after it. */
const skippedSchema = z.strictObject({
  anew: z.boolean(),
  files: z.array(skippedFileSchema).max(MAX_LISTED_SKIPS),
});
export type SkippedGrowth = z.infer<typeof skippedSchema>;

const moveSchema = z.strictObject({
  name: z.string().min(1),
  target: z.string().min(1),
  claims: z.boolean(),
});
const publishedSchema = z.strictObject({ names: z.array(z.string()) });

/** What a journal comes to. */
export interface JournalState {
  readonly header: JournalHeader;
  /** The last one; null when there is none yet, and the staging folder is empty. */
  readonly checkpoint: Checkpoint | null;
  readonly skipped: readonly SkippedFile[];
  readonly phase: 'receiving' | 'publishing' | 'published';
  /** What was moved, or was about to be, while publishing. */
  readonly moves: readonly z.infer<typeof moveSchema>[];
  /** Of what was published. */
  readonly names: readonly string[];
}

/** Takes the records of a journal, in order, as they were read. */
export class JournalReader {
  #header: JournalHeader | undefined;
  #checkpoint: Buffer | undefined;
  #skipped: readonly SkippedFile[] = [];
  #growing: readonly SkippedFile[] = [];
  #phase: JournalState['phase'] = 'receiving';
  readonly #moves: z.infer<typeof moveSchema>[] = [];
  #names: readonly string[] = [];

  /** False for one that does not belong there: it and what follows counts for nothing. */
  accept({ type, body }: JournalRecord): boolean {
    try {
      return this.#accept(type, body);
    } catch {
      return false;
    }
  }

  /** Undefined when nothing can be told from the records. */
  get state(): JournalState | undefined {
    if (this.#header === undefined) return undefined;
    return {
      header: this.#header,
      checkpoint: readCheckpoint(this.#checkpoint),
      skipped: this.#skipped,
      phase: this.#phase,
      moves: this.#moves,
      names: this.#names,
    };
  }

  #accept(type: number, body: Buffer): boolean {
    if ((type === JOURNAL_RECORDS.header) !== (this.#header === undefined)) return false;
    switch (type) {
      case JOURNAL_RECORDS.header:
        this.#header = parse(headerSchema, body);
        return true;
      case JOURNAL_RECORDS.skipped: {
        const { anew, files } = parse(skippedSchema, body);
        this.#growing = anew ? files : [...this.#growing, ...files];
        return true;
      }
      case JOURNAL_RECORDS.checkpoint:
        if (this.#phase !== 'receiving') return false;
        // Only the last one is of interest, and there are many.
        this.#checkpoint = Buffer.from(body);
        this.#skipped = this.#growing;
        return true;
      case JOURNAL_RECORDS.publishing:
        this.#phase = 'publishing';
        return true;
      case JOURNAL_RECORDS.move:
        this.#moves.push(parse(moveSchema, body));
        return true;
      case JOURNAL_RECORDS.published:
        this.#names = parse(publishedSchema, body).names;
        this.#phase = 'published';
        return true;
      default:
        return false;
    }
  }
}

function readCheckpoint(body: Buffer | undefined): Checkpoint | null {
  try {
    return body === undefined ? null : parse(checkpointSchema, body);
  } catch {
    return null;
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, body: Buffer): z.infer<Schema> {
  return schema.parse(JSON.parse(body.toString('utf8')));
}

/** A record's body; numbers too wide for JSON are written in decimal. */
export function journalBody(value: unknown): Buffer {
  return Buffer.from(
    JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? each.toString() : each)),
  );
}

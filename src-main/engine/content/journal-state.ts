import { z } from 'zod';
import { MAX_ENTRIES, MAX_LISTED_SKIPS, MAX_MOVED_RENAMES, MAX_OFFER_NAMES } from '../../../shared/limits.ts';
import {
  SKIP_REASONS,
  offerDigestSchema,
  skippedFileSchema,
  transferIdSchema,
} from '../../../shared/views.ts';
import type { Move } from '../files/publish.ts';
import { stagingIntentSchema, stagingPlaceSchema } from '../files/staging-folder.ts';
import type { StagingIntent } from '../files/staging-folder.ts';
import { stagingStateSchema } from '../files/staging.ts';
import { JOURNAL_RECORDS } from './journal-codec.ts';
import type { JournalRecord } from './journal-codec.ts';

/** What the records of a receiver's journal say; each body is JSON. */

const count = z.number().int().min(0).max(MAX_ENTRIES);
const bytes = z.number().int().min(0);

const agreementSchema = z.strictObject({
  /** Absolute path of the folder that was agreed to. */
  destination: z.string().min(1),
  /** The offer that was agreed to, which is not always the one that is received: files change meanwhile. */
  offer: offerDigestSchema,
  /**
   * How often the user had given it another folder: it may have the same path, on another disk, and what lies on the one before
   * is none to go on with.
   */
  moves: count.optional(),
});
/** What this side's user, or the policy, said yes to. */
export type Agreement = z.infer<typeof agreementSchema>;

const headerSchema = z.strictObject({
  version: z.literal(2),
  transfer: transferIdSchema,
  /** A journal is gone on with under this very agreement only, whatever else its transfer is accepted into. */
  agreed: agreementSchema,
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
  /** Of these, the ones that are no newer versions. */
  firsts: count,
  folders: count,
  claimed: bytes,
  hidden: count,
  programs: count,
  items: count,
  /** The folder that came last, or one above it: what comes next lies in it, or in one above. Names from the top down. */
  folder: z.array(z.string()),
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

/** The same where nothing of the unfinished file counts, whose entry then begins anew. */
export function withoutPartial({ parser, landing, staging }: Checkpoint): Checkpoint {
  return {
    parser: { ...parser, offset: 0 },
    landing: { ...landing, received: landing.received - parser.offset, current: null },
    staging: { ...staging, partial: null },
  };
}

const listedSkipSchema = skippedFileSchema.extend({
  /** The entry that said it first, of a file that may come after all; null for what never does. */
  entry: count.nullable(),
});
/** Something that was left out, as it is listed. */
export type ListedSkip = z.infer<typeof listedSkipSchema>;

/** `anew`: instead of what was listed before, not after it. */
const skippedSchema = z.strictObject({
  anew: z.boolean(),
  files: z.array(listedSkipSchema).max(MAX_LISTED_SKIPS),
});
export type SkippedGrowth = z.infer<typeof skippedSchema>;

const moveSchema = z.strictObject({
  name: z.string().min(1),
  target: z.string().min(1),
  claims: z.boolean(),
  renamed: count,
});
const planSchema = z.array(moveSchema);
const publishedSchema = z.strictObject({ names: z.array(z.string()) });

/** What a journal comes to. */
export interface JournalState {
  readonly header: JournalHeader;
  /** The last one; null when there is none yet, and the staging folder is empty. */
  readonly checkpoint: Checkpoint | null;
  readonly skipped: readonly ListedSkip[];
  readonly phase: 'receiving' | 'publishing' | 'published';
  /**
   * What was moved, or was about to be, while publishing, in order: the first of it, and what got another name, with the name that
   * was chosen last; and all that was planned last, of which some may not have come to its end.
   */
  readonly moves: readonly Move[];
  /** Of what was published. */
  readonly names: readonly string[];
}

/** Of any number of moves those that a publication that was cut short asks for. */
class Moves {
  /** By what was moved; the last word on each. */
  readonly #kept = new Map<string, Move>();
  /** What was planned last. */
  #planned = new Map<string, Move>();
  /** What came behind that. */
  #last: Move | undefined;

  plan(moves: readonly Move[]): void {
    for (const move of moves) this.#keep(move);
    this.#planned = new Map(moves.map((move) => [move.name, move]));
    this.#last = undefined;
  }

  add(move: Move): void {
    this.#keep(move);
    if (this.#planned.has(move.name)) this.#planned.set(move.name, move);
    this.#last = move;
  }

  get all(): readonly Move[] {
    const last: [string, Move][] = this.#last === undefined ? [] : [[this.#last.name, this.#last]];
    return [...new Map([...this.#kept, ...this.#planned, ...last]).values()];
  }

  /** The fewest that come to the same: moves that are told one by one, the plan, and one more move. */
  get shortest(): {
    readonly kept: readonly Move[];
    readonly plan: readonly Move[];
    readonly last: Move | undefined;
  } {
    return { kept: [...this.#kept.values()], plan: [...this.#planned.values()], last: this.#last };
  }

  #keep(move: Move): void {
    const isFirst = this.#kept.size < MAX_OFFER_NAMES || this.#kept.has(move.name);
    const isRenamed = move.name !== move.target && this.#kept.size < MAX_MOVED_RENAMES;
    if (isFirst || isRenamed) this.#kept.set(move.name, move);
  }
}

/** Takes the records of a journal, in order, as they were read or written. */
export class JournalReader {
  #header: JournalHeader | undefined;
  #intent: StagingIntent | undefined;
  #checkpoint: Buffer | undefined;
  #skipped: readonly ListedSkip[] = [];
  #growing: readonly ListedSkip[] = [];
  #phase: JournalState['phase'] = 'receiving';
  readonly #moves = new Moves();
  #names: readonly string[] = [];

  /** False for one that does not belong there: it and what follows counts for nothing. */
  accept({ type, body }: JournalRecord): boolean {
    try {
      return this.#accept(type, body);
    } catch {
      return false;
    }
  }

  /** What was about to be made, where it is not known to have been. */
  get intent(): StagingIntent | undefined {
    return this.#header === undefined ? this.#intent : undefined;
  }

  /** Undefined when nothing can be told from the records. */
  get state(): JournalState | undefined {
    if (this.#header === undefined) return undefined;
    return {
      header: this.#header,
      checkpoint: readCheckpoint(this.#checkpoint),
      skipped: this.#skipped,
      phase: this.#phase,
      moves: this.#moves.all,
      names: this.#names,
    };
  }

  /** What was left out since the last checkpoint counts for nothing: no further one comes. */
  forgetGrowing(): void {
    this.#growing = this.#skipped;
  }

  /**
   * The fewest records that come to the same; none before there is a header. Not between what is left out and
   * its checkpoint.
   */
  get shortest(): readonly JournalRecord[] {
    if (this.#header === undefined) return [];
    const { header, skipped, checkpoint, publishing, move, plan, published } = JOURNAL_RECORDS;
    const records: JournalRecord[] = [{ type: header, body: journalBody(this.#header) }];
    const add = (type: number, value: unknown): void => {
      records.push({ type, body: journalBody(value) });
    };
    if (this.#skipped.length > 0) add(skipped, { anew: true, files: this.#skipped });
    if (this.#checkpoint !== undefined) records.push({ type: checkpoint, body: this.#checkpoint });
    if (this.#phase !== 'receiving') add(publishing, {});
    const moves = this.#moves.shortest;
    for (const each of moves.kept) add(move, each);
    if (moves.plan.length > 0) add(plan, moves.plan);
    if (moves.last !== undefined) add(move, moves.last);
    if (this.#phase === 'published') add(published, { names: this.#names });
    return records;
  }

  #accept(type: number, body: Buffer): boolean {
    const isBeforeHeader = type === JOURNAL_RECORDS.header || type === JOURNAL_RECORDS.intent;
    if (isBeforeHeader !== (this.#header === undefined)) return false;
    switch (type) {
      case JOURNAL_RECORDS.header:
        this.#header = parse(headerSchema, body);
        return true;
      case JOURNAL_RECORDS.intent:
        this.#intent = parse(stagingIntentSchema, body);
        return true;
      case JOURNAL_RECORDS.skipped: {
        const { anew, files } = parse(skippedSchema, body);
        this.#growing = anew ? files : [...this.#growing, ...files];
        return true;
      }
      case JOURNAL_RECORDS.checkpoint:
        if (this.#phase === 'published') return false;
        // Only the last one is of interest, and there are many.
        this.#checkpoint = Buffer.from(body);
        this.#skipped = this.#growing;
        return true;
      case JOURNAL_RECORDS.publishing:
        this.#phase = 'publishing';
        return true;
      case JOURNAL_RECORDS.move:
        this.#moves.add(parse(moveSchema, body));
        return true;
      case JOURNAL_RECORDS.plan:
        this.#moves.plan(parse(planSchema, body));
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

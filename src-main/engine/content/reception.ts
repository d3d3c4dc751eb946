import type { SkippedFile, TransferId } from '../../../shared/views.ts';
import { destinationError } from '../files/disk.ts';
import type { Disk } from '../files/disk.ts';
import { detailsOf, writeDetails } from '../files/details-file.ts';
import type { LeftOutLog } from '../files/left-out-log.ts';
import type { Publication, PublishLog, Published } from '../files/publication.ts';
import { movedBy } from '../files/publish.ts';
import type { Renames } from '../files/rename-log.ts';
import type { SpaceClaim } from '../files/space-ledger.ts';
import { sideFiles } from '../files/staging.ts';
import type { Staging } from '../files/staging.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Pending } from './checkpoints.ts';
import type { ContentProgress, Grown, Offered, ReceiveSummary } from './contract.ts';
import { Journal } from './journal.ts';
import { withoutPartial } from './journal-state.ts';
import type { Agreement, Checkpoint, JournalState, LandingState } from './journal-state.ts';
import { Landing, NOTHING_LANDED } from './landing.ts';
import { LateLanding } from './late-landing.ts';
import { leftOutOf, listSpaceOf, renamesOf } from './late-lists.ts';
import { AT_START, ContentParser } from './parser.ts';
import type { ContentRecord } from './records.ts';
import { SkipList } from './skip-list.ts';

export interface ReceptionOptions {
  readonly transfer: TransferId;
  /** What was said yes to, and so where everything goes. */
  readonly agreed: Agreement;
  /** Where the disk was mounted that the folder was on when it was chosen. Default: not known. */
  readonly mountPoint?: string | null;
  /** Absolute path; exists. */
  readonly journalFolder: string;
  readonly offered: Offered;
  /** What others of this process need of the disk. Default: nothing. */
  readonly space?: SpaceClaim | undefined;
  /** Default: the real one. */
  readonly disk?: Disk;
  /** Told how many chunks of this connection are safe, whenever they are more. */
  readonly onSafe?: (chunks: number) => void;
}

/** One transfer as it is received, over as many connections as it takes: the grammar, the staging folder and the journal. */
export interface Reception {
  /** Whether content is still to be written: not where everything is here. */
  readonly isOpen: boolean;
  /** The grammar; its cursor is where the content goes on. */
  readonly parser: ContentParser;
  /** Content that came, whether it was kept or not, and files that are whole; from the beginning of the transfer. */
  readonly progress: ContentProgress;
  /** Null: the next record may be applied at once. Else resolves once it may; rejects with what kept the journal from being written. */
  room(): Promise<void> | null;
  /** What is applied from here to `endRound` is applied without a pause. Begin again after one. */
  beginRound(): void;
  /** Idempotent. */
  endRound(): void;
  /** Takes a record that the parser has accepted. Throws `name-refused`, `content-mismatch`, and what the staging folder throws. */
  apply(record: ContentRecord): void;
  /** That was all of a chunk. Throws `content-mismatch` and `content-truncated` as the grammar does. */
  endChunk(final: boolean): void;
  /** Something was thrown: how things stand now is nothing to go on from. */
  halt(): void;
  /** Puts everything under its name. Throws what the staging folder throws. */
  publish(): Promise<ReceiveSummary>;
  /** Brings the journal up to date, closes everything and keeps it. Idempotent. Never rejects. */
  suspend(): Promise<void>;
  /**
   * Removes everything, or, where it has begun to be put under its name, suspends. Idempotent. Never rejects.
   */
  discard(): Promise<void>;
}

/** Content comes in, and is staged. */
export class OpenReception implements Reception {
  readonly isOpen = true;
  readonly parser: ContentParser;
  readonly #journalFolder: string;
  readonly #staging: Staging;
  readonly #journal: Journal;
  readonly #landing: Landing;
  readonly #checkpoints: Checkpoints;
  readonly #onSafe: (chunks: number) => void;
  #bytes = 0;
  #entry: number;
  /** The last checkpoint that the journal has. */
  #vouched: Checkpoint | null;
  /**
   * The entry in which the checkpoint under way stands, and whether what is here of that one was removed
   * meanwhile.
   */
  #underWay: { readonly entry: number; isVoid: boolean } | undefined;
  /** Of this connection: those that came whole, and how many of them are said to be safe. */
  #chunks = 0;
  #safeChunks = 0;

  /** Takes over the staging folder and the journal; `from`: what the journal says of the connections before. */
  constructor(
    { offered, journalFolder, onSafe = () => undefined }: ReceptionOptions,
    staging: Staging,
    journal: Journal,
    from: Pick<JournalState, 'checkpoint' | 'skipped'> = { checkpoint: null, skipped: [] },
  ) {
    const { parser = AT_START, landing = NOTHING_LANDED } = from.checkpoint ?? {};
    this.parser = new ContentParser(offered, parser);
    this.#journalFolder = journalFolder;
    this.#onSafe = onSafe;
    this.#staging = staging;
    this.#journal = journal;
    this.#landing = new Landing(staging, offered, landing, from.skipped, () => {
      this.#void();
    });
    this.#vouched = from.checkpoint;
    this.#entry = parser.entry;
    this.#checkpoints = new Checkpoints(
      () => this.#checkpoint(),
      () => this.#pending,
      offered.bytes,
    );
  }

  get progress(): ContentProgress {
    return this.#landing.progress;
  }

  room(): Promise<void> | null {
    return this.#checkpoints.poke() ? null : this.#checkpoints.room();
  }

  beginRound(): void {
    this.#staging.beginRound();
  }

  endRound(): void {
    this.#staging.endRound();
  }

  apply(record: ContentRecord): void {
    if (record.type === 'data') this.#bytes += record.bytes.length;
    this.#landing.apply(record);
  }

  endChunk(final: boolean): void {
    this.parser.endChunk(final);
    this.#chunks += 1;
  }

  halt(): void {
    void this.#checkpoints.end();
  }

  async publish(): Promise<ReceiveSummary> {
    await this.#checkpoints.settle();
    await this.#checkpoints.end();
    const journal = this.#journal;
    let isLost = false;
    const log: PublishLog = {
      begin: async () => {
        // A publication that is cut short is brought to its end by what the journal says of what there is.
        if (isLost && this.#vouched !== null) {
          const { entries, leftOut } = this.#staging;
          const lists = { entries: entries.mark(), leftOut: leftOut.mark() };
          await Promise.all([entries.sync(), leftOut.sync()]);
          const staging = { ...this.#vouched.staging, ...lists };
          const vouched = { ...this.#vouched, landing: this.#landing.state, staging };
          journal.checkpoint(vouched, this.#landing.skips.takeGrowth());
        }
        await journal.begin();
      },
      plan: (moves) => {
        journal.plan(moves);
      },
      move: (move) => {
        journal.move(move);
      },
      moved: (name) => {
        journal.moved(name);
      },
      end: (names) => journal.end(names),
    };
    const published = await this.#staging.publish(log, (lost) => {
      isLost = true;
      this.#landing.lose(lost);
    });
    return summaryOf(this.#landing.state, this.#landing, published);
  }

  async suspend(): Promise<void> {
    try {
      await this.#checkpoints.settle();
    } catch {
      // Then it goes on from the last one.
    }
    await this.#checkpoints.end();
    this.#staging.release();
    this.#journal.close();
  }

  async discard(): Promise<void> {
    this.halt();
    // All is here: what is under its name already does not stay without the rest.
    if (this.#journal.isPublishing) {
      await this.suspend();
      return;
    }
    this.#staging.discard();
    this.#journal.close();
    Journal.remove(this.#journalFolder);
    await this.#checkpoints.end();
  }

  get #pending(): Pending {
    const files = this.#staging.unsynced + (this.#journal.isDirty ? 1 : 0);
    return { bytes: this.#bytes, files, entries: this.parser.cursor.entry - this.#entry };
  }

  /**
   * The record of one checkpoint is made durable together with what the next one speaks of: so there is one wait for the disk and not
   * two. What a record says is safe before it is written, in any case.
   */
  async #checkpoint(): Promise<void> {
    const { bytes, entries } = this.#pending;
    if (bytes === 0 && entries === 0 && this.#staging.unsynced === 0) {
      await this.#journal.sync();
      return;
    }
    const parser = this.parser.state;
    const landing = this.#landing.state;
    const skipped = this.#landing.skips.takeGrowth();
    const captured = this.#staging.capture();
    const underWay = { entry: parser.entry, isVoid: false };
    this.#underWay = underWay;
    const chunks = this.#chunks;
    this.#bytes = 0;
    this.#entry = parser.entry;
    await Promise.all([captured.synced, this.#journal.sync()]);
    // Where nothing of it was taken, the next entry is begun anew.
    const current = parser.offset === 0 ? null : landing.current;
    const taken = { parser, landing: { ...landing, current }, staging: captured.state };
    this.#vouched = underWay.isVoid ? withoutPartial(taken) : taken;
    this.#journal.checkpoint(this.#vouched, skipped);
    captured.settle();
    if (chunks === this.#safeChunks) return;
    this.#safeChunks = chunks;
    this.#onSafe(chunks);
  }

  /**
   * What is here of the next entry is about to be removed. The journal must not vouch for it then: a process
   * that is killed would find it missing, or another file under its name.
   */
  #void(): void {
    const entry = this.#staging.entries.entries;
    if (this.#underWay?.entry === entry) this.#underWay.isVoid = true;
    if (this.#vouched?.parser.entry !== entry || this.#vouched.staging.partial === null) return;
    this.#vouched = withoutPartial(this.#vouched);
    this.#journal.retract(this.#vouched);
  }
}

/** Everything had arrived before: what is left is to put it under its names, or to say that this was done. */
export class LateReception implements Reception {
  readonly isOpen = false;
  readonly parser: ContentParser;
  readonly #journal: Journal;
  readonly #state: JournalState;
  readonly #landed: LandingState;
  readonly #late: LateLanding;
  readonly #leftOut: LeftOutLog;
  readonly #skips: SkipList;
  /** Null when it is done. */
  readonly #publication: Publication | null;
  readonly #onSafe: (chunks: number) => void;
  #chunks = 0;

  /** Takes over the journal and the publication, which is null where it came to its end. */
  constructor(
    { offered, onSafe = () => undefined }: ReceptionOptions,
    publication: Publication | null,
    journal: Journal,
    state: JournalState,
  ) {
    this.parser = new ContentParser(offered, state.checkpoint?.parser);
    this.#onSafe = onSafe;
    this.#journal = journal;
    this.#state = state;
    this.#landed = landedOf(state);
    this.#leftOut = leftOutOf(journal, state);
    this.#skips = skipsOf(state, this.#leftOut);
    this.#late = new LateLanding(this.#skips);
    this.#publication = publication;
  }

  get progress(): ContentProgress {
    return { bytes: this.#landed.received + this.#late.received, files: this.#landed.files };
  }

  room(): null {
    return null;
  }

  beginRound(): void {
    // Nothing is made any more.
  }

  endRound(): void {
    // As above.
  }

  apply(record: ContentRecord): void {
    this.#late.apply(record);
  }

  /** Nothing of it is kept, so there is nothing that could be lost. */
  endChunk(final: boolean): void {
    this.parser.endChunk(final);
    this.#chunks += 1;
    this.#onSafe(this.#chunks);
  }

  halt(): void {
    // There is no journal to be kept from.
  }

  publish(): Promise<ReceiveSummary> {
    const said = { skips: this.#skips, grown: this.#late.grown, leftOut: this.#leftOut };
    return endPublication(this.#publication, this.#journal, this.#state, said);
  }

  suspend(): Promise<void> {
    this.#publication?.close();
    this.#leftOut.close();
    this.#journal.close();
    return Promise.resolve();
  }

  discard(): Promise<void> {
    return this.suspend();
  }
}

/**
 * Puts what is left under its name, where `publication` is not null, and says what all of it comes to. Throws
 * `no-space`, `destination-changed`, `destination-unusable`, `profile-unusable`.
 */
export async function endPublication(
  publication: Publication | null,
  journal: Journal,
  state: JournalState,
  said: Said = { skips: skipsOf(state), grown: NONE_GROWN, leftOut: leftOutOf(journal, state) },
): Promise<ReceiveSummary> {
  const landed = landedOf(state);
  const { into } = state.header.place;
  const space = listSpaceOf(journal);
  const log = renamesOf(journal, state);
  const { details } = sideFiles(journal.folder);
  try {
    const topLevel = log.topLevel();
    const moved =
      publication === null ? movedBy(state.moves) : publication.move(journal, state.moves, topLevel.has);
    const renames = log.summary(moved, topLevel);
    const published =
      publication === null ? { names: state.names, into } : await publication.settle(journal, moved.names);
    writeDetails(details, space, () => detailsOf(log.renames(moved, topLevel), said.leftOut.all()));
    return summaryOf(landed, said, { ...published, ...renames });
  } catch (error) {
    throw destinationError(error);
  } finally {
    log.close();
    said.leftOut.close();
  }
}

function landedOf({ checkpoint }: JournalState): LandingState {
  return checkpoint?.landing ?? NOTHING_LANDED;
}

function skipsOf(state: JournalState, log?: LeftOutLog): SkipList {
  return new SkipList(state.skipped, landedOf(state).skippedCount, log);
}

/** What the sender said of files beside their content. */
interface Said {
  readonly leftOut: LeftOutLog;
  readonly skips: SkipList;
  readonly grown: Grown;
}

/** The journal does not have it: whoever sends knows. */
const NONE_GROWN: Grown = { listed: [], count: 0 };

function summaryOf(
  { files, kept: bytes }: LandingState,
  { skips, grown }: Pick<Said, 'skips' | 'grown'>,
  { names, into, renamed, renamedCount }: Published & Renames,
): ReceiveSummary {
  const skipped: readonly SkippedFile[] = [...skips.listed];
  const skippedCount = skips.count;
  return { files, bytes, into, names, renamed, renamedCount, skipped, skippedCount, grown };
}

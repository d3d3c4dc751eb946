import { SealaneError } from '../../../shared/errors.ts';
import { MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { SkipReason, SkippedFile } from '../../../shared/views.ts';
import type { ManifestEntry, ManifestFile, SupersededEntry } from '../files/manifest-record.ts';
import { listedPath, skippedFile } from '../files/names.ts';
import { hasWhatWasSent, isKnownInPart, wasReadAsOne } from './as-sent.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { ContentProgress, Cursor, Grown, LeftOut, Rewritten } from './contract.ts';
import { GrownList } from './grown-list.ts';
import { FAIL_RECORD_BYTES, MAX_MAP_RECORD_BYTES, RECORD_HEADER_BYTES } from './records.ts';
import type { FileStub } from './records.ts';
import type { SentLog } from './sent-log.ts';
import { RewrittenList } from './rewritten-list.ts';
import { SourceFile } from './source-file.ts';

/** A map record fits wherever this much room is. */
const MAP_ROOM = RECORD_HEADER_BYTES + MAX_MAP_RECORD_BYTES;

/** Nothing was seen to have grown. */
const NONE: ReadonlySet<number> = new Set();

/** A piece of a file smaller than this, which is not its end, waits for the next chunk. */
const MIN_PIECE_BYTES = 4096;

/**
 * Turns a manifest and the files it names into records, chunk by chunk; nothing is held but the one open file. A file that is
 * gone, changed or unreadable is said so, and the rest goes on.
 */
export class ContentSource {
  readonly #entries: Iterator<ManifestEntry, void, undefined>;
  readonly #sent: SentLog | undefined;
  readonly #grownBefore: ReadonlySet<number>;
  #next: ManifestEntry | undefined;
  #file: SourceFile | undefined;
  #done: number;
  /** Bytes of the next entry that the receiver has already. */
  #resumeAt: number;
  /** All entries that are done, on this connection or before. */
  readonly #passed = { bytes: 0, files: 0 };
  /** What this stream's records came to so far. */
  readonly #totals = { files: 0, bytes: 0, skippedCount: 0 };
  readonly #grown = new GrownList();
  /** How many of the grown files that are listed were said. */
  #grownSaid = 0;
  #listed: SkippedFile[] = [];
  #listedCount = 0;
  #leftOut = 0;
  readonly #rewritten: RewrittenList;

  /**
   * Takes over `entries`; goes on at `from`, whose entries before count as sent. `sent`: where it is noted
   * what is sent; without it a file that may have changed is taken for changed. `grown`: the numbers of
   * entries whose files were sent before and have grown since. `mayTryAgain`: whether the stream may end
   * before its end for files that were rewritten. Throws `frame-malformed` when
   * the receiver named a place that is not there; `interrupted` when it has more of a file that was touched
   * than is known to have been sent, so that the next look at the files finds that one changed.
   */
  constructor(
    entries: Iterator<ManifestEntry, void, undefined>,
    from: Cursor,
    sent?: SentLog,
    grown: ReadonlySet<number> = NONE,
    mayTryAgain = false,
  ) {
    this.#rewritten = new RewrittenList(mayTryAgain);
    this.#entries = entries;
    this.#sent = sent;
    this.#grownBefore = grown;
    this.#done = from.entry;
    this.#resumeAt = from.offset;
    this.#next = this.#take();
    const last = from.entry > 0 ? sent?.last : undefined;
    for (let entry = 0; entry < from.entry; entry += 1) {
      if (entry === last && this.#next?.kind === 'file') this.#checkKnown(this.#next, entry);
      this.#passOver(entry);
    }
    this.#checkPlace();
  }

  /** Where the next chunk begins. */
  get cursor(): Cursor {
    return { entry: this.#done, offset: this.#file?.offset ?? this.#resumeAt };
  }

  /**
   * What lies behind, counted from the beginning of the transfer: a place in the content has the same progress whichever way it was
   * come to. A file that was left out is passed like any other, so that the end is at the sum of all sizes; one in whose
   * place a newer entry comes is passed with its bytes, but counts as a file with the newest entry only.
   */
  get progress(): ContentProgress {
    return { bytes: this.#passed.bytes + this.cursor.offset, files: this.#passed.files };
  }

  /** How many files were left out since the walk. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** What had grown by the time it was sent, on this connection or before. */
  get grown(): Grown {
    return this.#grown.grown;
  }

  /** Newer versions that were left out. */
  get lostAgain(): LeftOut {
    return this.#rewritten.lostAgain;
  }

  /** What was rewritten, once all else is said: then no more is said, not even that this is the end. */
  get rewritten(): Rewritten | null {
    const isAtEnd = this.#file === undefined && this.#next === undefined;
    return isAtEnd ? this.#rewritten.result : null;
  }

  /** What was left out since the last call; in all, the first MAX_LISTED_SKIPS. */
  takeLeftOut(): readonly SkippedFile[] {
    const listed = this.#listed;
    this.#listed = [];
    return listed;
  }

  /** Fills `chunk`, which is empty, as far as it goes. True when everything is said, and this chunk is the last. */
  fill(chunk: ChunkWriter): boolean {
    for (;;) {
      if (this.#file !== undefined) {
        if (!this.#goOn(this.#file, chunk)) return false;
        continue;
      }
      if (chunk.room < MAP_ROOM) return false;
      const entry = this.#next;
      if (entry === undefined) {
        if (this.#rewritten.result !== null) return false;
        const { listed, count } = this.#grown.grown;
        const path = listed[this.#grownSaid];
        if (path === undefined) {
          chunk.finish({ ...this.#totals, ...(count === 0 ? {} : { grownCount: count }) });
          return true;
        }
        this.#grownSaid += 1;
        chunk.grown(path);
        continue;
      }
      this.#next = this.#take();
      this.#begin(entry, chunk);
    }
  }

  /** Closes what is open. Idempotent. */
  close(): void {
    this.#closeFile();
    this.#entries.return?.();
  }

  #closeFile(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #begin(entry: ManifestEntry, chunk: ChunkWriter): void {
    switch (entry.kind) {
      case 'folder':
        chunk.entry({ kind: 'folder', path: [...entry.path], mtimeUs: entry.mtimeUs });
        this.#endEntry(entry);
        return;
      case 'skipped':
        chunk.skip(listedPath(entry.path), entry.reason);
        this.#endSkipped(entry);
        return;
      case 'superseded':
        chunk.superseded(stubOf(entry));
        this.#endEntry(entry);
        return;
      case 'file':
        this.#beginFile(entry, chunk);
        return;
      default:
        unreachable(entry);
    }
  }

  #beginFile(entry: ManifestFile, chunk: ChunkWriter): void {
    const opened = this.#open(entry);
    if (!(opened instanceof SourceFile)) {
      this.#sent?.void(this.#done);
      chunk.missing(stubOf(entry), opened);
      this.#leaveOut(entry, opened);
      this.#endSkipped(entry);
      return;
    }
    this.#file = opened;
    const isAnew = opened.offset > 0 && !this.#goesOn(opened);
    if (isAnew) opened.rewind();
    if (opened.offset === 0) this.#sent?.begin(this.#done, opened.ctimeNs);
    // What the receiver has is void: that must never be forgotten.
    if (isAnew) {
      this.#sent?.replace(this.#done);
      this.#sent?.sync();
    }
    const { path, size, mtimeUs, executable, again } = entry;
    const more = { ...(again === undefined ? {} : { again }), ...(isAnew ? { anew: true as const } : {}) };
    chunk.entry({ kind: 'file', path: [...path], size, mtimeUs, executable, ...more });
  }

  #open(entry: ManifestFile): SourceFile | SkipReason {
    const opened = SourceFile.open(entry, this.#resumeAt);
    if (!(opened instanceof SourceFile) || !opened.hasGrown) return opened;
    // All of it was sent already: whether it is the beginning of what there is now is compared.
    if ((opened.rest === 0 && opened.offset > 0) || opened.isAppended() || this.#wasSentWhole(opened))
      return opened;
    // It may as well have been written anew.
    opened.close();
    return 'changed';
  }

  /**
   * Whether all of what was listed of a file was sent on an earlier connection, and the file as it is now begins with the very same:
   * how much of it the receiver has does not matter then.
   */
  #wasSentWhole(file: SourceFile): boolean {
    const sent = this.#sent;
    const known = sent?.sent(this.#done);
    if (sent === undefined || known === undefined || known.ctimeNs === null || known.isAnew) return false;
    return known.length === file.entry.size && hasWhatWasSent(file, this.#done, sent);
  }

  /** Whether what the receiver has of a file is the beginning of the file as it is now. */
  #goesOn(file: SourceFile): boolean {
    const sent = this.#sent;
    const known = sent?.sent(this.#done);
    if (known?.isAnew === true) return false;
    if (file.isAsListed && file.isKnownByTimes) return true;
    if (sent === undefined || known === undefined || known.length < file.offset) return false;
    return hasWhatWasSent(file, this.#done, sent);
  }

  /** The next piece of the open file, or its end. False when the chunk is full. */
  #goOn(file: SourceFile, chunk: ChunkWriter): boolean {
    if (file.rest > 0) {
      const length = Math.min(file.rest, chunk.room - RECORD_HEADER_BYTES - FAIL_RECORD_BYTES);
      if (length < Math.min(file.rest, MIN_PIECE_BYTES)) return false;
      const target = chunk.dataTarget(length);
      const start = file.offset;
      const problem = file.read(target);
      if (problem !== undefined) {
        this.#endFailed(file, problem, chunk);
        return true;
      }
      this.#sent?.piece(this.#done, start, target);
      chunk.commitData(length);
      this.#totals.bytes += length;
      if (file.rest > 0) return true;
    }
    const problem = this.#problemAtEnd(file);
    if (problem !== undefined) this.#endFailed(file, problem, chunk);
    else this.#endWhole(file, chunk);
    return true;
  }

  /** Why what was read of a file, on this connection and before, is not one file. */
  #problemAtEnd(file: SourceFile): SkipReason | undefined {
    const problem = file.check();
    if (problem !== 'touched' && problem !== 'growing') return problem;
    const isOne = this.#sent !== undefined && wasReadAsOne(file, this.#done, this.#sent);
    return isOne ? undefined : 'changed';
  }

  #endWhole(file: SourceFile, chunk: ChunkWriter): void {
    this.#closeFile();
    if (file.hasGrown) this.#addGrown(file.entry, this.#done);
    chunk.end();
    this.#totals.files += 1;
    this.#endEntry(file.entry);
  }

  #endFailed(file: SourceFile, reason: SkipReason, chunk: ChunkWriter): void {
    this.#closeFile();
    this.#sent?.void(this.#done);
    chunk.fail(reason);
    this.#leaveOut(file.entry, reason);
    this.#endSkipped(file.entry);
  }

  #endSkipped(entry: ManifestEntry): void {
    this.#totals.skippedCount += 1;
    this.#endEntry(entry);
  }

  #endEntry(entry: ManifestEntry): void {
    this.#done += 1;
    this.#resumeAt = 0;
    this.#pass(entry);
  }

  #pass(entry: ManifestEntry): void {
    if (entry.kind !== 'file' && entry.kind !== 'superseded') return;
    this.#rewritten.count(entry);
    this.#passed.bytes += entry.size;
    if (entry.kind === 'file') this.#passed.files += 1;
  }

  #addGrown({ path }: ManifestFile, entry: number): void {
    this.#grown.add(listedPath(path));
    this.#rewritten.addGrown(entry);
  }

  #leaveOut(entry: ManifestFile, reason: SkipReason): void {
    const skipped = skippedFile(entry.path, reason);
    this.#rewritten.leaveOut(entry, this.#done, reason);
    this.#leftOut += 1;
    if (this.#listedCount < MAX_LISTED_SKIPS) {
      this.#listedCount += 1;
      this.#listed.push(skipped);
    }
  }

  #take(): ManifestEntry | undefined {
    const { value } = this.#entries.next();
    return value ?? undefined;
  }

  #passOver(index: number): void {
    const entry = this.#next;
    if (entry === undefined) throw noSuchPlace();
    if (entry.kind === 'file' && this.#grownBefore.has(index)) this.#addGrown(entry, index);
    this.#pass(entry);
    this.#next = this.#take();
  }

  /** Of the entry that was noted last, a part may have been taken for all that was sent: of no other one. */
  #checkKnown(file: ManifestFile, entry: number): void {
    if (this.#sent === undefined || !isKnownInPart(file, entry, this.#sent)) return;
    throw new SealaneError('interrupted', { detail: 'what was sent of a file is not known' });
  }

  #checkPlace(): void {
    if (this.#resumeAt === 0) return;
    const entry = this.#next;
    const isFile = entry?.kind === 'file' || entry?.kind === 'superseded';
    if (!isFile || this.#resumeAt > entry.size) throw noSuchPlace();
  }
}

function stubOf({ path, executable, again }: ManifestFile | SupersededEntry): FileStub {
  return { path: [...path], executable, ...(again === undefined ? {} : { again }) };
}

function noSuchPlace(): SealaneError {
  return new SealaneError('frame-malformed', { detail: 'a place that is not in the content' });
}

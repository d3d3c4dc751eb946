import type { MessageBody, transferMessages } from '../../../shared/messages.ts';
import type { Renamed, SkippedFile, TransferId } from '../../../shared/views.ts';
import type { Agreement } from './journal-state.ts';

/**
 * What the main thread sees of the two content workers. A worker owns files and the seal; the main thread owns the socket and
 * only moves sealed chunks between them. Every method rejects with `SealaneError`.
 */

/** A place in the content: `entry` entries are wholly done, and `offset` bytes of the next one. {0, 0} is the beginning. */
export interface Cursor {
  readonly entry: number;
  readonly offset: number;
}

type OfferBody = MessageBody<typeof transferMessages, 'offer'>;

/** A top-level item as an offer shows it. */
export type OfferedItem = OfferBody['items'][number];

/** What an offer counts: more than this does not arrive. */
export type OfferedCounts = Omit<OfferBody, 'transfer' | 'items'>;

/** What the sender's user showed and this side's user agreed to: no content may go beyond it. */
export interface Offered extends OfferedCounts {
  readonly items: readonly OfferedItem[];
  /** Files, folders and top-level items that the content has at least: each comes, or a record says that it does not. */
  readonly minFiles: number;
  readonly minFolders: number;
  readonly minItems: number;
  /** Files that were agreed to, each counted once: no others come, only newer versions of these. */
  readonly firstFiles: number;
  /** Of these, how many are there in the end, or are listed as left out, at least. */
  readonly minFirstFiles: number;
  /** What may lie in the destination in the end, in bytes, newest versions of files only. */
  readonly maxKeptBytes: number;
}

export interface ScanSummary extends OfferedCounts {
  /** The first MAX_OFFER_NAMES top-level items, as they will be offered. */
  readonly items: readonly OfferedItem[];
  /** Files and folders left out; at most MAX_LISTED_SKIPS are listed. */
  readonly skipped: readonly SkippedFile[];
  readonly skippedCount: number;
}

/** A manifest brought up to date. */
export interface Revision extends Omit<OfferedCounts, 'itemCount'> {
  // The totals are of all entries, the appended ones included: what is offered from now on.
  /** Of these, the files that were listed first: each once, whichever of its versions comes. */
  readonly firstFiles: number;
  /** Paths (relative, joined with `/`) of what will be sent once more; at most MAX_LISTED_SKIPS are listed. */
  readonly resent: readonly string[];
  readonly resentCount: number;
  /** What is longer now than it was, and has what was sent of it as its beginning: not sent once more. */
  readonly grown: Grown;
  /** How many entries the manifest has now. */
  readonly entries: number;
  /** What was found left out by an entry that the receiver has not been told of: see `LookedFor`. */
  readonly later: LeftOut;
  /** Of `resent`, what is to cross by such an entry: the receiver has an older version of it, or none. */
  readonly unsent: LeftOut;
}

/**
 * Files that grew while they were sent, of which what was listed has arrived: the first MAX_LISTED_SKIPS
 * paths (relative, joined with `/`), and how many they are in all.
 */
export interface Grown {
  readonly listed: readonly string[];
  readonly count: number;
}

/** What ended a stream before its end: files that were rewritten before they were read, or meanwhile. */
export interface Rewritten {
  /** The numbers of the entries that came to nothing by it; no newer entry is there of any of them. */
  readonly entries: Uint32Array;
  /** The numbers of the entries whose files had grown by the time they were sent. */
  readonly grown: Uint32Array;
  readonly totals: VersionTotals;
}

/** What all entries of files come to, and those among them that listed their files first, or last. */
export interface VersionTotals {
  readonly files: number;
  readonly bytes: number;
  readonly firstFiles: number;
  readonly firstBytes: number;
  readonly lastBytes: number;
}

/** What is left out: the first MAX_LISTED_SKIPS of it, and how much it is in all. */
export interface LeftOut {
  readonly listed: readonly SkippedFile[];
  readonly count: number;
}

/** Where a revision looks beside the files that are listed. */
export interface LookedFor {
  /** Absolute: what is in these and not listed is listed as left out; null: nothing is looked for. */
  readonly paths: readonly string[] | null;
  /** Of what came after the walk, `later` and `unsent` tell from the entry of this number on. */
  readonly since: number;
  /** The profile that is open, absolute: neither it nor its key counts as new. */
  readonly profile?: string;
}

/** A sender that is ready to seal. */
export interface Begun {
  /** The sealed stream's header, 24 bytes. */
  readonly header: Uint8Array;
  /** What lies before the place it begins at. */
  readonly progress: ContentProgress;
}

export interface ContentProgress {
  readonly bytes: number;
  readonly files: number;
}

/** One sealed chunk as a whole frame (header included), ready for the socket. */
export interface SealedFrame {
  readonly bytes: Uint8Array;
  /** What is sealed up to and including this frame, counted from the beginning of the transfer. */
  readonly progress: ContentProgress;
  /** Gives the buffer back to the worker. Call once, when the socket is done with it; `bytes` is dead afterwards. */
  release(): void;
}

export interface ContentSender {
  /**
   * Walks `paths` (absolute) and writes the manifest to `manifestFile`, one entry after another, so that neither side ever holds
   * it in memory. `profile` (absolute) is left out, wherever it lies. Throws `Unsendable`, `nothing-to-send`,
   * `too-many-files`, `cancelled`.
   */
  scan(
    paths: readonly string[],
    manifestFile: string,
    onProgress: (progress: ContentProgress) => void,
    signal: AbortSignal,
    profile?: string,
  ): Promise<ScanSummary>;

  /**
   * Before a transfer is offered again: compares every entry of the manifest with what lies on disk now
   * (size, modification time and ctime in ns, inode; where only the ctime differs, the content that was sent)
   * and appends what changed to the manifest, to be sent once more after everything else. Earlier entries
   * keep their numbers, so that a cursor of the receiver's stays true. `lookedFor`: whether new files and
   * folders are listed as left out, too; default: they are not. `rewritten`: what ended the last stream; then
   * only the files that did are looked at, and appended as they are, as far as a receiver takes that much.
   * Throws `cancelled`.
   */
  revise(
    manifestFile: string,
    signal: AbortSignal,
    lookedFor?: LookedFor,
    rewritten?: Rewritten | null,
  ): Promise<Revision>;

  /**
   * Readies the seal at `from`. `key` is 32 bytes and is wiped by the worker. `mayTryAgain`: whether the stream
   * ends without its end where files were rewritten meanwhile; default: it does not. Throws `frame-malformed`
   * for a place that is not in the content.
   */
  begin(options: {
    readonly manifestFile: string;
    readonly transfer: TransferId;
    readonly key: Uint8Array;
    readonly from: Cursor;
    readonly mayTryAgain?: boolean;
  }): Promise<Begun>;

  /** The next sealed frame in order; null after the last one. The worker reads ahead by a few frames. */
  next(): Promise<SealedFrame | null>;

  /** What the stream ended before its end for, once `next` has given null; null where it ended with the final frame. */
  rewritten(): Rewritten | null;

  /** Newer versions of files that were left out by this stream all the same; of interest after the final frame. */
  lostAgain(): LeftOut;

  /** Files left out so far, while scanning and while sending. */
  skipped(): { readonly listed: readonly SkippedFile[]; readonly count: number };

  /** What had grown by the time it was sent, on this connection or before; null until the final frame. */
  grown(): Grown | null;

  /** Which implementation seals: 'native' or 'wasm'. Known after `begin`. */
  cipher(): 'native' | 'wasm';

  /** Whether the worker is gone, because it crashed or was ended. */
  readonly isLost: boolean;

  /** Ends the worker, whatever it is doing, and closes its files. Idempotent. */
  close(): Promise<void>;
}

export interface ReceiveSummary {
  readonly files: number;
  readonly bytes: number;
  /** Absolute path of the folder into which the top-level items were put. */
  readonly into: string;
  /** The top-level names as they are on disk now (` (2)` and all), at most MAX_OFFER_NAMES. */
  readonly names: readonly string[];
  /** The first MAX_LISTED_RENAMES things that did not keep the name they were sent under, and how many they are in all. */
  readonly renamed: readonly Renamed[];
  readonly renamedCount: number;
  readonly skipped: readonly SkippedFile[];
  readonly skippedCount: number;
  readonly grown: Grown;
}

/** Where a receiver stands before the first chunk. */
export interface Prepared {
  readonly from: Cursor;
  /** What it has already. */
  readonly progress: ContentProgress;
}

export interface ContentReceiver {
  /**
   * Checks the destination (exists or can be made, is writable, has room for what is still to come) and makes the staging folder; or,
   * when `journalFolder` holds the journal of this very transfer under this very agreement and its staging folder is still there,
   * goes on where that stands: what the journal does not vouch for is taken away first. What a journal of another agreement names
   * is removed, and everything begins anew. Throws `destination-unusable`, `destination-changed`, `no-space`; then nothing
   * new is left behind, and what was there to resume stays.
   */
  prepare(options: {
    readonly transfer: TransferId;
    /** What was said yes to, and so where everything goes. */
    readonly agreed: Agreement;
    /** Where the disk was mounted that the folder was on when it was chosen. Absent: as null, not known. */
    readonly mountPoint?: string | null;
    /** Absolute path of the transfer's folder in the profile; the journal lives there. */
    readonly journalFolder: string;
    /** What was offered: more than this is refused. */
    readonly offered: Offered;
  }): Promise<Prepared>;

  /** Readies the seal. `key` (32 bytes) is wiped by the worker, `header` is 24 bytes. */
  begin(options: { readonly key: Uint8Array; readonly header: Uint8Array }): Promise<void>;

  /**
   * Hands over one sealed chunk; the whole ArrayBuffer behind `sealed` is transferred and must not be touched afterwards.
   * Resolves when the worker has room for another one. Throws `chunk-forged`, `content-mismatch`, `name-refused`,
   * `content-truncated`, `no-space`, `destination-changed`; after a throw only `suspend` and `discard` may be called.
   */
  write(sealed: Uint8Array<ArrayBuffer>): Promise<void>;

  /** A buffer of at least MAX_CHUNK_BODY_BYTES for the next chunk: one that the worker gave back, or a new one. */
  buffer(): ArrayBuffer;

  /** Written so far; read it as often as you like. */
  progress(): ContentProgress;

  /** How many of the chunks handed over are safe: none of them has to come again, should this process be killed. */
  safeChunks(): number;

  /** Calls `listener` whenever more chunks are safe. One at a time. */
  onSafe(listener: () => void): void;

  /** Resolves once the chunk with the final tag was opened; rejects with the error that ended the receiving. A chunk written after it makes `write` throw `frame-out-of-order`. */
  readonly finished: Promise<void>;

  /** Syncs everything and puts the top-level items under their names, overwriting nothing. Throws `content-truncated` when the final chunk is missing. */
  publish(): Promise<ReceiveSummary>;

  /** Ends the worker and keeps what the journal vouches for, to go on later. Idempotent. */
  suspend(): Promise<void>;

  /**
   * Ends the worker and removes the staging folder and all in it, which this transfer made, and the journal.
   * Once the transfer has begun to be published, all of it stays, for `finishPublishing`. Idempotent.
   */
  discard(): Promise<void>;

  /** Whether the worker is gone, because it crashed or was ended. */
  readonly isLost: boolean;

  /** Ends the worker after `publish`. Idempotent. */
  close(): Promise<void>;
}

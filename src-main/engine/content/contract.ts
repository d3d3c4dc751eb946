import type { SkippedFile, TransferId } from '../../../shared/views.ts';

/**
 * What the main thread sees of the two content workers. A worker owns files and the seal; the main thread owns the socket and
 * only moves sealed chunks between them. Every method rejects with `SealaneError`.
 */

/** A place in the content: `entry` entries are wholly done, and `offset` bytes of the next one. {0, 0} is the beginning. */
export interface Cursor {
  readonly entry: number;
  readonly offset: number;
}

export interface ScanSummary {
  /** The first MAX_OFFER_NAMES top-level names, as they will be offered. */
  readonly names: readonly string[];
  readonly itemCount: number;
  readonly files: number;
  readonly folders: number;
  /** Bytes of content in all files. */
  readonly bytes: number;
  /** Files and folders left out; at most MAX_LISTED_SKIPS are listed. */
  readonly skipped: readonly SkippedFile[];
  readonly skippedCount: number;
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
   * it in memory. Throws `nothing-to-send`, `source-missing`, `too-many-files`, `cancelled`.
   */
  scan(
    paths: readonly string[],
    manifestFile: string,
    onProgress: (progress: ContentProgress) => void,
    signal: AbortSignal,
  ): Promise<ScanSummary>;

  /** Readies the seal and gives the stream's header (24 bytes). `key` is 32 bytes and is wiped by the worker. */
  begin(options: {
    readonly manifestFile: string;
    readonly transfer: TransferId;
    readonly key: Uint8Array;
    readonly from: Cursor;
  }): Promise<Uint8Array>;

  /** The next sealed frame in order; null after the final one. The worker reads ahead by a few frames. */
  next(): Promise<SealedFrame | null>;

  /** Files left out so far, while scanning and while sending. */
  skipped(): { readonly listed: readonly SkippedFile[]; readonly count: number };

  /** Which implementation seals: 'native' or 'wasm'. Known after `begin`. */
  cipher(): 'native' | 'wasm';

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
  readonly skipped: readonly SkippedFile[];
  readonly skippedCount: number;
}

export interface ContentReceiver {
  /**
   * Checks the destination (exists or can be made, is writable, has `bytes` free) and makes the staging folder.
   * Throws `destination-unusable`, `no-space`. On a throw nothing is left behind.
   */
  prepare(options: {
    readonly transfer: TransferId;
    /** Absolute path. */
    readonly destination: string;
    /** What was offered: more than this is refused. */
    readonly offered: { readonly itemCount: number; readonly files: number; readonly folders: number; readonly bytes: number };
  }): Promise<Cursor>;

  /** Readies the seal. `key` (32 bytes) is wiped by the worker, `header` is 24 bytes. */
  begin(options: { readonly key: Uint8Array; readonly header: Uint8Array }): Promise<void>;

  /**
   * Hands over one sealed chunk; the whole ArrayBuffer behind `sealed` is transferred and must not be touched afterwards.
   * Resolves when the worker has room for another one. Throws `chunk-forged`, `content-mismatch`, `name-refused`,
   * `content-truncated`, `no-space`, `destination-changed`; after a throw only `discard` may be called.
   */
  write(sealed: Uint8Array<ArrayBuffer>): Promise<void>;

  /** A buffer of at least MAX_CHUNK_BODY_BYTES for the next chunk: one that the worker gave back, or a new one. */
  buffer(): ArrayBuffer;

  /** Written so far; read it as often as you like. */
  progress(): ContentProgress;

  /** Resolves once the chunk with the final tag was opened; rejects with the error that ended the receiving. A chunk written after it makes `write` throw `frame-out-of-order`. */
  readonly finished: Promise<void>;

  /** Syncs everything and puts the top-level items under their names, overwriting nothing. Throws `content-truncated` when the final chunk is missing. */
  publish(): Promise<ReceiveSummary>;

  /** Ends the worker and removes the staging folder and all in it, which this transfer made. Idempotent; does nothing to what was published. */
  discard(): Promise<void>;

  /** Ends the worker after `publish`. Idempotent. */
  close(): Promise<void>;
}

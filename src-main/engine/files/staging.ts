import { SealaneError } from '../../../shared/errors.ts';
import type { SkipReason, TransferId } from '../../../shared/views.ts';

export interface StagingOptions {
  /** Absolute path of the folder to receive into; made when absent. */
  readonly destination: string;
  readonly transfer: TransferId;
  readonly offered: {
    readonly itemCount: number;
    readonly files: number;
    readonly folders: number;
    readonly bytes: number;
  };
}

/** Nothing was put on disk for this path, and why; the transfer goes on. */
export interface SkippedPath {
  readonly skipped: SkipReason;
}

/** One file that is being written. Use exactly one of `finish` and `abandon`. */
export interface StagedFile {
  /** Appends; `bytes` may be used again afterwards. Throws `no-space`, `destination-unusable`, and `content-mismatch` beyond the size. */
  write(bytes: Uint8Array): void;
  /** All is written: sets the modification time and hands the file over to the next `flush`. Throws `content-mismatch` when bytes are missing. */
  finish(): void;
  /** Takes the file away again. */
  abandon(): void;
}

export interface StagedFileOptions {
  /** Bytes; no more may be written, and no fewer. */
  readonly size: number;
  readonly mtimeUs: number;
  readonly executable: boolean;
}

export interface Published {
  /** The top-level names as they are on disk now, at most MAX_OFFER_NAMES. */
  readonly names: readonly string[];
  /** Absolute path of the destination. */
  readonly into: string;
}

/** A hidden folder in the destination, in which a transfer is built until it is whole. Every method but `discard` throws `destination-changed` when the folder is no longer the one that was made. */
export interface Staging {
  /** Makes a folder and those above it. Null: it is there. Throws `name-refused`, `no-space`, `destination-unusable`. */
  makeFolder(path: readonly string[], options: { readonly mtimeUs: number }): SkippedPath | null;
  /** Makes a new file and the folders above it. Tell the two results apart by `'skipped' in result`. Throws as `makeFolder`. */
  createFile(path: readonly string[], options: StagedFileOptions): StagedFile | SkippedPath;
  /** True when enough is finished but unsynced that `flush` should be awaited before the next file. */
  readonly needsFlush: boolean;
  /** Syncs and closes what is finished. Throws `no-space`, `destination-unusable`. */
  flush(): Promise<void>;
  /** Syncs everything (flush included), puts the top-level items under their names, overwriting nothing, and removes the staging folder. */
  publish(): Promise<Published>;
  /** Removes the staging folder, and the destination if this transfer made it and it is empty. Idempotent; does nothing after `publish`. Never throws. */
  discard(): void;
}

/**
 * Checks the destination and makes the staging folder. Throws `destination-unusable`, `no-space`; then nothing is left behind.
 */
export function openStaging(_options: StagingOptions): Staging {
  throw new SealaneError('internal', { detail: 'not yet written' });
}

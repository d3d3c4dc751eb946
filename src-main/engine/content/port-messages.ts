import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import { NoSpace } from '../../../shared/no-space.ts';
import type { SpaceFacts } from '../../../shared/no-space.ts';
import type { Offered } from './contract.ts';
import type { Agreement } from './journal-state.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { LeftOut, SkippedFile, TransferId } from '../../../shared/views.ts';
import type {
  Begun,
  ContentProgress,
  Cursor,
  Grown,
  LookedFor,
  Prepared,
  ReceiveSummary,
  Revision,
  Rewritten,
  ScanSummary,
} from './contract.ts';
import type { LedgerPlace } from '../files/space-ledger.ts';
import { Unsendable } from '../files/unsendable.ts';

/**
 * What the main thread and a content worker say to each other. Both ends are this program, built together, so messages are
 * typed and not parsed. Requests are answered one by one under their id; the rest goes one way.
 *
 *     main                      worker
 *      ── request(id, …) ──────▶        scan, revise, begin / prepare, begin, publish, suspend, discard, finish
 *      ◀───── reply(id, …) ─────        or error(id, code)
 *      ── notice ──────────────▶        a buffer given back / a sealed chunk
 *      ◀────────────── event ───        a sealed frame, progress / a buffer given back
 *
 * ArrayBuffers are transferred, never copied: whoever posts one has lost it.
 */

/** An error as it crosses threads. */
export interface PortError {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  /** Of an `Unsendable`. */
  readonly leftOut?: LeftOut;
  /** Of a `NoSpace`. */
  readonly space?: SpaceFacts;
}

export type ToWorker<Request, Notice> =
  | { readonly type: 'request'; readonly id: number; readonly request: Request }
  | { readonly type: 'notice'; readonly notice: Notice };

export type FromWorker<Reply, Event> =
  | { readonly type: 'reply'; readonly id: number; readonly reply: Reply }
  | { readonly type: 'error'; readonly id: number; readonly error: PortError }
  | { readonly type: 'event'; readonly event: Event };

export type CipherKind = 'native' | 'wasm';

/* The sending worker */

/** One number in shared memory; not 0 means stop. A walk has no time to read messages. */
export type StopFlag = Int32Array<SharedArrayBuffer>;

export type SendRequest =
  | {
      readonly kind: 'scan';
      readonly paths: readonly string[];
      readonly manifestFile: string;
      readonly profile: string | undefined;
      readonly stop: StopFlag;
    }
  | {
      readonly kind: 'revise';
      readonly manifestFile: string;
      readonly lookedFor: LookedFor | undefined;
      readonly rewritten: Rewritten | null;
      readonly stop: StopFlag;
    }
  | {
      readonly kind: 'begin';
      readonly manifestFile: string;
      readonly transfer: TransferId;
      /** Transferred; wiped once the seal has it. */
      readonly key: Uint8Array<ArrayBuffer>;
      readonly from: Cursor;
      readonly mayTryAgain: boolean;
    };

export type SendReply =
  | { readonly kind: 'scanned'; readonly summary: ScanSummary }
  | { readonly kind: 'revised'; readonly revision: Revision }
  | { readonly kind: 'begun'; readonly begun: Begun; readonly cipher: CipherKind };

/** A frame's memory comes back. */
export interface SendNotice {
  readonly kind: 'release';
  readonly buffer: ArrayBuffer;
}

export type SendEvent =
  | { readonly kind: 'scanning'; readonly progress: ContentProgress }
  | {
      readonly kind: 'frame';
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly progress: ContentProgress;
      readonly final: boolean;
      /** Left out while this frame was filled; at most MAX_LISTED_SKIPS are listed in a whole transfer. */
      readonly skipped: readonly SkippedFile[];
      /** Left out while sending so far. */
      readonly skippedCount: number;
      /** With the final frame: what had grown by the time it was sent. */
      readonly grown: Grown | null;
      /** Newer versions that were left out so far. */
      readonly lostAgain: Revision['unsent'];
      /** With the last frame that is not the final one: what was rewritten meanwhile. */
      readonly rewritten: Rewritten | null;
    }
  /** Nothing more will come. */
  | { readonly kind: 'broken'; readonly error: PortError };

export type ToSendWorker = ToWorker<SendRequest, SendNotice>;
export type FromSendWorker = FromWorker<SendReply, SendEvent>;

/* The receiving worker */

export type ReceiveRequest =
  | {
      readonly kind: 'prepare';
      readonly transfer: TransferId;
      readonly agreed: Agreement;
      readonly mountPoint?: string | null;
      readonly journalFolder: string;
      readonly offered: Offered;
      /** Where it is told what this transfer needs of its disk, and what others do. */
      readonly space: LedgerPlace;
    }
  | {
      readonly kind: 'begin';
      /** Transferred; wiped once the seal has it. */
      readonly key: Uint8Array<ArrayBuffer>;
      readonly header: Uint8Array;
    }
  | { readonly kind: 'publish' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'discard' }
  /** Of a worker that has prepared nothing: see `finishPublishing`. */
  | { readonly kind: 'finish'; readonly journalFolder: string };

export type ReceiveReply =
  | { readonly kind: 'prepared'; readonly prepared: Prepared }
  | { readonly kind: 'begun'; readonly cipher: CipherKind }
  | { readonly kind: 'published'; readonly summary: ReceiveSummary }
  | { readonly kind: 'finished'; readonly summary: ReceiveSummary | null }
  /** Suspended or discarded: the worker may be ended. */
  | { readonly kind: 'left' };

/** One sealed chunk, in the order of the stream. */
export interface ReceiveNotice {
  readonly kind: 'chunk';
  readonly sealed: Uint8Array<ArrayBuffer>;
}

export type ReceiveEvent =
  | {
      readonly kind: 'written';
      /** The chunk's memory comes back. */
      readonly buffer: ArrayBuffer;
      readonly progress: ContentProgress;
      readonly final: boolean;
    }
  /** A suspend or discard has been heard: however long it takes, it is being done. */
  | { readonly kind: 'leaving' }
  /** So many chunks are safe by now. */
  | { readonly kind: 'safe'; readonly chunks: number }
  /** No chunk is taken any more. */
  | { readonly kind: 'broken'; readonly error: PortError };

export type ToReceiveWorker = ToWorker<ReceiveRequest, ReceiveNotice>;
export type FromReceiveWorker = FromWorker<ReceiveReply, ReceiveEvent>;

/** Whatever was thrown, as it may cross threads. */
export function toPortError(thrown: unknown): PortError {
  const error = asSealaneError(thrown);
  const leftOut = error instanceof Unsendable ? { leftOut: error.leftOut } : {};
  const space = error instanceof NoSpace ? { space: error.space } : {};
  return { code: error.code, detail: error.detail, ...leftOut, ...space };
}

export function fromPortError({ code, detail, leftOut, space }: PortError): SealaneError {
  if (leftOut !== undefined) return new Unsendable(leftOut);
  const options = detail === undefined ? {} : { detail };
  return space === undefined ? new SealaneError(code, options) : new NoSpace(space, options);
}

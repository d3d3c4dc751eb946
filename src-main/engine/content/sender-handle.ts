import { SealaneError } from '../../../shared/errors.ts';
import { MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { SkippedFile, TransferId } from '../../../shared/views.ts';
import type {
  Begun,
  ContentProgress,
  ContentSender,
  Cursor,
  Grown,
  LeftOut,
  LookedFor,
  Revision,
  Rewritten,
  ScanSummary,
  SealedFrame,
} from './contract.ts';
import { fromPortError } from './port-messages.ts';
import type { CipherKind, SendEvent, SendNotice, SendReply, SendRequest, StopFlag } from './port-messages.ts';
import { WorkerLink } from './worker-link.ts';
import { workerUrl } from './worker-url.ts';

type FrameEvent = Extract<SendEvent, { kind: 'frame' }>;

interface Waiting {
  readonly resolve: (frame: SealedFrame | null) => void;
  readonly reject: (error: SealaneError) => void;
}

/** Starts a sending worker and gives its handle. `url` names other worker code, for tests. */
export function createContentSender(url: URL = workerUrl('send-worker')): ContentSender {
  return new WorkerContentSender(url);
}

class WorkerContentSender implements ContentSender {
  readonly #link: WorkerLink<SendRequest, SendNotice, SendReply, SendEvent>;
  readonly #ready: FrameEvent[] = [];
  readonly #waiting: Waiting[] = [];
  #failure: SealaneError | undefined;
  #sawLast = false;
  #rewritten: Rewritten | null = null;
  #lostAgain: LeftOut = { listed: [], count: 0 };
  #onScanning: ((progress: ContentProgress) => void) | undefined;
  #scanned: ScanSummary | undefined;
  readonly #listed: SkippedFile[] = [];
  #sendingSkipped = 0;
  #grown: Grown | null = null;
  #cipher: CipherKind | undefined;

  constructor(url: URL) {
    this.#link = new WorkerLink(url, {
      event: (event) => {
        this.#event(event);
      },
      lost: (error) => {
        this.#fail(error);
      },
    });
  }

  async scan(
    paths: readonly string[],
    manifestFile: string,
    onProgress: (progress: ContentProgress) => void,
    signal: AbortSignal,
    profile?: string,
  ): Promise<ScanSummary> {
    this.#onScanning = onProgress;
    try {
      const summary = await stoppable(signal, (stop) =>
        this.#link.request({ kind: 'scan', paths, manifestFile, profile, stop }, (reply) =>
          reply.kind === 'scanned' ? reply.summary : undefined,
        ),
      );
      this.#scanned = summary;
      this.#listed.push(...summary.skipped);
      return summary;
    } finally {
      this.#onScanning = undefined;
    }
  }

  async revise(
    manifestFile: string,
    signal: AbortSignal,
    lookedFor?: LookedFor,
    rewritten: Rewritten | null = null,
  ): Promise<Revision> {
    return stoppable(signal, (stop) =>
      this.#link.request({ kind: 'revise', manifestFile, lookedFor, rewritten, stop }, (reply) =>
        reply.kind === 'revised' ? reply.revision : undefined,
      ),
    );
  }

  async begin(options: {
    readonly manifestFile: string;
    readonly transfer: TransferId;
    readonly key: Uint8Array;
    readonly from: Cursor;
    readonly mayTryAgain?: boolean;
  }): Promise<Begun> {
    const { manifestFile, transfer, from, mayTryAgain = false } = options;
    // In memory of its own, so that it can be given away; no copy stays here.
    const key = Uint8Array.from(options.key);
    options.key.fill(0);
    const { begun, cipher } = await this.#link.request(
      { kind: 'begin', manifestFile, transfer, key, from, mayTryAgain },
      (reply) => (reply.kind === 'begun' ? reply : undefined),
      [key.buffer],
    );
    this.#cipher = cipher;
    return begun;
  }

  next(): Promise<SealedFrame | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#serve();
    });
  }

  skipped(): { readonly listed: readonly SkippedFile[]; readonly count: number } {
    return { listed: [...this.#listed], count: (this.#scanned?.skippedCount ?? 0) + this.#sendingSkipped };
  }

  rewritten(): Rewritten | null {
    return this.#rewritten;
  }

  lostAgain(): LeftOut {
    return this.#lostAgain;
  }

  grown(): Grown | null {
    return this.#grown;
  }

  cipher(): CipherKind {
    if (this.#cipher === undefined) throw new SealaneError('internal', { detail: 'no cipher before begin' });
    return this.#cipher;
  }

  get isLost(): boolean {
    return this.#link.lost !== undefined;
  }

  close(): Promise<void> {
    return this.#link.end();
  }

  #event(event: SendEvent): void {
    switch (event.kind) {
      case 'scanning':
        this.#onScanning?.(event.progress);
        return;
      case 'frame':
        this.#listed.push(...event.skipped.slice(0, MAX_LISTED_SKIPS - this.#listed.length));
        this.#sendingSkipped = event.skippedCount;
        this.#grown = event.grown ?? this.#grown;
        this.#lostAgain = event.lostAgain;
        this.#ready.push(event);
        this.#serve();
        return;
      case 'broken':
        this.#fail(fromPortError(event.error));
        return;
      default:
        unreachable(event);
    }
  }

  /** Frames that were sealed before are worth nothing without those after them. */
  #fail(error: SealaneError): void {
    this.#failure ??= error;
    this.#ready.length = 0;
    this.#serve();
  }

  #serve(): void {
    for (;;) {
      const frame = this.#ready[0];
      const isDecided = frame !== undefined || this.#sawLast || this.#failure !== undefined;
      const waiting = isDecided ? this.#waiting.shift() : undefined;
      if (waiting === undefined) return;
      if (frame !== undefined) {
        this.#ready.shift();
        this.#sawLast = frame.final || frame.rewritten !== null;
        this.#rewritten = frame.rewritten;
        waiting.resolve(this.#handOver(frame));
      } else if (this.#sawLast) waiting.resolve(null);
      else if (this.#failure !== undefined) waiting.reject(this.#failure);
    }
  }

  #handOver({ bytes, progress }: FrameEvent): SealedFrame {
    let isOut = true;
    const release = (): void => {
      if (!isOut) return;
      isOut = false;
      this.#link.notify({ kind: 'release', buffer: bytes.buffer }, [bytes.buffer]);
    };
    return { bytes, progress, release };
  }
}

/** Lets `signal` stop what `work` asks of the worker, which looks at the flag now and then. Throws `cancelled` at once for a signal that is aborted. */
async function stoppable<T>(signal: AbortSignal, work: (stop: StopFlag) => Promise<T>): Promise<T> {
  if (signal.aborted) throw new SealaneError('cancelled');
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const onAbort = (): void => {
    Atomics.store(stop, 0, 1);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await work(stop);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

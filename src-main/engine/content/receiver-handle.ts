import { SealaneError } from '../../../shared/errors.ts';
import { MAX_CHUNK_BODY_BYTES } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { TransferId } from '../../../shared/views.ts';
import type { ContentProgress, ContentReceiver, Offered, Prepared, ReceiveSummary } from './contract.ts';
import { SpaceLedger } from '../files/space-ledger.ts';
import type { LedgerPlace } from '../files/space-ledger.ts';
import type { Agreement } from './journal-state.ts';
import { discardUnpublished } from './leftover.ts';
import { fromPortError } from './port-messages.ts';
import type { ReceiveEvent, ReceiveNotice, ReceiveReply, ReceiveRequest } from './port-messages.ts';
import { WorkerLink } from './worker-link.ts';
import { workerUrl } from './worker-url.ts';

/** Chunks handed to the worker and not yet written: enough that it never waits, few enough that memory stays small. */
const MAX_IN_FLIGHT = 4;

/**
 * Buffers kept for chunks to come: as many as are in use at most, here and where frames wait to be taken. One that is thrown away is
 * soon made anew, of fresh pages.
 */
const MAX_FREE = 16;

/**
 * How long, in milliseconds, a worker may take to hear that it is to leave: one that is busy for longer is ended in the middle of what
 * it does, which the journal survives.
 */
const HEARD_MS = 5000;

/** What all that is received by this process needs of its disks. */
const LEDGER = new SpaceLedger();

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: SealaneError) => void;
}

/** Starts a receiving worker and gives its handle. `url` names other worker code, for tests. */
export function createContentReceiver(url: URL = workerUrl('receive-worker')): ContentReceiver {
  return new WorkerContentReceiver(url);
}

class WorkerContentReceiver implements ContentReceiver {
  readonly finished: Promise<void>;
  readonly #link: WorkerLink<ReceiveRequest, ReceiveNotice, ReceiveReply, ReceiveEvent>;
  readonly #waiting: Waiting[] = [];
  readonly #free: ArrayBuffer[] = [];
  readonly #finish: Waiting | undefined;
  #isFinished = false;
  #inFlight = 0;
  #progress: ContentProgress = { bytes: 0, files: 0 };
  #safeChunks = 0;
  #onSafe: () => void = () => undefined;
  #failure: SealaneError | undefined;
  #journalFolder: string | undefined;
  /** Until the worker has ended. */
  #space: LedgerPlace | undefined;
  #isPublishing = false;
  #isPublished = false;
  #ended: Promise<void> | undefined;
  /** Ends a worker that does not hear that it is to leave. */
  #deadline: NodeJS.Timeout | undefined;

  constructor(url: URL) {
    let finish: Waiting | undefined;
    this.finished = new Promise<void>((resolve, reject) => {
      finish = { resolve, reject };
    });
    this.#finish = finish;
    // Whoever does not wait for it is told by the other methods.
    this.finished.catch(() => undefined);
    this.#link = new WorkerLink(url, {
      event: (event) => {
        this.#event(event);
      },
      lost: (error) => {
        // One that is being ended may still write: `#end` waits for it.
        if (error.code !== 'cancelled') this.#freeSpace();
        this.#fail(error);
      },
    });
  }

  async prepare(options: {
    readonly transfer: TransferId;
    readonly agreed: Agreement;
    readonly mountPoint?: string | null;
    readonly journalFolder: string;
    readonly offered: Offered;
  }): Promise<Prepared> {
    this.#journalFolder = options.journalFolder;
    const { transfer, agreed, mountPoint = null, journalFolder, offered } = options;
    this.#space ??= LEDGER.take();
    const prepared = await this.#link.request(
      { kind: 'prepare', transfer, agreed, mountPoint, journalFolder, offered, space: this.#space },
      (reply) => (reply.kind === 'prepared' ? reply.prepared : undefined),
    );
    this.#progress = prepared.progress;
    return prepared;
  }

  async begin(options: { readonly key: Uint8Array; readonly header: Uint8Array }): Promise<void> {
    // In memory of its own, so that it can be given away; no copy stays here.
    const key = Uint8Array.from(options.key);
    options.key.fill(0);
    await this.#link.request(
      { kind: 'begin', key, header: options.header },
      (reply) => (reply.kind === 'begun' ? reply : undefined),
      [key.buffer],
    );
  }

  async write(sealed: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#isFinished)
      this.#fail(new SealaneError('frame-out-of-order', { detail: 'a chunk after the final one' }));
    if (this.#failure !== undefined) throw this.#failure;
    this.#inFlight += 1;
    this.#link.notify({ kind: 'chunk', sealed }, [sealed.buffer]);
    if (this.#inFlight < MAX_IN_FLIGHT) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  buffer(): ArrayBuffer {
    return this.#free.pop() ?? new ArrayBuffer(MAX_CHUNK_BODY_BYTES);
  }

  progress(): ContentProgress {
    return this.#progress;
  }

  safeChunks(): number {
    return this.#safeChunks;
  }

  onSafe(listener: () => void): void {
    this.#onSafe = listener;
  }

  async publish(): Promise<ReceiveSummary> {
    this.#isPublishing = true;
    const summary = await this.#link.request({ kind: 'publish' }, (reply) =>
      reply.kind === 'published' ? reply.summary : undefined,
    );
    this.#isPublished = true;
    return summary;
  }

  suspend(): Promise<void> {
    this.#ended ??= this.#leave('suspend').then(() => undefined);
    return this.#ended;
  }

  discard(): Promise<void> {
    this.#ended ??= this.#discard();
    return this.#ended;
  }

  get isLost(): boolean {
    return this.#link.lost !== undefined;
  }

  close(): Promise<void> {
    this.#ended ??= this.#isPublished ? this.#end() : this.#leave('suspend').then(() => undefined);
    return this.#ended;
  }

  async #discard(): Promise<void> {
    if ((await this.#leave('discard')) || this.#journalFolder === undefined) return;
    // A journal that cannot be read now stays, for whoever removes the folder that it is in.
    await discardUnpublished(this.#journalFolder).catch(() => undefined);
  }

  /** Ends the worker; whether it could do first what it was asked to. */
  async #leave(kind: 'suspend' | 'discard'): Promise<boolean> {
    this.#fail(new SealaneError('cancelled', { detail: kind }));
    // What is being put under its name is brought to its end: giving up comes too late for it.
    if (!this.#isPublishing) this.#deadline = setTimeout(() => void this.#link.end(), HEARD_MS);
    const hasLeft = await this.#link
      .request({ kind }, (reply) => reply.kind === 'left' || undefined)
      .catch(() => false);
    clearTimeout(this.#deadline);
    await this.#end();
    return hasLeft;
  }

  async #end(): Promise<void> {
    await this.#link.end();
    this.#freeSpace();
  }

  #event(event: ReceiveEvent): void {
    switch (event.kind) {
      case 'written':
        this.#progress = event.progress;
        this.#inFlight -= 1;
        // One that was too small for the largest chunk came from elsewhere.
        if (event.buffer.byteLength >= MAX_CHUNK_BODY_BYTES && this.#free.length < MAX_FREE) {
          this.#free.push(event.buffer);
        }
        if (this.#inFlight < MAX_IN_FLIGHT) this.#waiting.shift()?.resolve();
        if (event.final) {
          this.#isFinished = true;
          this.#finish?.resolve();
        }
        return;
      case 'leaving':
        clearTimeout(this.#deadline);
        return;
      case 'safe':
        this.#safeChunks = event.chunks;
        this.#onSafe();
        return;
      case 'broken':
        this.#fail(fromPortError(event.error));
        return;
      default:
        unreachable(event);
    }
  }

  #freeSpace(): void {
    if (this.#space !== undefined) LEDGER.free(this.#space);
    this.#space = undefined;
  }

  #fail(error: SealaneError): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting) waiting.reject(this.#failure);
    this.#waiting.length = 0;
    this.#finish?.reject(this.#failure);
  }
}

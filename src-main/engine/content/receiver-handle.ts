import { SealaneError } from '../../../shared/errors.ts';
import { MAX_CHUNK_BODY_BYTES } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { TransferId } from '../../../shared/views.ts';
import type { ContentProgress, ContentReceiver, Prepared, ReceiveSummary } from './contract.ts';
import { discardJournaled } from './leftover.ts';
import type { Offered } from './parser.ts';
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
  #isPublished = false;
  #ended: Promise<void> | undefined;

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
        this.#fail(error);
      },
    });
  }

  async prepare(options: {
    readonly transfer: TransferId;
    readonly destination: string;
    readonly journalFolder: string;
    readonly offered: Offered;
  }): Promise<Prepared> {
    this.#journalFolder = options.journalFolder;
    const { transfer, destination, journalFolder, offered } = options;
    const prepared = await this.#link.request(
      { kind: 'prepare', transfer, destination, journalFolder, offered },
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
    this.#ended ??= this.#isPublished ? this.#link.end() : this.#leave('suspend').then(() => undefined);
    return this.#ended;
  }

  async #discard(): Promise<void> {
    if ((await this.#leave('discard')) || this.#journalFolder === undefined) return;
    await discardJournaled(this.#journalFolder);
  }

  /** Ends the worker; whether it could do first what it was asked to. */
  async #leave(kind: 'suspend' | 'discard'): Promise<boolean> {
    this.#fail(new SealaneError('cancelled', { detail: kind }));
    const hasLeft = await this.#link
      .request({ kind }, (reply) => reply.kind === 'left' || undefined)
      .catch(() => false);
    await this.#link.end();
    return hasLeft;
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

  #fail(error: SealaneError): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting) waiting.reject(this.#failure);
    this.#waiting.length = 0;
    this.#finish?.reject(this.#failure);
  }
}

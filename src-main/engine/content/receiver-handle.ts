import { SealaneError } from '../../../shared/errors.ts';
import { MAX_CHUNK_BODY_BYTES } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { TransferId } from '../../../shared/views.ts';
import { discardStaging } from '../files/staging.ts';
import type { StagingRecord } from '../files/staging.ts';
import type { ContentProgress, ContentReceiver, Prepared, ReceiveSummary } from './contract.ts';
import type { Offered } from './parser.ts';
import { fromPortError } from './port-messages.ts';
import type { ReceiveEvent, ReceiveNotice, ReceiveReply, ReceiveRequest } from './port-messages.ts';
import { WorkerLink } from './worker-link.ts';
import { workerUrl } from './worker-url.ts';

/** Chunks handed to the worker and not yet written: enough that it never waits, few enough that memory stays small. */
const MAX_IN_FLIGHT = 4;

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
  #failure: SealaneError | undefined;
  #staging: StagingRecord | undefined;
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
    const { transfer, destination, offered } = options;
    const prepared = await this.#link.request({ kind: 'prepare', transfer, destination, offered }, (reply) =>
      reply.kind === 'prepared' ? reply : undefined,
    );
    this.#staging = prepared.staging;
    return { from: prepared.from, progress: this.#progress };
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

  async publish(): Promise<ReceiveSummary> {
    const summary = await this.#link.request({ kind: 'publish' }, (reply) =>
      reply.kind === 'published' ? reply.summary : undefined,
    );
    this.#isPublished = true;
    return summary;
  }

  suspend(): Promise<void> {
    return this.discard();
  }

  discard(): Promise<void> {
    this.#ended ??= this.#discard();
    return this.#ended;
  }

  close(): Promise<void> {
    // Without `publish` there is nothing to keep.
    this.#ended ??= this.#isPublished ? this.#link.end() : this.#discard();
    return this.#ended;
  }

  async #discard(): Promise<void> {
    const isDiscarded = await this.#link
      .request({ kind: 'discard' }, (reply) => reply.kind === 'discarded' || undefined)
      .catch(() => false);
    await this.#link.end();
    if (!isDiscarded && this.#staging !== undefined) discardStaging(this.#staging);
  }

  #event(event: ReceiveEvent): void {
    switch (event.kind) {
      case 'written':
        this.#progress = event.progress;
        this.#inFlight -= 1;
        // One that was too small for the largest chunk came from elsewhere, and more than are in use are not kept.
        if (event.buffer.byteLength >= MAX_CHUNK_BODY_BYTES && this.#free.length < MAX_IN_FLIGHT) {
          this.#free.push(event.buffer);
        }
        if (this.#inFlight < MAX_IN_FLIGHT) this.#waiting.shift()?.resolve();
        if (event.final) {
          this.#isFinished = true;
          this.#finish?.resolve();
        }
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

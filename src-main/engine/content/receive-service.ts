import type { MessagePort } from 'node:worker_threads';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { TransferId } from '../../../shared/views.ts';
import type { ReceiveSummary } from './contract.ts';
import { SpaceClaim } from '../files/space-ledger.ts';
import { finishHere } from './finish-publishing.ts';
import { discardUnpublished } from './leftover.ts';
import { openReception } from './open-reception.ts';
import { toPortError } from './port-messages.ts';
import type { ReceiveEvent, ReceiveNotice, ReceiveReply, ReceiveRequest } from './port-messages.ts';
import { ReceivePipeline } from './receive-pipeline.ts';
import type { Reception } from './reception.ts';
import { loadCipher } from './seal.ts';
import { WorkerPort } from './worker-port.ts';
import type { Answer, Service } from './worker-port.ts';

type PrepareCall = Extract<ReceiveRequest, { kind: 'prepare' }>;
type BeginCall = Extract<ReceiveRequest, { kind: 'begin' }>;

/** How long, in milliseconds, a suspend waits for the chunks that have come. The rest of them comes again. */
const LAST_CHUNKS_MS = 2000;

interface Prepared {
  readonly transfer: TransferId;
  readonly reception: Reception;
}

/** What the receiving worker does: opens and writes one chunk after another; after the first error, none. */
export class ReceiveService implements Service<ReceiveRequest, ReceiveNotice, ReceiveReply> {
  readonly #port: WorkerPort<ReceiveRequest, ReceiveNotice, ReceiveReply, ReceiveEvent>;
  /** Loaded while there is nothing else to do. */
  readonly #cipher = loadCipher();
  #journalFolder: string | undefined;
  #prepared: Prepared | undefined;
  #pipeline: ReceivePipeline | undefined;
  /** The end of the queue of chunks; never rejects. */
  #chunks: Promise<void> = Promise.resolve();
  #publishing: Promise<unknown> = Promise.resolve();
  #failure: SealaneError | undefined;

  /** Serves at `port` until the thread is ended. */
  constructor(port: MessagePort) {
    // Whoever waits for it is told.
    this.#cipher.catch(() => undefined);
    this.#port = new WorkerPort(port);
    this.#port.serve(this);
  }

  async request(request: ReceiveRequest): Promise<Answer<ReceiveReply>> {
    switch (request.kind) {
      case 'prepare':
        return { reply: this.#prepare(request) };
      case 'begin':
        return { reply: await this.#begin(request) };
      case 'publish':
        return { reply: { kind: 'published', summary: await this.#publish() } };
      case 'suspend':
        this.#port.event({ kind: 'leaving' });
        await this.#suspend();
        return { reply: { kind: 'left' } };
      case 'discard':
        this.#port.event({ kind: 'leaving' });
        await this.#discard();
        return { reply: { kind: 'left' } };
      case 'finish':
        return { reply: { kind: 'finished', summary: await finishHere(request.journalFolder) } };
      default:
        return unreachable(request);
    }
  }

  notice({ sealed }: ReceiveNotice): void {
    this.#chunks = this.#chunks.then(() => this.#write(sealed));
  }

  #prepare(call: PrepareCall): ReceiveReply {
    if (this.#journalFolder !== undefined) throw new SealaneError('internal', { detail: 'prepared twice' });
    this.#journalFolder = call.journalFolder;
    const onSafe = (chunks: number): void => {
      this.#port.event({ kind: 'safe', chunks });
    };
    const space = new SpaceClaim(call.space);
    // Until something is claimed, those that asked later wait: nothing is needed where all is here, or
    // nothing comes.
    let isClaimed = false;
    let reception: Reception;
    try {
      reception = openReception({ ...call, space, onSafe });
      isClaimed = reception.isOpen;
    } finally {
      if (!isClaimed) space.release();
    }
    this.#prepared = { transfer: call.transfer, reception };
    const { cursor } = reception.parser;
    return { kind: 'prepared', prepared: { from: cursor, progress: reception.progress } };
  }

  async #begin({ key, header }: BeginCall): Promise<ReceiveReply> {
    try {
      const cipher = await this.#cipher;
      const prepared = this.#prepared;
      if (prepared === undefined || this.#pipeline !== undefined) {
        throw new SealaneError('internal', { detail: 'begun unprepared, or twice' });
      }
      this.#pipeline = new ReceivePipeline({ cipher, key, header, ...prepared });
      return { kind: 'begun', cipher: cipher.kind };
    } finally {
      key.fill(0);
    }
  }

  async #write(sealed: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      const pipeline = this.#expectPipeline();
      await pipeline.write(sealed);
      const { progress, finished } = pipeline;
      this.#port.event({ kind: 'written', buffer: sealed.buffer, progress, final: finished }, [
        sealed.buffer,
      ]);
    } catch (thrown) {
      this.#fail(asSealaneError(thrown));
    }
  }

  async #publish(): Promise<ReceiveSummary> {
    await this.#chunks;
    if (this.#failure !== undefined) throw this.#failure;
    const publishing = this.#expectPipeline().publish();
    this.#publishing = publishing;
    return publishing;
  }

  /** What has come is taken, unless that takes long, and what is being published comes to its end. */
  async #suspend(): Promise<void> {
    const giveUp = setTimeout(() => {
      this.#failure ??= new SealaneError('cancelled', { detail: 'suspended' });
      this.#pipeline?.close();
    }, LAST_CHUNKS_MS);
    await this.#chunks;
    clearTimeout(giveUp);
    await Promise.allSettled([this.#publishing]);
    this.#failure ??= new SealaneError('cancelled', { detail: 'suspended' });
    this.#pipeline?.close();
    await this.#prepared?.reception.suspend();
  }

  /** What is running sees that the staging folder is gone, and stops; a publishing past that point comes to its end. */
  async #discard(): Promise<void> {
    this.#failure ??= new SealaneError('cancelled', { detail: 'discarded' });
    this.#pipeline?.close();
    if (this.#prepared !== undefined) await this.#prepared.reception.discard();
    else if (this.#journalFolder !== undefined) await discardUnpublished(this.#journalFolder);
    await Promise.allSettled([this.#chunks, this.#publishing]);
  }

  #fail(error: SealaneError): void {
    this.#failure ??= error;
    this.#pipeline?.close();
    this.#port.event({ kind: 'broken', error: toPortError(error) });
  }

  #expectPipeline(): ReceivePipeline {
    if (this.#pipeline === undefined) {
      throw new SealaneError('frame-out-of-order', { detail: 'content before its beginning' });
    }
    return this.#pipeline;
  }
}

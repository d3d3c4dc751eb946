import { Worker } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';
import { SealaneError } from '../../../shared/errors.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import { fromPortError } from './port-messages.ts';
import type { FromWorker, ToWorker } from './port-messages.ts';

interface Pending<Reply> {
  readonly settle: (reply: Reply) => void;
  readonly reject: (error: SealaneError) => void;
}

/** What happens by itself at the other end. */
export interface LinkListener<Event> {
  event(event: Event): void;
  /** The worker is gone: it crashed (`internal`) or was ended (`cancelled`). Called once. */
  lost(error: SealaneError): void;
}

/** The main thread's end of a worker: requests with answers, notices, events, and one way to end it. */
export class WorkerLink<Request, Notice, Reply, Event> {
  readonly #worker: Worker;
  readonly #listener: LinkListener<Event>;
  readonly #pending = new Map<number, Pending<Reply>>();
  #lastId = 0;
  #lost: SealaneError | undefined;
  #ended: Promise<void> | undefined;

  /** Starts the worker. */
  constructor(url: URL, listener: LinkListener<Event>) {
    this.#listener = listener;
    this.#worker = new Worker(url);
    this.#worker.on('message', (message: FromWorker<Reply, Event>) => {
      this.#receive(message);
    });
    this.#worker.on('messageerror', (cause) => {
      this.#lose(new SealaneError('internal', { detail: 'worker message', cause }));
    });
    this.#worker.on('error', (cause) => {
      this.#lose(new SealaneError('internal', { detail: 'worker crashed', cause }));
    });
    this.#worker.on('exit', () => {
      this.#lose(new SealaneError('internal', { detail: 'worker ended' }));
    });
  }

  /** Why the worker can be asked nothing any more; undefined while it can. */
  get lost(): SealaneError | undefined {
    return this.#lost;
  }

  /**
   * Asks, and resolves with what `pick` finds in the answer; `pick` gives undefined for an answer of another kind. Rejects with
   * what the worker threw, and when the worker is lost.
   */
  request<Answer>(
    request: Request,
    pick: (reply: Reply) => Answer | undefined,
    transfer: readonly Transferable[] = [],
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(this.#lost);
        return;
      }
      this.#lastId += 1;
      const id = this.#lastId;
      const settle = (reply: Reply): void => {
        const answer = pick(reply);
        if (answer === undefined) reject(new SealaneError('internal', { detail: 'a reply of another kind' }));
        else resolve(answer);
      };
      this.#pending.set(id, { settle, reject });
      this.#post({ type: 'request', id, request }, transfer);
    });
  }

  /** Tells the worker something that has no answer; nothing happens when it is lost. */
  notify(notice: Notice, transfer: readonly Transferable[] = []): void {
    if (this.#lost === undefined) this.#post({ type: 'notice', notice }, transfer);
  }

  /** Ends the worker whatever it is doing; requests under way reject with `cancelled`. Idempotent. */
  end(): Promise<void> {
    this.#ended ??= this.#terminate();
    return this.#ended;
  }

  async #terminate(): Promise<void> {
    this.#lose(new SealaneError('cancelled', { detail: 'worker ended' }));
    await this.#worker.terminate();
  }

  #post(message: ToWorker<Request, Notice>, transfer: readonly Transferable[]): void {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromWorker<Reply, Event>): void {
    if (this.#lost !== undefined) return;
    switch (message.type) {
      case 'reply':
        this.#take(message.id)?.settle(message.reply);
        return;
      case 'error':
        this.#take(message.id)?.reject(fromPortError(message.error));
        return;
      case 'event':
        this.#listener.event(message.event);
        return;
      default:
        unreachable(message);
    }
  }

  #take(id: number): Pending<Reply> | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #lose(error: SealaneError): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    this.#listener.lost(error);
  }
}

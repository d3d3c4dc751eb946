import type { MessagePort, Transferable } from 'node:worker_threads';
import { unreachable } from '../../../shared/unreachable.ts';
import { toPortError } from './port-messages.ts';
import type { FromWorker, ToWorker } from './port-messages.ts';

/** A reply, and what of it is given away rather than copied. */
export interface Answer<Reply> {
  readonly reply: Reply;
  readonly transfer?: readonly Transferable[];
}

/** What a content worker does with what it is told. */
export interface Service<Request, Notice, Reply> {
  /** Answers; what it throws is told to the main thread. */
  request(request: Request): Promise<Answer<Reply>> | Answer<Reply>;
  /** Takes; must not throw. */
  notice(notice: Notice): void;
}

/** The worker's end of a `WorkerLink`. */
export class WorkerPort<Request, Notice, Reply, Event> {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** Serves until the thread is ended. */
  serve(service: Service<Request, Notice, Reply>): void {
    this.#port.on('message', (message: ToWorker<Request, Notice>) => {
      switch (message.type) {
        case 'request':
          void this.#answer(service, message.id, message.request);
          return;
        case 'notice':
          service.notice(message.notice);
          return;
        default:
          unreachable(message);
      }
    });
  }

  event(event: Event, transfer: readonly Transferable[] = []): void {
    this.#post({ type: 'event', event }, transfer);
  }

  async #answer(service: Service<Request, Notice, Reply>, id: number, request: Request): Promise<void> {
    try {
      const { reply, transfer = [] } = await service.request(request);
      this.#post({ type: 'reply', id, reply }, transfer);
    } catch (thrown) {
      this.#post({ type: 'error', id, error: toPortError(thrown) }, []);
    }
  }

  #post(message: FromWorker<Reply, Event>, transfer: readonly Transferable[]): void {
    this.#port.postMessage(message, transfer);
  }
}

import type { ContentReceiver, ContentSender } from './contract.ts';
import { createContentReceiver } from './receiver-handle.ts';
import { createContentSender } from './sender-handle.ts';
import { Spare } from './spare.ts';

/** The worker threads of one engine, of which one of each kind may be ready before it is needed. */
export class ContentWorkers {
  readonly #senders = new Spare(createContentSender);
  readonly #receivers = new Spare(createContentReceiver);

  /** Something is about to be sent. */
  expectSend(): void {
    this.#senders.warm();
  }

  /** Something is about to be offered, perhaps. */
  expectOffer(): void {
    this.#receivers.warm();
  }

  /** The caller's from now on, to be closed by it. */
  sender(): ContentSender {
    return this.#senders.take();
  }

  /** Likewise. */
  receiver(): ContentReceiver {
    return this.#receivers.take();
  }

  /** Ends those that nobody has taken. */
  async close(): Promise<void> {
    await Promise.all([this.#senders.close(), this.#receivers.close()]);
  }
}

import { SealaneError } from '../../../shared/errors.ts';
import type { TransferChannel } from './greeting.ts';

/**
 * A line that is opened while there is other work to do before anything can be said on it. What goes wrong with it meanwhile is no
 * error: it is opened once more when it is needed.
 */
export class EarlyLine {
  readonly #reach: () => Promise<TransferChannel>;
  readonly #dropping = new AbortController();
  readonly #line: Promise<TransferChannel>;
  #hasFailed = false;

  /** Begins at once. `reach` gives a line that ends when its signal is aborted, which it is when `signal` is. */
  constructor(reach: (signal: AbortSignal) => Promise<TransferChannel>, signal: AbortSignal) {
    const ending = AbortSignal.any([signal, this.#dropping.signal]);
    this.#reach = () => reach(ending);
    this.#line = this.#reach();
    this.#line.catch(() => {
      this.#hasFailed = true;
    });
  }

  /** The line. Throws what `reach` throws while it is waited for. */
  async take(): Promise<TransferChannel> {
    if (!this.#hasFailed) {
      const channel = await this.#line;
      if (channel.isOpen) return channel;
    }
    return await this.#reach();
  }

  /** Ends the line, if there is one, without a word. Idempotent. */
  drop(): void {
    this.#dropping.abort(new SealaneError('interrupted'));
  }
}

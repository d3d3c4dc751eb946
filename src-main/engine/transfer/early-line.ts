import { SealaneError } from '../../../shared/errors.ts';
import type { TransferChannel } from './greeting.ts';

/** How long a line is held open on which nothing is said, in ms: the other side has few places for those. */
const KEPT_MS = 10_000;

/**
 * A line that is opened while there is other work to do before anything can be said on it. What goes wrong with it meanwhile is no
 * error: it is opened once more when it is needed.
 */
export class EarlyLine {
  readonly #reach: (signal: AbortSignal) => Promise<TransferChannel>;
  readonly #dropping = new AbortController();
  readonly #ending: AbortSignal;
  readonly #line: Promise<TransferChannel>;
  readonly #timer: NodeJS.Timeout;
  #hasFailed = false;

  /** Begins at once. `reach` gives a line that ends when its signal is aborted, which it is when `signal` is. */
  constructor(reach: (signal: AbortSignal) => Promise<TransferChannel>, signal: AbortSignal) {
    this.#reach = reach;
    this.#ending = AbortSignal.any([signal, this.#dropping.signal]);
    const waiting = new AbortController();
    this.#timer = setTimeout(() => {
      waiting.abort(new SealaneError('interrupted'));
    }, KEPT_MS).unref();
    this.#line = reach(AbortSignal.any([this.#ending, waiting.signal]));
    this.#line.catch(() => {
      this.#hasFailed = true;
    });
  }

  /** The line. Throws what `reach` throws while it is waited for. */
  async take(): Promise<TransferChannel> {
    clearTimeout(this.#timer);
    if (!this.#hasFailed) {
      const channel = await this.#line;
      if (channel.isOpen) return channel;
    }
    return await this.#reach(this.#ending);
  }

  /** Ends the line, if there is one, without a word. Resolves when it has ended. Idempotent. Never rejects. */
  async drop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#dropping.abort(new SealaneError('interrupted'));
    await this.#line.then(
      (channel) => channel.close(),
      () => undefined,
    );
  }
}

import { SealaneError } from '../../../shared/errors.ts';
import { windowBytes } from '../content/window.ts';

/**
 * Keeps what a sender is ahead of its receiver within bounds. What counts is not what has arrived but what is safe there, so that
 * whoever is killed at whatever moment, little has to cross the line again.
 */
export class SendWindow {
  readonly #limit: number;
  /** The lengths of the chunks that are not known to be safe, in order. */
  readonly #lengths: number[] = [];
  #bytes = 0;
  #safeChunks = 0;
  #isOver = false;
  #onChange: () => void = () => undefined;

  /** `totalBytes`: of the whole transfer. */
  constructor(totalBytes: number) {
    this.#limit = windowBytes(totalBytes);
  }

  /** Resolves once one more chunk may be sent, or nothing is any more. One wait at a time. */
  async room(): Promise<void> {
    while (this.#bytes >= this.#limit && !this.#isOver) await this.#change();
  }

  /** Resolves once all that was sent is safe, or nothing is to be any more. */
  async empty(): Promise<void> {
    while (this.#lengths.length > 0 && !this.#isOver) await this.#change();
  }

  /** A chunk of so many bytes is about to be sent. */
  sending(bytes: number): void {
    this.#lengths.push(bytes);
    this.#bytes += bytes;
  }

  /** The receiver says so. Throws `frame-out-of-order` for fewer chunks than it said before, and for more than were sent. */
  safe(chunks: number): void {
    const more = chunks - this.#safeChunks;
    if (more < 0 || more > this.#lengths.length) {
      throw new SealaneError('frame-out-of-order', { detail: 'chunks that cannot be safe' });
    }
    this.#safeChunks = chunks;
    for (const length of this.#lengths.splice(0, more)) this.#bytes -= length;
    this.#onChange();
  }

  /** Nobody is to wait any more. Idempotent. */
  end(): void {
    this.#isOver = true;
    this.#onChange();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = resolve;
    });
  }
}

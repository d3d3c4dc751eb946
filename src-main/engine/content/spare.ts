/** How long one is kept for somebody who has announced himself and then asks for nothing, in ms. */
const KEPT_MS = 60_000;

/**
 * A worker thread that is started before it is needed: that takes a tenth of a second, most of which the peer has other work to do.
 * There is one at most, so that whoever announces himself often costs no more than whoever does it once.
 */
export class Spare<Worker extends { readonly isLost: boolean; close(): Promise<void> }> {
  readonly #start: () => Worker;
  #ready: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(start: () => Worker) {
    this.#start = start;
  }

  /** One will be needed soon, it seems. */
  warm(): void {
    this.#ready = this.#alive ?? this.#start();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.close(), KEPT_MS).unref();
  }

  /** The one that is ready, or another; the caller's from now on. */
  take(): Worker {
    clearTimeout(this.#timer);
    const worker = this.#alive ?? this.#start();
    this.#ready = undefined;
    return worker;
  }

  /** Ends the one that is ready, if there is one. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const worker = this.#ready;
    this.#ready = undefined;
    await worker?.close();
  }

  /** The one that is ready, unless it has died. */
  get #alive(): Worker | undefined {
    return this.#ready?.isLost === true ? undefined : this.#ready;
  }
}

/** A wait that others can cut short. One sleeper at a time. */
export class Nap {
  #end: (() => void) | undefined;
  #isWoken = false;

  /** Resolves after `ms` (null: not by itself), when `signal` aborts, or on `wake`, also on one that came since the last sleep. */
  async sleep(ms: number | null, signal: AbortSignal): Promise<void> {
    if (!this.#isWoken && !signal.aborted) await this.#sleep(ms, signal);
    this.#isWoken = false;
  }

  /** Ends the sleep, or keeps the next one from beginning. */
  wake(): void {
    if (this.#end === undefined) this.#isWoken = true;
    else this.#end();
  }

  #sleep(ms: number | null, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#end = undefined;
        resolve();
      };
      const timer = ms === null ? undefined : setTimeout(end, ms);
      signal.addEventListener('abort', end, { once: true });
      this.#end = end;
    });
  }
}

/**
 * A token bucket (RFC 2697 has the idea): lets `burst` things through at once, and from then on `perSecond`. `now` is a clock that
 * only moves forward, in milliseconds.
 */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #filled: number;

  constructor(limits: { readonly burst: number; readonly perSecond: number }, now: () => number) {
    this.#burst = limits.burst;
    this.#perSecond = limits.perSecond;
    this.#now = now;
    this.#tokens = limits.burst;
    this.#filled = now();
  }

  /** Takes a token; false, and nothing taken, when there is none. */
  take(): boolean {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filled) / 1000) * this.#perSecond);
    this.#filled = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

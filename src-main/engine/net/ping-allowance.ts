import { PINGS_AT_ONCE, PINGS_PER_SECOND } from '../../../shared/limits.ts';

/**
 * How many pings a peer may have sent by now: PINGS_AT_ONCE, and PINGS_PER_SECOND more with every second of the connection. An honest one
 * sends a fifth of that. What was not used is never lost, since pings that were held up on the way, or while this side did not read,
 * come all at once.
 */
export class PingAllowance {
  readonly #now: () => number;
  readonly #begun: number;
  #taken = 0;

  /** `now` is a clock that only moves forward, in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#begun = now();
  }

  /** Counts a ping; gives whether it is within the allowance. */
  take(): boolean {
    this.#taken += 1;
    return this.#taken <= PINGS_AT_ONCE + ((this.#now() - this.#begun) / 1000) * PINGS_PER_SECOND;
  }
}

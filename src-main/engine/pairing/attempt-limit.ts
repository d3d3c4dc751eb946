import { MAX_PAIRING_FAILURES_PER_ADDRESS, PAIRING_FAILURE_WINDOW_MS } from '../../../shared/limits.ts';
import { addressGroup } from '../net/address-group.ts';

/** Addresses whose failures are remembered; those that failed longest ago are forgotten first. */
const MAX_REMEMBERED = 1024;

/**
 * Counts failed attempts to pair by address, in a window that slides. `now` is a clock that only moves forward, in milliseconds:
 * somebody who sets the wall clock back must not lengthen anybody's wait.
 */
export class AttemptLimit {
  readonly #now: () => number;
  /** When the latest failures from an address were, oldest first; the addresses in the order of their latest. */
  readonly #failures = new Map<string, readonly number[]>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  fail(address: string): void {
    const group = addressGroup(address);
    const latest = [...this.#recent(group), this.#now()].slice(-MAX_PAIRING_FAILURES_PER_ADDRESS);
    this.#failures.delete(group);
    this.#failures.set(group, latest);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
  }

  /** Whether so many attempts have failed lately that no more are judged. */
  isExhausted(address: string): boolean {
    return this.#recent(addressGroup(address)).length >= MAX_PAIRING_FAILURES_PER_ADDRESS;
  }

  #recent(group: string): readonly number[] {
    const since = this.#now() - PAIRING_FAILURE_WINDOW_MS;
    return (this.#failures.get(group) ?? []).filter((at) => at > since);
  }
}

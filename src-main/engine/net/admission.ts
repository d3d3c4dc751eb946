import { MAX_UNPROVEN_CONNECTIONS, MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS } from '../../../shared/limits.ts';

/**
 * Slots for connections that have not yet proven a trusted key. Strangers can fill these, but neither from one address alone
 * nor beyond a bound; whoever has proven a key gives the slot back and is counted here no more.
 */
export class Admission {
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  /** Takes a slot for `address`; gives the function that returns it (idempotent), or undefined when there is none. */
  admit(address: string): (() => void) | undefined {
    const here = this.#byAddress.get(address) ?? 0;
    if (this.#total >= MAX_UNPROVEN_CONNECTIONS || here >= MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS)
      return undefined;
    this.#total += 1;
    this.#byAddress.set(address, here + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#total -= 1;
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
    };
  }
}

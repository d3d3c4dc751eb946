import { MAX_UNPROVEN_CONNECTIONS, MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS } from '../../../shared/limits.ts';
import { addressGroup } from './address-group.ts';

/** Who has sent less than this after that time has not even greeted: the first message of a TLS 1.3 handshake is longer. */
const GREETING_BYTES = 128;
const GREETING_TIME_MS = 1_000;

/** A connection that has not yet proven a trusted key. */
export interface Newcomer {
  readonly address: string;
  /** How much has come from it so far. */
  readonly bytesReceived: () => number;
  /** Closes it, to make room for another. Called at most once, and not after its slot was given back. */
  readonly evict: () => void;
}

/**
 * Slots for connections that have not yet proven a trusted key; whoever has proven one gives the slot back and is counted no more.
 * Their number is bounded, in all and from one address, but nobody is turned away: where there is no slot left, one is taken from
 * those who had their time. A paired device that dials needs one for the moment of its handshake, and strangers cannot keep it
 * from getting one, not even from the same address, however many connections they hold open.
 *
 * Who loses its slot: of the address whose bound is reached, or else of the one with the most slots, the oldest that should have
 * greeted and has not; where there is none, the oldest. So whoever greets keeps its slot until as many others as the bound says
 * have come after it.
 */
export class Admission {
  /** When each came; both maps in the order of their arrival. */
  readonly #byAddress = new Map<string, Map<Newcomer, number>>();
  readonly #now: () => number;
  #total = 0;

  /** `now` is a clock that only moves forward, in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes a slot; gives the function that returns it (idempotent). */
  admit(newcomer: Newcomer): () => void {
    const group = addressGroup(newcomer.address);
    if ((this.#byAddress.get(group)?.size ?? 0) >= MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS)
      this.#evictFrom(group);
    else if (this.#total >= MAX_UNPROVEN_CONNECTIONS) this.#evictFrom(this.#fullest());
    const here = this.#byAddress.get(group) ?? new Map<Newcomer, number>();
    this.#byAddress.set(group, here);
    here.set(newcomer, this.#now());
    this.#total += 1;
    return () => {
      this.#remove(group, newcomer);
    };
  }

  #remove(group: string, newcomer: Newcomer): void {
    const here = this.#byAddress.get(group);
    if (here?.delete(newcomer) !== true) return;
    this.#total -= 1;
    if (here.size === 0) this.#byAddress.delete(group);
  }

  #evictFrom(group: string): void {
    const victim = this.#victimOf(this.#byAddress.get(group) ?? new Map<Newcomer, number>());
    if (victim === undefined) return;
    this.#remove(group, victim);
    victim.evict();
  }

  #victimOf(here: ReadonlyMap<Newcomer, number>): Newcomer | undefined {
    const overdue = this.#now() - GREETING_TIME_MS;
    for (const [newcomer, since] of here) {
      if (since > overdue) break;
      if (newcomer.bytesReceived() < GREETING_BYTES) return newcomer;
    }
    const [oldest] = here.keys();
    return oldest;
  }

  #fullest(): string {
    let fullest = '';
    let most = 0;
    for (const [group, { size }] of this.#byAddress) {
      if (size <= most) continue;
      fullest = group;
      most = size;
    }
    return fullest;
  }
}

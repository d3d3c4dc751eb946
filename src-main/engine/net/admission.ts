import { MAX_UNPROVEN_CONNECTIONS, MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS } from '../../../shared/limits.ts';
import { addressGroup } from './address-group.ts';

/** Who has sent no more than this has not even greeted: the first message of a TLS 1.3 handshake is longer. */
const SILENT_BYTES = 128;

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
 * Who loses its slot: of the address whose bound is reached, or else of the one with the most slots, the oldest that has not
 * greeted yet; if all have, the oldest.
 */
export class Admission {
  /** Both in the order of their arrival. */
  readonly #byAddress = new Map<string, Set<Newcomer>>();
  #total = 0;

  /** Takes a slot; gives the function that returns it (idempotent). */
  admit(newcomer: Newcomer): () => void {
    const group = addressGroup(newcomer.address);
    if ((this.#byAddress.get(group)?.size ?? 0) >= MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS)
      this.#evictFrom(group);
    else if (this.#total >= MAX_UNPROVEN_CONNECTIONS) this.#evictFrom(this.#fullest());
    const here = this.#byAddress.get(group) ?? new Set();
    this.#byAddress.set(group, here);
    here.add(newcomer);
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
    const here = [...(this.#byAddress.get(group) ?? [])];
    const victim = here.find(({ bytesReceived }) => bytesReceived() < SILENT_BYTES) ?? here[0];
    if (victim === undefined) return;
    this.#remove(group, victim);
    victim.evict();
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

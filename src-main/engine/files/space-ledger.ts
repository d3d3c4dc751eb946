/**
 * How much room the transfers of this process still need, in memory that all its threads share: each receives
 * in a thread of its own, and none may take for free what another one was promised. One thread gives out
 * places; each place is then written by the thread that has it alone.
 *
 *     free ──take──► pending ──claim──► claimed ──free──► free
 *
 * A place is pending while what it needs is about to be known.
 */

/** Far more than can be received at once; beyond, a transfer is not known to others. */
const PLACES = 1024;

const FREE = 0;
const PENDING = 1;
const CLAIMED = 2;

/** What one place has, as numbers of 64 bits. */
const TICKET = 0;
const DEVICE = 1;
const LACKING = 2;
const GRANTED = 3;
const FIELDS = 4;

/**
 * How long one that came before is waited for until it has said what it needs, in ms: it asks its disk once.
 */
const PATIENCE_MS = 5000;

const STATES_BYTES = PLACES * Int32Array.BYTES_PER_ELEMENT;

/** What others need of one device, in bytes. */
export interface OthersNeed {
  readonly lacking: number;
  /** Of it, what they may write before they ask how much is free. */
  readonly granted: number;
}

/** A place in a ledger, as it is handed to another thread. */
export interface LedgerPlace {
  readonly memory: SharedArrayBuffer;
  /** Undefined when there was none. */
  readonly place: number | undefined;
}

/** The ledger as the thread has it that gives out the places. */
export class SpaceLedger {
  readonly #memory = new SharedArrayBuffer(STATES_BYTES + PLACES * FIELDS * BigInt64Array.BYTES_PER_ELEMENT);
  #tickets = 0;

  /**
   * A place for a transfer that is about to ask for room: those that ask later wait until it has. Give it
   * back with `free`.
   */
  take(): LedgerPlace {
    const { states, fields } = viewsOf(this.#memory);
    const place = states.indexOf(FREE);
    if (place === -1) return { memory: this.#memory, place: undefined };
    this.#tickets += 1;
    fields.fill(0n, place * FIELDS, (place + 1) * FIELDS);
    fields[place * FIELDS + TICKET] = BigInt(this.#tickets);
    Atomics.store(states, place, PENDING);
    return { memory: this.#memory, place };
  }

  /** The thread that had the place needs nothing any more, or is gone. Once for each `take`. */
  free({ place }: LedgerPlace): void {
    if (place !== undefined) set(viewsOf(this.#memory).states, place, FREE);
  }
}

/** What one transfer needs, told to the others of its process. */
export class SpaceClaim {
  readonly #states: Int32Array;
  readonly #fields: BigInt64Array;
  readonly #place: number | undefined;

  constructor({ memory, place }: LedgerPlace) {
    const { states, fields } = viewsOf(memory);
    this.#states = states;
    this.#fields = fields;
    this.#place = place;
  }

  /** One that no other transfer knows of. */
  static alone(): SpaceClaim {
    return new SpaceClaim(new SpaceLedger().take());
  }

  /** Blocks this thread until those that asked before this one have said what they need. */
  waitForEarlier(): void {
    for (let place = 0; place < PLACES; place += 1) {
      if (place !== this.#place && Atomics.load(this.#states, place) === PENDING && this.#isBefore(place)) {
        Atomics.wait(this.#states, place, PENDING, PATIENCE_MS);
      }
    }
  }

  /** What others need of `device`, as far as they have said it. */
  others(device: bigint): OthersNeed {
    let [lacking, granted] = [0, 0];
    for (let place = 0; place < PLACES; place += 1) {
      if (place === this.#place) continue;
      if (
        Atomics.load(this.#states, place) !== CLAIMED ||
        this.#read(place, DEVICE) !== BigInt.asIntN(64, device)
      )
        continue;
      lacking += Number(this.#read(place, LACKING));
      granted += Number(this.#read(place, GRANTED));
    }
    return { lacking, granted };
  }

  /** What all, this one included, may write onto `device` before they ask how much is free, in bytes. */
  granted(device: bigint): number {
    const own = this.#place;
    const isThere = own !== undefined && this.#read(own, DEVICE) === BigInt.asIntN(64, device);
    return (isThere ? Number(this.#read(own, GRANTED)) : 0) + this.others(device).granted;
  }

  /** From now on this transfer needs `bytes` of `device`. */
  claim(device: bigint, bytes: number): void {
    this.#write(DEVICE, BigInt.asIntN(64, device));
    this.needs(bytes, 0);
    if (this.#place !== undefined) set(this.#states, this.#place, CLAIMED);
  }

  /** It still needs so much, of which `granted` may be written before it asks how much is free. */
  needs(lacking: number, granted: number): void {
    this.#write(LACKING, BigInt(Math.ceil(Math.max(0, lacking))));
    this.#write(GRANTED, BigInt(Math.ceil(Math.max(0, granted))));
  }

  /** It needs nothing. Idempotent; it may claim once more. */
  release(): void {
    this.needs(0, 0);
    if (this.#place !== undefined) set(this.#states, this.#place, CLAIMED);
  }

  #isBefore(place: number): boolean {
    return this.#place === undefined || this.#read(place, TICKET) < this.#read(this.#place, TICKET);
  }

  #read(place: number, field: number): bigint {
    return Atomics.load(this.#fields, place * FIELDS + field);
  }

  #write(field: number, value: bigint): void {
    if (this.#place !== undefined) Atomics.store(this.#fields, this.#place * FIELDS + field, value);
  }
}

function viewsOf(memory: SharedArrayBuffer): {
  readonly states: Int32Array<SharedArrayBuffer>;
  readonly fields: BigInt64Array<SharedArrayBuffer>;
} {
  return {
    states: new Int32Array(memory, 0, PLACES),
    fields: new BigInt64Array(memory, STATES_BYTES, PLACES * FIELDS),
  };
}

function set(states: Int32Array, place: number, state: number): void {
  Atomics.store(states, place, state);
  Atomics.notify(states, place);
}

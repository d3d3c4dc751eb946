import type { Gate, Gatekeeper } from './gates.ts';

/** Asked at each gate (its name, its place from 0): undefined to go on at once, or what the device has to wait for there. */
export type Hold = (gate: string, index: number) => Promise<void> | undefined;

/** How many of the gates passed last are told of a run that failed. */
const TOLD = 12;

/** The keeper of one device's gates: counts them, holds the device at one of them, and remembers what it did. */
export class Keeper implements Gatekeeper {
  readonly #counts = new Map<string, number>();
  readonly #gates: string[] = [];
  readonly #calls: string[] = [];
  readonly #late: string[] = [];
  #isCounting = false;
  #hold: Hold | undefined;
  #isOver = false;
  #moves = 0;

  /** From now on gates are counted, and held as `hold` says. */
  count(hold?: Hold): void {
    this.#isCounting = true;
    this.#hold = hold;
  }

  /** Forgets what was counted, and counts nothing until it is told to. */
  startAnew(): void {
    this.#isCounting = false;
    this.#counts.clear();
    this.#gates.length = 0;
  }

  /** From now on nothing may be written: the engine says that it is closed. */
  over(): void {
    this.#isOver = true;
  }

  pass({ call, when }: Gate): Promise<void> | undefined {
    this.#moves += 1;
    if (!this.#isCounting) return undefined;
    const key = `${when} ${call}`;
    const nth = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, nth);
    const gate = `${key} #${String(nth)}`;
    this.#gates.push(gate);
    return this.#hold?.(gate, this.#gates.length - 1);
  }

  called({ call, writes, hasEffect }: Parameters<Gatekeeper['called']>[0]): void {
    if (hasEffect) this.#calls.push(call);
    if (this.#isOver && writes) this.#late.push(call);
  }

  /** Every gate that was counted, in order. */
  get gates(): readonly string[] {
    return this.#gates;
  }

  /** Every call that had an effect, in order. */
  get calls(): readonly string[] {
    return this.#calls;
  }

  /** What was written after `over`. */
  get late(): readonly string[] {
    return this.#late;
  }

  /** Grows as long as the device does something. */
  get moves(): number {
    return this.#moves;
  }

  get lastGates(): readonly string[] {
    return this.#gates.slice(-TOLD);
  }
}

import { forgetPeak, processTree, readMemory, readTimes } from './proc.ts';

/** Between two looks at the memory of known processes, and between two looks for new ones, in milliseconds. */
const LOOK_EVERY_MS = 40;
const SEARCH_EVERY_MS = 240;

/** What one side of a transfer cost. */
export interface Cost {
  /** Seconds on all processors together. */
  readonly cpuSeconds: number;
  /** The most memory that its processes held, in bytes: the sum of each one's peak; pages that they share count once for each. */
  readonly peakBytes: number;
  /** What they held at rest, before the transfer, if they ran then. */
  readonly idleBytes: number | null;
}

/** Looks at a process and all below it while a transfer runs. */
export class Watch {
  readonly #pid: number;
  readonly #isWrapped: boolean;
  readonly #peaks = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;
  #usedBefore = 0;
  #idleBytes: number | null = null;
  #tree: readonly number[];
  #lastSearch = performance.now();

  /** `isWrapped`: the process itself only waits for what is below it, and does not count. */
  constructor(pid: number, { isWrapped }: { readonly isWrapped: boolean }) {
    this.#pid = pid;
    this.#isWrapped = isWrapped;
    this.#tree = this.#find();
    this.#look();
    this.#timer = setInterval(() => {
      this.#look();
    }, LOOK_EVERY_MS);
  }

  /** What was used until now does not count, and what is held now is what it holds at rest. */
  rest(): void {
    this.#tree = this.#find();
    this.#peaks.clear();
    for (const member of this.#tree) forgetPeak(member);
    this.#usedBefore = this.#used();
    this.#idleBytes = sum(this.#tree.map((member) => readMemory(member)?.now ?? 0));
  }

  /** Ends the looking. `cpuSeconds`: all that was ever used, where all has ended and somebody knows. */
  stop(cpuSeconds = this.#used()): Cost {
    clearInterval(this.#timer);
    this.#look();
    return {
      cpuSeconds: Math.max(0, cpuSeconds - this.#usedBefore),
      peakBytes: sum([...this.#peaks.values()]),
      idleBytes: this.#idleBytes,
    };
  }

  #find(): readonly number[] {
    const tree = processTree(this.#pid);
    return this.#isWrapped ? tree.slice(1) : tree;
  }

  #look(): void {
    const now = performance.now();
    if (now - this.#lastSearch > SEARCH_EVERY_MS || this.#tree.length === 0) {
      this.#tree = this.#find();
      this.#lastSearch = now;
    }
    for (const member of this.#tree) {
      const memory = readMemory(member);
      if (memory !== undefined) this.#peaks.set(member, memory.peak);
    }
  }

  /** What ended before counts in its parent. */
  #used(): number {
    const times = this.#find().map((member) => readTimes(member));
    return sum(times.map((each) => (each === undefined ? 0 : each.own + each.children)));
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

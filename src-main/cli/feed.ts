import type { EngineEvent } from '../../shared/views.ts';
import type { Engine } from '../engine/index.ts';

/** How long a cancelled pairing or transfer may take to say its last word to the other device, in milliseconds. */
const GRACE_MS = 3000;

/** What ends the reading of a feed besides its events. */
export interface Limits<T> {
  readonly signal: AbortSignal;
  /**
   * Called once when `signal` fires, to tell the engine to end what is running. What it gives is the result at once; undefined
   * means to go on until `step` sees the end, but not for long.
   */
  readonly onInterrupt: () => T | undefined;
  /** The result when that end does not come in time. */
  readonly overdue: T;
  /** Called once after so many milliseconds; as with `onInterrupt`, undefined means to go on. */
  readonly deadline?: { readonly after: number; readonly onDeadline: () => T | undefined };
}

/**
 * The engine's events in order, none lost between opening the feed and reading it: a command opens it first and then starts
 * what the events are about, whose id it learns only from the start. It lasts as long as the engine.
 */
export class Feed {
  readonly #backlog: EngineEvent[] = [];
  #listener: (event: EngineEvent) => void;

  constructor(engine: Engine) {
    this.#listener = this.#keep;
    engine.subscribe((event) => {
      this.#listener(event);
    });
  }

  readonly #keep = (event: EngineEvent): void => {
    this.#backlog.push(event);
  };

  /** Hands every event to `step` until it gives a result. Rejects with what `step` throws. */
  async until<T>(step: (event: EngineEvent) => T | undefined, limits: Limits<T>): Promise<T> {
    const { signal, onInterrupt, overdue, deadline } = limits;
    let grace: NodeJS.Timeout | undefined;
    let timer: NodeJS.Timeout | undefined;
    let interrupt: () => void = () => undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        const guarded = (produce: () => T | undefined): void => {
          try {
            const result = produce();
            if (result === undefined) return;
            this.#listener = this.#keep;
            resolve(result);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        };
        this.#listener = (event) => {
          guarded(() => step(event));
        };
        for (const event of this.#backlog.splice(0)) this.#listener(event);
        interrupt = () => {
          guarded(onInterrupt);
          grace = setTimeout(() => {
            resolve(overdue);
          }, GRACE_MS);
        };
        if (deadline !== undefined)
          timer = setTimeout(() => {
            guarded(deadline.onDeadline);
          }, deadline.after);
        if (signal.aborted) interrupt();
        else signal.addEventListener('abort', interrupt);
      });
    } finally {
      this.#listener = this.#keep;
      clearTimeout(grace);
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
    }
  }
}

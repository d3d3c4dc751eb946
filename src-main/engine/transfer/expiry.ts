import type { TransferId } from '../../../shared/views.ts';
import type { Store } from '../store/contract.ts';
import { listJobs } from './jobs.ts';

/** How often it is looked, in ms. */
const LOOK_EVERY_MS = 60 * 60_000;

const DAY_MS = 24 * 60 * 60_000;

export interface ExpiryOptions {
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends an unfinished transfer as expired, unless something is happening to it. */
  readonly end: (id: TransferId) => Promise<void>;
  /** Aborted when everything is being closed. */
  readonly signal: AbortSignal;
}

/**
 * Gives up unfinished transfers to which nothing has happened for as many days as the user has set. A day counts when Sealane has
 * looked in it or since it: a clock that jumps, and a computer that was off, add one day and no more.
 */
export class Expiry {
  readonly #options: ExpiryOptions;
  #looking: Promise<void> | undefined;

  constructor(options: ExpiryOptions) {
    this.#options = options;
  }

  /** Looks now, and from now on every hour. Keeps no process alive. */
  start(): void {
    const { signal } = this.#options;
    if (signal.aborted || this.#looking !== undefined) return;
    const look = (): void => {
      this.#looking = this.#look().catch(() => undefined);
    };
    const timer = setInterval(look, LOOK_EVERY_MS).unref();
    signal.addEventListener('abort', () => {
      clearInterval(timer);
    });
    look();
  }

  /** Resolves once it is not looking. Never rejects. */
  async settled(): Promise<void> {
    await this.#looking;
  }

  /** What cannot be read or ended now is looked at the next time. */
  async #look(): Promise<void> {
    const { store, now, end, signal } = this.#options;
    const ids = (await listJobs(store)).map(({ id }) => id);
    const idle = await store.idle.look(ids, now());
    const { expireAfterDays } = store.settings.get();
    if (expireAfterDays === null) return;
    for (const [id, idleMs] of idle) {
      if (signal.aborted) return;
      if (idleMs >= expireAfterDays * DAY_MS) await end(id).catch(() => undefined);
    }
  }
}

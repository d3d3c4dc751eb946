import type { Descriptor } from './descriptor.ts';
import { destinationError } from './disk.ts';

/** What is held open at most before it must be synced. */
const MAX_QUEUED = 128;

/**
 * Descriptors that wait to be synced and closed. Many are synced at once, so that the file system can settle them with one write
 * of its journal: a sync per file, one after another, is what made others take hours for many small files.
 */
export class SyncQueue {
  #waiting: Descriptor[] = [];
  #settled: Promise<void> = Promise.resolve();

  get length(): number {
    return this.#waiting.length;
  }

  get isFull(): boolean {
    return this.#waiting.length >= MAX_QUEUED;
  }

  /** Takes it over. */
  add(descriptor: Descriptor): void {
    this.#waiting.push(descriptor);
  }

  /**
   * Syncs and closes what waits now, and waits for earlier calls too. Rejects with `no-space` or `destination-unusable` when
   * anything did not reach the disk, now or earlier: what is lost once stays lost.
   */
  flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#settled = settle([this.#settled, ...batch.map(syncAndClose)]);
    // Whoever does not wait for this call is told by the next one.
    this.#settled.catch(() => undefined);
    return this.#settled;
  }

  /** Closes what waits without syncing it; what a running `flush` has taken it closes itself. */
  abandon(): void {
    for (const descriptor of this.#waiting) descriptor.close();
    this.#waiting = [];
  }
}

async function syncAndClose(descriptor: Descriptor): Promise<void> {
  try {
    await descriptor.sync();
  } finally {
    descriptor.close();
  }
}

/** Resolves or rejects once all have, so that no descriptor is in use any more. */
async function settle(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') throw destinationError(result.reason);
  }
}

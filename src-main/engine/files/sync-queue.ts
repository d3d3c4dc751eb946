import { closeSync } from 'node:fs';
import { destinationError, errnoOf } from './disk.ts';
import type { Disk } from './disk.ts';

/** What is held open at most before it must be synced; also bounds what a power cut can take. */
const MAX_QUEUED = 128;
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** What a file system says that cannot sync this kind of thing; there is nothing to wait for then. */
const UNSUPPORTED = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * Descriptors that wait to be synced and closed. Many are synced at once, so that the file system can settle them with one write
 * of its journal: a sync per file, one after another, is what made others take hours for many small files.
 */
export class SyncQueue {
  readonly #disk: Disk;
  #waiting: number[] = [];
  #bytes = 0;
  #settled: Promise<void> = Promise.resolve();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  get isFull(): boolean {
    return this.#waiting.length >= MAX_QUEUED || this.#bytes >= MAX_QUEUED_BYTES;
  }

  /** Takes over `fd`, behind which `bytes` are unsynced. */
  add(fd: number, bytes: number): void {
    this.#waiting.push(fd);
    this.#bytes += bytes;
  }

  /**
   * Syncs and closes what waits now, and waits for earlier calls too. Rejects with `no-space` or `destination-unusable` when
   * anything did not reach the disk, now or earlier: what is lost once stays lost.
   */
  flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    this.#settled = settle([this.#settled, ...batch.map((fd) => this.#syncAndClose(fd))]);
    // Whoever does not wait for this call is told by the next one.
    this.#settled.catch(() => undefined);
    return this.#settled;
  }

  /** Closes what waits without syncing it; what a running `flush` has taken it closes itself. */
  abandon(): void {
    for (const fd of this.#waiting) closeSync(fd);
    this.#waiting = [];
    this.#bytes = 0;
  }

  async #syncAndClose(fd: number): Promise<void> {
    try {
      await this.#disk.sync(fd);
    } catch (error) {
      if (!UNSUPPORTED.includes(errnoOf(error))) throw error;
    } finally {
      closeSync(fd);
    }
  }
}

/** Resolves or rejects once all have, so that no descriptor is in use any more. */
async function settle(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') throw destinationError(result.reason);
  }
}

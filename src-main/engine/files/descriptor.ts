import { closeSync } from 'node:fs';
import { errnoOf } from './disk.ts';
import type { Disk } from './disk.ts';

/** What a file system says that cannot sync this kind of thing; there is nothing to wait for then. */
const UNSUPPORTED = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * An open file or folder that is synced in another thread while this one goes on. Closed in the middle of that, its number could be
 * another file's before the system comes to it: so it is closed when the last sync is through.
 */
export class Descriptor {
  readonly fd: number;
  readonly #disk: Disk;
  readonly #device: number | undefined;
  #syncs = 0;
  #isWanted = true;

  /** Takes over `fd`. `device`: on which it lies, where that is known; asked for otherwise. */
  constructor(fd: number, disk: Disk, device?: number) {
    this.fd = fd;
    this.#disk = disk;
    this.#device = device;
  }

  /** Resolves once what was written so far would survive a power cut. Rejects with a system error. Not after `close`. */
  async sync(): Promise<void> {
    this.#syncs += 1;
    try {
      await this.#disk.sync(this.fd, this.#device);
    } catch (error) {
      if (!UNSUPPORTED.includes(errnoOf(error))) throw error;
    } finally {
      this.#syncs -= 1;
      this.#closeUnused();
    }
  }

  /** Idempotent. */
  close(): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#closeUnused();
  }

  #closeUnused(): void {
    if (!this.#isWanted && this.#syncs === 0) closeSync(this.fd);
  }
}

import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import type { TransferId } from '../../../shared/views.ts';
import { makeFolder, writeDurably } from './durable-file.ts';
import { inProfile, systemCode } from './failure.ts';
import { tryLockFile } from './file-lock.ts';
import type { FileLock } from './file-lock.ts';

class Claim {
  readonly id: TransferId;
  readonly #folder: string;
  readonly #lock: FileLock;
  #writes: Promise<unknown> = Promise.resolve();
  #released: Promise<void> | undefined;

  constructor(id: TransferId, folder: string, lock: FileLock) {
    this.id = id;
    this.#folder = folder;
    this.#lock = lock;
  }

  /** The transfer's folder in the profile. Throws `interrupted` once the claim was released. */
  get folder(): string {
    if (this.#released !== undefined) throw new SealaneError('interrupted', { detail: 'claim-released' });
    return this.#folder;
  }

  /**
   * Replaces a file of the folder; it is on disk when this resolves. One write at a time, in the order of the
   * calls. Throws `profile-unusable`, and `interrupted` once the claim was released.
   */
  async write(name: string, text: string): Promise<void> {
    const file = join(this.folder, name);
    const written = this.#writes.then(() => inProfile(() => writeDurably([file], text)));
    this.#writes = written.catch(() => undefined);
    await written;
  }

  /** Removes a file of the folder, if it is there. Throws `profile-unusable`, and `interrupted` once the claim was released. */
  async remove(name: string): Promise<void> {
    const file = join(this.folder, name);
    const removed = this.#writes.then(() => inProfile(() => rm(file, { force: true })));
    this.#writes = removed.catch(() => undefined);
    await removed;
  }

  /**
   * Releases the transfer, for others to go on with. A folder in which nothing is kept goes. Idempotent;
   * never rejects.
   */
  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  /**
   * Removes the folder with all that is in it, and releases the transfer, also where that fails. Throws
   * `profile-unusable`.
   */
  async discard(): Promise<void> {
    const { folder } = this;
    try {
      await this.#writes;
      await inProfile(() => rm(folder, { recursive: true, force: true }));
    } finally {
      await this.release();
    }
  }

  async #release(): Promise<void> {
    await this.#writes;
    const hasGone = await rmdir(this.#folder).then(
      () => true,
      (error: unknown) => systemCode(error) === 'ENOENT',
    );
    // The lock's file goes last, and while the lock is held: no other claim can have made a folder, or
    // another lock, meanwhile.
    if (hasGone) await rm(lockFileOf(this.#folder), { force: true }).catch(() => undefined);
    await this.#lock.release();
  }
}

/**
 * The right to work on one transfer: only its holder writes or removes what the profile keeps of it. No other
 * process, and no other engine of this one, has a claim on the same transfer at the same time: it holds a
 * lock of the kernel, which ends with the process. Only `claimTransfer` makes one, and everything that acts
 * on a transfer demands one.
 */
export type TransferClaim = Claim;

/** What the name of a transfer's lock ends with, behind that of its folder. */
export const LOCK_SUFFIX = '.lock';

/** Beside the folder and not in it, so that it is held while the folder is made and while it is removed. */
function lockFileOf(folder: string): string {
  return `${folder}${LOCK_SUFFIX}`;
}

/**
 * Claims a transfer, and makes its folder (0700) below `transfers` when absent. Resolves with undefined while
 * another claim on it is held. What was read of the transfer before is to be read again: another holder may
 * have changed or ended it. Throws `profile-unusable`.
 */
export function claimTransfer(transfers: string, id: TransferId): Promise<TransferClaim | undefined> {
  const folder = join(transfers, id);
  return inProfile(async () => {
    await makeFolder(transfers);
    const lock = await tryLockFile(lockFileOf(folder));
    if (lock === undefined) return undefined;
    try {
      await makeFolder(folder);
      return new Claim(id, folder, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  });
}

import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import fsNativeExtensions from 'fs-native-extensions';
import { systemCode } from './failure.ts';

/**
 * A lock on a file that the kernel keeps for as long as this process has the file open. It excludes other
 * processes and other locks of this process alike, and ends with the process, however that ends: neither a
 * clock nor the number of a process says whether it is still held. Only `tryLockFile` makes one.
 */
class HeldLock {
  readonly #handle: FileHandle;
  #closed: Promise<void> | undefined;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  get isHeld(): boolean {
    return this.#closed === undefined;
  }

  /**
   * Gives the lock back. Idempotent; never rejects, since closing gives it back even where it reports an
   * error.
   */
  release(): Promise<void> {
    this.#closed ??= this.#handle.close().catch(() => undefined);
    return this.#closed;
  }
}

export type FileLock = HeldLock;

/**
 * Locks `file`, which is made (0600, empty) when absent. Resolves with undefined while another lock on it is
 * held. Rejects with what the file system says.
 */
export async function tryLockFile(file: string): Promise<FileLock | undefined> {
  for (;;) {
    const handle = await open(file, 'a', 0o600);
    let lock: HeldLock | undefined;
    try {
      if (!fsNativeExtensions.tryLock(handle.fd)) return undefined;
      // The holder before may have removed the file: then the lock is on a file that the next one will not
      // find here.
      if (await isStillAt(handle, file)) lock = new HeldLock(handle);
    } finally {
      if (lock === undefined) await handle.close();
    }
    if (lock !== undefined) return lock;
  }
}

async function isStillAt(handle: FileHandle, file: string): Promise<boolean> {
  try {
    const [locked, there] = [await handle.stat({ bigint: true }), await stat(file, { bigint: true })];
    return locked.dev === there.dev && locked.ino === there.ino;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

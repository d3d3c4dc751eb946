import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SealaneError } from '../../../shared/errors.ts';
import { tryLockFile } from './file-lock.ts';
import type { FileLock } from './file-lock.ts';

/** In the profile's folder; empty, and never removed. */
export const LOCK_FILE = 'profile.lock';

const RETRY_MS = 10;
const GIVE_UP_MS = 30_000;

export interface ProfileLock {
  /**
   * Runs `task` when everything asked before is done and no other process is at it. Throws `profile-unusable`
   * when another process keeps the lock for half a minute.
   */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Resolves once everything asked before is done, however it ended. */
  idle(): Promise<void>;
}

/**
 * Waits for the lock of the profile in this folder. Throws `profile-unusable` when another process keeps it
 * for half a minute, and what the file system says where no lock can be had.
 */
export async function acquireLock(profile: string): Promise<FileLock> {
  const giveUp = performance.now() + GIVE_UP_MS;
  for (;;) {
    const lock = await tryLockFile(join(profile, LOCK_FILE));
    if (lock !== undefined) return lock;
    if (performance.now() > giveUp) throw new SealaneError('profile-unusable', { detail: 'locked' });
    // At random, so that waiting processes do not keep step.
    await delay(RETRY_MS * (0.5 + Math.random()));
  }
}

async function runLocked<T>(profile: string, task: () => Promise<T>): Promise<T> {
  const lock = await acquireLock(profile);
  try {
    return await task();
  } finally {
    await lock.release();
  }
}

/**
 * One change at a time on a profile, over all processes and within this one. A process has one of these per
 * opened store; they exclude one another like processes do.
 */
export function createLock(profile: string): ProfileLock {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const result = last.then(() => runLocked(profile, task));
      last = result.catch(() => undefined);
      return result;
    },
    async idle() {
      await last;
    },
  };
}

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { SealaneError } from '../../../shared/errors.ts';
import { systemCode } from './failure.ts';

/**
 * One change at a time on a profile, over all processes and within this one. A lock that its holder left behind (it was killed) is
 * taken over once it is stale. That takeover is not atomic in proper-lockfile (its issue 121), and a holder that slept may wake up
 * after it: so each holder also leaves a mark, and right before a change takes effect it makes sure that the mark is still its own.
 */

/** A holder keeps its lock fresh every second; one that did not for this long is gone. The mark covers those that come back. */
const STALE_MS = 3_000;
const RETRY_MS = 10;
const GIVE_UP_MS = 30_000;

/** Throws when the lock was lost; to be called right before something takes effect. */
export type AssertHeld = () => Promise<void>;

export interface ProfileLock {
  /**
   * Runs `task` when everything asked before is done and no other process is at it. Runs it again when the lock was lost before
   * the task took effect. Throws `profile-unusable` when another process keeps the lock for half a minute.
   */
  run<T>(task: (assertHeld: AssertHeld) => Promise<T>): Promise<T>;
  /** Resolves once everything asked before is done, however it ended. */
  idle(): Promise<void>;
}

class LockLost extends Error {}

async function acquire(profile: string): Promise<() => Promise<void>> {
  const giveUp = performance.now() + GIVE_UP_MS;
  for (;;) {
    try {
      return await lock(profile, {
        lockfilePath: join(profile, 'store.lock'),
        realpath: false,
        stale: STALE_MS,
        update: 1_000,
        // The mark decides.
        onCompromised: () => undefined,
      });
    } catch (error) {
      if (systemCode(error) !== 'ELOCKED') throw error;
      if (performance.now() > giveUp) throw new SealaneError('profile-unusable', { detail: 'locked' });
    }
    // At random, so that waiting processes do not keep step.
    await delay(RETRY_MS * (0.5 + Math.random()));
  }
}

async function runLocked<T>(profile: string, task: (assertHeld: AssertHeld) => Promise<T>): Promise<T> {
  for (;;) {
    const release = await acquire(profile);
    try {
      const markFile = join(profile, 'store.holder');
      const mark = randomBytes(16).toString('hex');
      await writeFile(markFile, mark, { mode: 0o600 });
      return await task(async () => {
        if ((await readFile(markFile, 'utf8')) !== mark) throw new LockLost();
      });
    } catch (error) {
      if (!(error instanceof LockLost)) throw error;
    } finally {
      // It fails when the lock was lost, and then there is nothing to release.
      await release().catch(() => undefined);
    }
  }
}

/** The lock of the profile in this folder. A process has one per opened store; they exclude one another like processes do. */
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

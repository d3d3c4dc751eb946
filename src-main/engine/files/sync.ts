import { fstatSync, fsync, fsyncSync } from 'node:fs';
import { promisify } from 'node:util';

/** A sync that takes longer than this, in ms, would have been better off in another thread. */
const SLOW_MS = 0.1;

/** What a slow sync counts, against the one that a quick sync counts the other way: a thread that was interrupted looks slow, too. */
const SLOW_WEIGHT = 8;

/** From here on a file system is known to be slow. */
const TOO_SLOW = 3 * SLOW_WEIGHT;

/** No thread is interrupted for this long, in ms: once is enough. */
const LONG_MS = 20;

export interface SyncCalls {
  /** Syncs at once, in this thread. */
  readonly here: (fd: number) => void;
  /** Syncs in another thread. */
  readonly elsewhere: (fd: number) => Promise<void>;
  /** Which file system it lies on. */
  readonly deviceOf: (fd: number) => number;
  /** In ms. */
  readonly now: () => number;
}

const SYSTEM: SyncCalls = {
  here: fsyncSync,
  elsewhere: promisify(fsync),
  deviceOf: (fd) => fstatSync(fd).dev,
  now: () => performance.now(),
};

/**
 * A sync (see `Disk.sync`) in whichever thread is the right one. Most disks take milliseconds, in which this thread has better things to
 * do. A file system in memory takes less than a microsecond, and handing that over to another thread costs ten times as much.
 */
export function createSync(calls: SyncCalls = SYSTEM): (fd: number, device?: number) => Promise<void> {
  const { here, elsewhere, deviceOf, now } = calls;
  /** How slow each file system has been. */
  const slowness = new Map<number, number>();
  return async (fd, device = deviceOf(fd)) => {
    const before = slowness.get(device) ?? 0;
    if (before >= TOO_SLOW) return elsewhere(fd);
    const start = now();
    here(fd);
    const took = now() - start;
    if (took > LONG_MS) slowness.set(device, TOO_SLOW);
    else slowness.set(device, took > SLOW_MS ? before + SLOW_WEIGHT : Math.max(0, before - 1));
  };
}

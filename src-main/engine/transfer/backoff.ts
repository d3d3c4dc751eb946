/** The wait before the first new attempt; each further one is twice as long. Milliseconds. */
const FIRST_WAIT_MS = 500;

/** The longest wait: with its jitter, and the dialling after it, a peer that is back is found within ten seconds. */
const LONGEST_WAIT_MS = 6_000;

/** Waits differ by up to this share, so that two devices do not keep missing each other. */
const JITTER = 0.25;

/**
 * Exponential back-off with jitter. `attempt` counts failures in a row from 0; `random` is uniform in [0, 1). Gives whole milliseconds.
 */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10));
  return Math.round(wait * (1 - JITTER + 2 * JITTER * random()));
}

// `node --import probe.mjs PROGRAM`: how late the main thread's event loop comes while a program runs, written as JSON to
// the file named by SEALANE_BENCH_PROBE when the process ends. Costs nothing where it is not asked for: it is not there.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** Looking every millisecond takes a twentieth of a small transfer's speed. */
const RESOLUTION_MS = 5;

/**
 * The delay beyond the timer that looks, in milliseconds.
 *
 * @param {ReturnType<typeof monitorEventLoopDelay>} histogram
 */
export const p99Of = (histogram) => Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS);

/** Begins to look. */
export function startProbe() {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return histogram;
}

const file = process.env['SEALANE_BENCH_PROBE'];
// Worker threads are started with the same options.
if (file !== undefined && isMainThread) {
  const histogram = startProbe();
  // Loading the program is no part of a transfer, in milliseconds.
  setTimeout(
    () => {
      histogram.reset();
    },
    Number(process.env['SEALANE_BENCH_PROBE_AFTER'] ?? 0),
  ).unref();
  process.on('exit', () => {
    writeFileSync(file, JSON.stringify({ loopDelayMs: p99Of(histogram) }));
  });
}

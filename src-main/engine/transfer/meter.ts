import type { Progress } from '../../../shared/views.ts';

/** The speed that is shown is that of the last few seconds. */
const WINDOW_MS = 4_000;

/** Samples closer together than this replace each other, so that the window stays small at any rate of reports. */
const SAMPLE_SPACING_MS = 100;

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** Speed and time left from a series of byte counts. The clock is given by the caller, in milliseconds, and only moves forward. */
export class Meter {
  readonly #totalBytes: number;
  readonly #samples: Sample[];

  constructor(totalBytes: number, now: number, bytes = 0) {
    this.#totalBytes = totalBytes;
    this.#samples = [{ at: now, bytes }];
  }

  /** Takes the counts as of `now` and gives them with speed and time left. */
  progress(bytes: number, files: number, now: number): Progress {
    const samples = this.#samples;
    const last = samples.at(-1);
    if (last !== undefined && samples.length > 1 && now - last.at < SAMPLE_SPACING_MS) samples.pop();
    samples.push({ at: now, bytes });
    while (samples.length > 2 && now - (samples[1]?.at ?? now) > WINDOW_MS) samples.shift();
    const first = samples[0] ?? { at: now, bytes };
    const elapsed = now - first.at;
    const bytesPerSecond = elapsed > 0 ? ((bytes - first.bytes) / elapsed) * 1000 : 0;
    const bytesLeft = Math.max(0, this.#totalBytes - bytes);
    return {
      bytes,
      files,
      bytesPerSecond,
      secondsLeft: bytesPerSecond > 0 ? bytesLeft / bytesPerSecond : null,
    };
  }
}

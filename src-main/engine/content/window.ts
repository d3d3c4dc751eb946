import { MAX_WINDOW_BYTES, MIN_WINDOW_BYTES, WINDOW_DIVISOR } from '../../../shared/limits.ts';

/** How many bytes of a transfer of `totalBytes` may be on their way, or received and not yet safe. */
export function windowBytes(totalBytes: number): number {
  return Math.min(MAX_WINDOW_BYTES, Math.max(MIN_WINDOW_BYTES, Math.floor(totalBytes / WINDOW_DIVISOR)));
}

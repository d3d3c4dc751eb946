/** How often everything may be counted: each time that a connection is lost, all that changed meanwhile is counted once more. */
export const MAX_TIMES = 8;

/** Files may grow while a transfer is interrupted: together to twice what was agreed to and this much more, in bytes. */
const GROWTH_BYTES = 16 * 1024 * 1024;

/** The most that may lie in the destination in the end, in bytes, where `bytes` were agreed to. */
export function maxGrown(bytes: number): number {
  return bytes * 2 + GROWTH_BYTES;
}

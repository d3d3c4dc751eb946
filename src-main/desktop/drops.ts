import { randomBytes } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { dropHandleSchema, type DropAnswer, type DropHandle } from '../../shared/ipc.ts';

/**
 * Paths of what was dropped on the page. The preload reads them from the browser's own File objects and they come to rest here,
 * behind a random handle that is good for one send. The page never sees or names a path.
 */

/** Room for drops that were never sent; beyond it the oldest goes. */
export const MAX_DROPS = 16;
/** How long a drop waits to be sent, in milliseconds. */
export const DROP_LIFETIME_MS = 10 * 60_000;
/** Top-level files and folders in one drop; the sentence of `drop-too-large` names it. */
export const MAX_DROP_PATHS = 100_000;
/** Longer than any path the systems allow (Windows: 32,767). */
const MAX_PATH_CHARACTERS = 32_767;

const pathSchema = z
  .string()
  .max(MAX_PATH_CHARACTERS)
  .refine((path) => isAbsolute(path) && !path.includes('\0'));
const pathsSchema = z.array(pathSchema).min(1);

export interface Drops {
  /**
   * Keeps the paths the preload found and gives their handle. `drop-foreign` when they are not a list of absolute paths, every one
   * of them: none is left out in silence. `drop-too-large` when there are more than MAX_DROP_PATHS.
   */
  register(paths: unknown): DropAnswer;
  /** The paths behind a handle, once; undefined when there are none (any more). */
  take(handle: DropHandle): readonly string[] | undefined;
}

/** `now` gives milliseconds on any clock that does not jump. */
export function createDrops(now: () => number): Drops {
  // A Map keeps its order: the oldest comes first.
  const kept = new Map<DropHandle, { readonly paths: readonly string[]; readonly expires: number }>();

  function removeExpired(): void {
    for (const [handle, { expires }] of kept) {
      if (expires > now()) return;
      kept.delete(handle);
    }
  }

  return {
    register(paths) {
      if (Array.isArray(paths) && paths.length > MAX_DROP_PATHS) return 'drop-too-large';
      const parsed = pathsSchema.safeParse(paths);
      if (!parsed.success) return 'drop-foreign';
      removeExpired();
      const oldest = kept.keys().next();
      if (kept.size >= MAX_DROPS && !oldest.done) kept.delete(oldest.value);
      const handle = dropHandleSchema.parse(randomBytes(16).toString('hex'));
      kept.set(handle, { paths: parsed.data, expires: now() + DROP_LIFETIME_MS });
      return handle;
    },
    take(handle) {
      removeExpired();
      const drop = kept.get(handle);
      kept.delete(handle);
      return drop?.paths;
    },
  };
}

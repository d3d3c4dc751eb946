import { opendirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** How often is looked for the first byte, in milliseconds. */
const LOOK_EVERY_MS = 3;

/** What programs keep beside the content. */
const NOT_CONTENT = new Set(['folders', 'journal']);

/** Waits for the first byte in any file below `folder`. */
export class Arrival {
  readonly #folder: string;
  readonly #timer: NodeJS.Timeout;
  #at: number | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.#timer = setInterval(() => {
      if (!hasContent(this.#folder, 6)) return;
      this.#at = performance.now();
      clearInterval(this.#timer);
    }, LOOK_EVERY_MS);
    // A transfer that fails leaves it behind.
    this.#timer.unref();
  }

  /** When it was there, on the clock of performance.now(); of what came between two looks, the end of both sides. */
  stop(end: number): number {
    clearInterval(this.#timer);
    return Math.min(this.#at ?? end, end);
  }
}

/** Looks at few names: in a folder that is being filled the first ones are enough. */
function hasContent(folder: string, depth: number): boolean {
  try {
    const directory = opendirSync(folder, { bufferSize: 8 });
    try {
      let looked = 0;
      for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
        const path = join(folder, entry.name);
        if (entry.isDirectory() && depth > 0 && hasContent(path, depth - 1)) return true;
        if (entry.isFile() && !NOT_CONTENT.has(entry.name) && statSync(path).size > 0) return true;
        looked += 1;
        if (looked === 16) return false;
      }
      return false;
    } finally {
      directory.closeSync();
    }
  } catch {
    return false;
  }
}

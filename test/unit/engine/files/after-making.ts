import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { onTestFinished } from 'vitest';

/**
 * Calls `work` once, between the next time that this process makes a folder called `name` and whatever it
 * does then. The call is real.
 */
export function afterMaking(name: string, work: () => void): void {
  const { mkdirSync: make } = fs;
  const restore = (): void => {
    Object.assign(fs, { mkdirSync: make });
    syncBuiltinESMExports();
  };
  onTestFinished(restore);
  const making = (...args: Parameters<typeof make>): string | undefined => {
    const made = make(...args);
    if (String(args[0]).endsWith(`/${name}`)) {
      restore();
      work();
    }
    return made;
  };
  Object.assign(fs, { mkdirSync: making });
  syncBuiltinESMExports();
}

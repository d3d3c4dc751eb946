import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MAX_DROP_PATHS } from './drops.ts';

/**
 * Files and folders that the system hands to the app: "Open with", "Send to", dropped on its icon. They wait here until the
 * user can be asked where they are to go; nothing is ever sent because somebody opened something.
 */

function pathOf(argument: string): string | undefined {
  if (argument.startsWith('-') || argument.includes('\0')) return undefined;
  if (!argument.startsWith('file:')) return isAbsolute(argument) ? argument : undefined;
  try {
    return fileURLToPath(argument);
  } catch {
    // On another machine, or no path of this system.
    return undefined;
  }
}

/**
 * The paths on a command line, in their order and each once. The program's own name comes first and is left out, and so
 * are switches and links. File managers name things absolutely, or by `file:` addresses.
 */
export function findOpenedPaths(argv: readonly string[]): readonly string[] {
  const paths = argv.slice(1).flatMap((argument) => pathOf(argument) ?? []);
  return [...new Set(paths)].slice(0, MAX_DROP_PATHS);
}

export interface OpenedFiles {
  receive(paths: readonly string[]): void;
  /** From now on there is somebody to ask: what waits is handed over, and what comes later at once. */
  open(deliver: (paths: readonly string[]) => void): void;
}

export function createOpenedFiles(): OpenedFiles {
  let waiting: readonly string[] = [];
  let deliver: ((paths: readonly string[]) => void) | undefined;

  function handOver(): void {
    if (deliver === undefined || waiting.length === 0) return;
    const paths = waiting;
    waiting = [];
    deliver(paths);
  }

  return {
    receive(paths) {
      // macOS hands over one file after the other.
      waiting = [...new Set([...waiting, ...paths])].slice(0, MAX_DROP_PATHS);
      handOver();
    },
    open(to) {
      deliver = to;
      handOver();
    },
  };
}

import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { makeFolder } from '../support/made-folder.ts';
import { formatBytes, formatPercent } from '../../shared/format.ts';
import { DemoError } from './demo-error.ts';
import type { DemoOptions } from './options.ts';
import type { Screen } from './screen.ts';
import { checkSpace, measure } from './space.ts';

const LARGE_FILE_BYTES = 250_000_000;
const SMALL_FILES = 2000;
/** What the made folder comes to. */
const MADE_BYTES = 300_000_000;

/** The names of the two devices. */
export const SENDER = 'Desk';
export const RECEIVER = 'Laptop';

/** The folders of one run. */
export interface Workspace {
  /** What is sent. */
  readonly source: string;
  /** Where it arrives. */
  readonly received: string;
  /** The folder of a device of this name. */
  readonly profile: (name: string) => string;
  /** Removes everything; what was received only when `received` is true. */
  readonly remove: (parts: { readonly received: boolean }) => Promise<void>;
}

/** Checks what is to be sent and the room for it, and makes the folders. Throws DemoError. */
export async function openWorkspace({ path }: DemoOptions): Promise<Workspace> {
  if (path !== undefined) await checkSource(path);
  const bytes = path === undefined ? 2 * MADE_BYTES : await measure(path);
  await checkSpace(tmpdir(), bytes);
  // With a space, as many people's folders have.
  const root = await mkdtemp(join(tmpdir(), 'Sealane demo '));
  if (path !== undefined && isWithin(await realpath(root), await realpath(path))) {
    await rm(root, { recursive: true });
    throw new DemoError(
      `What is received would end up inside of ${path} itself. Name another folder for it: TMPDIR=/another/folder npm run demo`,
    );
  }
  const received = join(root, 'Received');
  await mkdir(received);
  const removeAll = (): void => {
    rmSync(root, { recursive: true, force: true });
  };
  // Whoever drives windows ends the process himself on Ctrl-C, and waits for nobody.
  process.on('exit', removeAll);
  return {
    source: path ?? join(root, 'Holiday'),
    received,
    profile: (name) => join(root, `Profile of ${name}`),
    remove: async (parts) => {
      const others = ['Holiday', `Profile of ${SENDER}`, `Profile of ${RECEIVER}`].map((name) =>
        join(root, name),
      );
      for (const place of parts.received ? [root] : others)
        await rm(place, { recursive: true, force: true, maxRetries: 3 });
      process.off('exit', removeAll);
    },
  };
}

/** Makes the folder that is sent when no other was named. */
export async function makeSource(workspace: Workspace, screen: Screen, signal: AbortSignal): Promise<void> {
  screen.step('A folder to send');
  await makeFolder(workspace.source, {
    largeBytes: LARGE_FILE_BYTES,
    smallFiles: SMALL_FILES,
    signal,
    onProgress: (bytes) => {
      screen.progress(() => `Writing it: ${formatPercent(bytes, MADE_BYTES)}, ${formatBytes(bytes)}`);
    },
  });
  screen.say(
    `Made: one file of ${formatBytes(LARGE_FILE_BYTES)}, 2,000 small ones, nested and empty folders, names in many scripts, an executable.`,
  );
}

async function checkSource(path: string): Promise<void> {
  try {
    await stat(path);
  } catch {
    throw new DemoError(`There is nothing at ${path}, or it cannot be read.`, 2);
  }
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : `${outer}${sep}`);
}

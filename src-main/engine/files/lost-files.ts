import { lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { SealaneError } from '../../../shared/errors.ts';
import { errnoOf } from './disk.ts';
import type { EntryLog, KeptFile } from './entry-log.ts';
import { markFolder, openAnchor } from './folder-mark.ts';
import type { Anchor } from './folder-mark.ts';
import type { FolderTree } from './folder-tree.ts';

/** Looked at without a pause: a few milliseconds. */
const FILES_AT_ONCE = 512;

/**
 * Tells which of the files that are kept are no longer there, or not of their size: something on this computer has
 * taken them away or cut them, as a virus scanner does. Of one that was cut, what is there is removed: it must not
 * pass for the file. Never more than one folder is held. `check` is called after each pause, and throws to stop.
 * Throws `destination-changed` where something else stands under a name, and system errors.
 */
export async function findLost(
  entries: EntryLog,
  tree: Pick<FolderTree, 'locate'>,
  { onLost, check }: { readonly onLost: (lost: KeptFile) => void; readonly check: () => void },
): Promise<void> {
  for (const found of look(entries, tree)) {
    if (found === 'pause') {
      await setImmediate();
      check();
    } else onLost(found);
  }
}

/**
 * The same without a pause, where what is not there may have been moved before. `isPassed`: whether what lies below
 * this top-level name is not looked at.
 */
export function findLostNow(
  entries: EntryLog,
  tree: Pick<FolderTree, 'locate'>,
  options: {
    readonly onLost: (lost: KeptFile) => void;
    readonly hasMoved: (file: KeptFile) => boolean;
    readonly isPassed: (top: string) => boolean;
  },
): void {
  for (const found of look(entries, tree, options.isPassed)) {
    if (found !== 'pause' && !options.hasMoved(found)) options.onLost(found);
  }
}

/** Gives what is not there, and where a pause may be made. */
function* look(
  entries: EntryLog,
  tree: Pick<FolderTree, 'locate'>,
  isPassed: (top: string) => boolean = () => false,
): Generator<KeptFile | 'pause', void, undefined> {
  let held: HeldFolder | undefined;
  let looked = 0;
  try {
    for (const file of entries.kept()) {
      if (isPassed(file.names[0] ?? '')) continue;
      const parents = file.names.slice(0, -1);
      if (held?.is(parents) !== true) {
        held?.close();
        held = HeldFolder.open(parents, tree);
      }
      if (!isThere(file, held)) yield file;
      looked += 1;
      if (looked % FILES_AT_ONCE !== 0) continue;
      // A folder is not held over a pause in which others have their turn.
      held.close();
      held = undefined;
      yield 'pause';
    }
  } finally {
    held?.close();
  }
}

function isThere({ names, size }: KeptFile, { path: folder }: HeldFolder): boolean {
  if (folder === null) return false;
  const path = join(folder, names.at(-1) ?? '');
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  if (!stats.isFile())
    throw new SealaneError('destination-changed', { detail: 'no file where there was one' });
  if (stats.size === size) return true;
  unlinkSync(path);
  return false;
}

/** The folder that was looked into last. */
class HeldFolder {
  /** Null where it is gone. */
  readonly path: string | null;
  readonly #names: readonly string[];
  readonly #anchor: Anchor | null;

  private constructor(names: readonly string[], path: string | null, anchor: Anchor | null) {
    this.path = path;
    this.#names = names;
    this.#anchor = anchor;
  }

  static open(names: readonly string[], tree: Pick<FolderTree, 'locate'>): HeldFolder {
    try {
      const path = tree.locate(names);
      // The tree itself is held by whoever publishes it.
      if (names.length === 0) return new HeldFolder(names, path, null);
      const anchor = openAnchor(markFolder(path));
      return new HeldFolder(names, anchor.path, anchor);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      return new HeldFolder(names, null, null);
    }
  }

  is(names: readonly string[]): boolean {
    return names.length === this.#names.length && names.every((name, at) => name === this.#names[at]);
  }

  close(): void {
    this.#anchor?.close();
  }
}

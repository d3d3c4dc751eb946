import { opendirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { markFolder, openAnchor } from './folder-mark.ts';
import type { PathSet } from './path-set.ts';

/** What is remembered at most of what is to be removed from one folder before it is removed. */
const BATCH = 4096;

/** What stays, both sealed. */
export interface KeptPaths {
  readonly files: PathSet;
  readonly folders: PathSet;
}

/**
 * Removes everything below `base` (an anchored path) that is not in `kept`, and ticks off what is. Follows
 * no link, and throws `destination-changed` where something else stands under a kept name, a link above
 * all. Throws system errors.
 */
export function prune(base: string, kept: KeptPaths): void {
  pruneFolder(base, [], kept);
}

function pruneFolder(path: string, names: readonly string[], kept: KeptPaths): void {
  for (let pass = 1; ; pass++) {
    const unknown = sort(path, names, kept, pass === 1);
    for (const each of unknown) remove(path, each);
    if (unknown.length < BATCH) return;
  }
}

interface Unknown {
  readonly name: string;
  readonly isFolder: boolean;
}

/** What is to be removed from one folder, up to a batch; goes into those below it only when `deep`. */
function sort(path: string, names: readonly string[], kept: KeptPaths, deep: boolean): readonly Unknown[] {
  const unknown: Unknown[] = [];
  const directory = opendirSync(path);
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      const below = [...names, entry.name];
      const [isFolder, isFile] = [entry.isDirectory(), entry.isFile()];
      const isKnownFile = kept.files.find('file', below);
      if (isKnownFile || kept.folders.find('folder', below)) {
        if (isKnownFile ? !isFile : !isFolder) {
          throw new SealaneError('destination-changed', { detail: 'something else under a known name' });
        }
        if (isFolder && deep) pruneBelow(join(path, entry.name), below, kept);
      } else if (unknown.length < BATCH) unknown.push({ name: entry.name, isFolder });
    }
  } finally {
    directory.closeSync();
  }
  return unknown;
}

function pruneBelow(path: string, names: readonly string[], kept: KeptPaths): void {
  const anchor = openAnchor(markFolder(path));
  try {
    pruneFolder(anchor.path, names, kept);
  } finally {
    anchor.close();
  }
}

function remove(folder: string, { name, isFolder }: Unknown): void {
  const path = join(folder, name);
  if (isFolder) rmSync(path, { recursive: true, force: true });
  else unlinkSync(path);
}

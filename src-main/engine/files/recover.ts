import { constants, fstatSync, ftruncateSync, lstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { Descriptor } from './descriptor.ts';
import { NO_FOLLOW, NO_WAIT } from './disk.ts';
import type { Disk } from './disk.ts';
import type { EntryLog } from './entry-log.ts';
import type { FolderTree } from './folder-tree.ts';
import type { NewerVersions } from './newer-versions.ts';
import type { PathSet } from './path-set.ts';
import { prune } from './prune.ts';
import type { PartialFile } from './staging.ts';

/** What is in a staging folder. */
export interface StagingContent {
  /** Of the tree, anchored. */
  readonly base: string;
  readonly tree: FolderTree;
  readonly newer: NewerVersions;
  readonly entries: EntryLog;
  readonly disk: Disk;
}

/** A file that was found unfinished, cut to what counts and open for what follows. */
export interface FoundFile {
  readonly state: PartialFile;
  readonly descriptor: Descriptor;
  readonly path: string;
}

export interface Recovered {
  /** Folders, by anchored path, that were changed. */
  readonly touched: readonly string[];
  readonly found: FoundFile | null;
}

/**
 * Brings a staging folder to the state that the journal has on disk: what is not in `kept` is removed,
 * newer versions take their places, the unfinished file is cut. No content is read. Null when something is
 * missing. An unfinished file that is gone, or shorter than it should be, is removed and not found: it can
 * come anew, and what else is here counts. Throws `destination-changed`, and system errors.
 */
export function recover(
  content: StagingContent,
  kept: PathSet,
  partial: PartialFile | null,
): Recovered | null {
  const { base, tree, newer, entries } = content;
  const found = partial === null ? null : find(content, partial);
  let isRecovered = false;
  try {
    if (found?.state.place === 'tree') kept.add('file', found.state.names);
    kept.seal();
    prune(base, kept);
    if (!kept.isComplete) return null;
    const keep = found?.state.place === 'again' ? Number(found.state.names[0]) : null;
    const touched = newer.recover((entry) => olderVersionOf(entry, entries), keep, tree);
    isRecovered = true;
    return { touched, found };
  } finally {
    if (!isRecovered) found?.descriptor.close();
  }
}

function olderVersionOf(entry: number, entries: EntryLog): { readonly names: readonly string[] } | null {
  if (entry < 0 || entry >= entries.entries) return null;
  const fate = entries.fate(entry);
  if (fate.kind !== 'replaced') return null;
  const older = entries.fate(fate.of);
  return older.kind === 'kept' ? older : null;
}

/** Null when less is there than there should be. */
function find({ tree, newer, disk }: StagingContent, state: PartialFile): FoundFile | null {
  const { place, names, offset } = state;
  const folder = place === 'tree' ? tree.locate(names.slice(0, -1)) : newer.folder;
  const path = join(folder, names.at(-1) ?? '');
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return null;
  if (!there.isFile()) throw anotherFile();
  const { O_WRONLY, O_APPEND } = constants;
  const fd = openSync(path, O_WRONLY | O_APPEND | NO_FOLLOW | NO_WAIT);
  const descriptor = new Descriptor(fd, disk);
  const stats = fstatSync(fd);
  // With a second name it would be somebody's else, too.
  if (stats.isFile() && stats.nlink === 1 && stats.size >= offset) {
    ftruncateSync(fd, offset);
    return { state, descriptor, path };
  }
  descriptor.close();
  if (stats.isFile() && stats.nlink === 1) return null;
  throw anotherFile();
}

function anotherFile(): SealaneError {
  return new SealaneError('destination-changed', { detail: 'the unfinished file is another one' });
}

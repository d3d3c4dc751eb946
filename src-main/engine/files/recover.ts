import { constants, fstatSync, ftruncateSync, lstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { Descriptor } from './descriptor.ts';
import { NO_FOLLOW, NO_WAIT, errnoOf } from './disk.ts';
import type { Disk } from './disk.ts';
import type { EntryLog } from './entry-log.ts';
import type { FolderTree } from './folder-tree.ts';
import type { NewerVersions } from './newer-versions.ts';
import type { FolderSpool } from './folder-spool.ts';
import { prune } from './prune.ts';
import type { KeptPaths } from './prune.ts';
import type { PartialFile } from './staging.ts';

/** What is in a staging folder. */
export interface StagingContent {
  /** Of the tree, anchored. */
  readonly base: string;
  readonly tree: FolderTree;
  readonly newer: NewerVersions;
  readonly entries: EntryLog;
  readonly spool: FolderSpool;
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
 * newer versions take their places, the unfinished file is cut. No content is read. What something has taken
 * away meanwhile keeps nothing else from arriving: a folder is made once more, a file stays away, which whoever publishes
 * finds and says. An unfinished file that is gone, or shorter than it should be, is removed and not found: it can
 * come anew. Throws `destination-changed`, and system errors.
 */
export function recover(content: StagingContent, kept: KeptPaths, partial: PartialFile | null): Recovered {
  const { base, tree, newer, entries } = content;
  const found = partial === null ? null : find(content, partial);
  let isRecovered = false;
  try {
    if (found?.state.place === 'tree') kept.files.add('file', found.state.names);
    kept.files.seal();
    kept.folders.seal();
    prune(base, kept);
    const remade = kept.folders.isComplete ? [] : makeAgain(content);
    const keep = found?.state.place === 'again' ? Number(found.state.names[0]) : null;
    const changed = newer.recover((entry) => olderVersionOf(entry, entries), keep, tree);
    isRecovered = true;
    return { touched: [...remade, ...changed], found };
  } finally {
    if (!isRecovered) found?.descriptor.close();
  }
}

/** Makes the folders that are gone. Gives the paths of those that this changed. */
function makeAgain({ spool, tree, disk }: StagingContent): readonly string[] {
  const changed = new Set<string>();
  for (const names of spool.names()) {
    const above = tree.locate(names.slice(0, -1));
    const path = join(above, names.at(-1) ?? '');
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    disk.makeFolder(path);
    changed.add(above);
  }
  return [...changed];
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
  const folder = place === 'tree' ? locate(tree, names.slice(0, -1)) : newer.folder;
  if (folder === null) return null;
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

function locate(tree: FolderTree, names: readonly string[]): string | null {
  try {
    return tree.locate(names);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function anotherFile(): SealaneError {
  return new SealaneError('destination-changed', { detail: 'the unfinished file is another one' });
}

import { constants, mkdirSync, openSync, rmdirSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import type { SkipReason, TransferId } from '../../../shared/views.ts';
import { checkSpace, openDestination, removeMade } from './destination.ts';
import type { Demand, Destination } from './destination.ts';
import { DIRECTORY, NO_FOLLOW, destinationError, nodeDisk, onDestination, openingError } from './disk.ts';
import type { Disk } from './disk.ts';
import { checkStill, markFolder, openAnchor } from './folder-mark.ts';
import type { Anchor, FolderMark } from './folder-mark.ts';
import { FolderSpool } from './folder-spool.ts';
import { FolderTree } from './folder-tree.ts';
import { checkPath } from './names.ts';
import type { NameTarget } from './names.ts';
import { moveAll } from './publish.ts';
import { DiskFile, createExclusively } from './staged-file.ts';
import type { StagedFile, StagedFileOptions } from './staged-file.ts';
import { SPOOL_NAME, TREE_NAME, discardStaging, makeStagingFolder } from './staging-folder.ts';
import type { StagingRecord } from './staging-folder.ts';
import { SyncQueue } from './sync-queue.ts';

export type { StagedFile, StagedFileOptions } from './staged-file.ts';
export { discardStaging } from './staging-folder.ts';
export type { StagingRecord } from './staging-folder.ts';

export interface StagingOptions {
  /** Absolute path of the folder to receive into; made when absent. */
  readonly destination: string;
  readonly transfer: TransferId;
  readonly offered: Demand;
  /** Default: the real one. */
  readonly disk?: Disk;
}

/** Nothing was put on disk for this path, and why; the transfer goes on. */
export interface SkippedPath {
  readonly skipped: SkipReason;
}

export interface Published {
  /** The top-level names as they are on disk now, at most MAX_OFFER_NAMES. */
  readonly names: readonly string[];
  /** Absolute path of the destination, as it was asked for. */
  readonly into: string;
}

/**
 * A hidden folder in the destination, in which a transfer is built until it is whole.
 *
 *     destination/.sealane-0123456789abcdef/      mode 0700: nobody else gets in
 *                                          tree/  what arrives, under the names it will have
 *                                          folders  the folders and their times
 *
 * Everything but `discard` throws `destination-changed` when a folder is no longer the one that was made, `no-space` and
 * `destination-unusable` when the disk refuses; after a throw only `discard` may be called.
 */
export interface Staging {
  /** Makes a folder and those above it. Null: it is there. Throws `name-refused`. */
  makeFolder(path: readonly string[], options: { readonly mtimeUs: number }): SkippedPath | null;
  /** Makes a new file and the folders above it. Tell the results apart by `'skipped' in result`. Throws `name-refused`. */
  createFile(path: readonly string[], options: StagedFileOptions): StagedFile | SkippedPath;
  /** True when enough is finished but unsynced that `flush` should be awaited before the next file. */
  readonly needsFlush: boolean;
  /** Syncs and closes what is finished. */
  flush(): Promise<void>;
  /**
   * Syncs everything (flush included), puts the top-level items under their names, overwriting nothing, and removes the staging
   * folder. Throws `content-truncated` while a file is neither finished nor abandoned, `cancelled` when discarded meanwhile.
   */
  publish(): Promise<Published>;
  /**
   * Removes the staging folder, and the destination if this transfer made it and it is empty. Idempotent; leaves alone what
   * `publish` has put under its name. Never throws.
   */
  discard(): void;
  /** What `discardStaging` needs to do the same from elsewhere, if this thread should die. */
  readonly record: StagingRecord;
}

/**
 * Checks the destination (absolute, a folder, writable, with room for what was offered) and makes the staging folder.
 * Throws `destination-unusable`, `no-space`; then nothing is left behind.
 */
export function openStaging(options: StagingOptions): Staging {
  const disk = options.disk ?? nodeDisk;
  const destination = openDestination(options.destination);
  let folder: FolderMark | undefined;
  try {
    const target = checkSpace(destination.folder, options.offered, disk);
    folder = makeStagingFolder(destination.folder, options.transfer);
    return new DiskStaging(destination, folder, target, disk);
  } catch (error) {
    if (folder === undefined) removeMade(destination.made);
    else discardStaging({ folder, made: destination.made });
    throw openingError(error);
  }
}

class DiskStaging implements Staging {
  readonly record: StagingRecord;
  readonly #destination: Destination;
  readonly #target: NameTarget;
  readonly #disk: Disk;
  readonly #treeMark: FolderMark;
  readonly #anchor: Anchor;
  readonly #spool: FolderSpool;
  readonly #tree: FolderTree;
  readonly #queue: SyncQueue;
  readonly #open = new Set<DiskFile>();
  #state: 'open' | 'published' | 'discarded' = 'open';

  constructor(destination: Destination, folder: FolderMark, target: NameTarget, disk: Disk) {
    this.record = { folder, made: destination.made };
    this.#destination = destination;
    this.#target = target;
    this.#disk = disk;
    const treePath = join(folder.path, TREE_NAME);
    mkdirSync(treePath, 0o700);
    this.#treeMark = markFolder(treePath);
    this.#anchor = openAnchor(this.#treeMark);
    this.#spool = new FolderSpool(join(folder.path, SPOOL_NAME));
    this.#queue = new SyncQueue(disk);
    this.#tree = new FolderTree({
      base: this.#anchor.path,
      target,
      checkBase: () => {
        checkStill(folder);
        checkStill(this.#treeMark);
      },
      onFolder: (names, mtimeUs) => {
        this.#spool.note(names, mtimeUs);
      },
    });
  }

  makeFolder(path: readonly string[], options: { readonly mtimeUs: number }): SkippedPath | null {
    this.#checkOpen();
    checkPath(path);
    const entered = onDestination(() => this.#tree.enter(path, options.mtimeUs));
    return 'skipped' in entered ? entered : null;
  }

  createFile(path: readonly string[], options: StagedFileOptions): StagedFile | SkippedPath {
    this.#checkOpen();
    checkPath(path);
    return onDestination(() => {
      const folder = this.#tree.enter(path.slice(0, -1), null);
      if ('skipped' in folder) return folder;
      const { executable } = options;
      const created = createExclusively(folder.path, path.at(-1) ?? '', { target: this.#target, executable });
      if ('skipped' in created) return created;
      const onEnd = (
        ended: DiskFile,
        finished: { readonly fd: number; readonly bytes: number } | null,
      ): void => {
        this.#open.delete(ended);
        if (finished !== null) this.#queue.add(finished.fd, finished.bytes);
      };
      const file = new DiskFile({ ...created, disk: this.#disk, onEnd }, options);
      this.#open.add(file);
      return file;
    });
  }

  get needsFlush(): boolean {
    return this.#queue.isFull;
  }

  flush(): Promise<void> {
    return this.#queue.flush();
  }

  async publish(): Promise<Published> {
    this.#checkOpen();
    if (this.#open.size > 0)
      throw new SealaneError('content-truncated', { detail: 'a file is not finished' });
    const checkOpen = (): void => {
      this.#checkOpen();
    };
    try {
      await this.#queue.flush();
      checkOpen();
      await this.#spool.settle(this.#tree, this.#queue, checkOpen);
      checkOpen();
      const names = this.#move();
      await this.#syncDestination();
      return { names, into: this.#destination.into };
    } catch (error) {
      throw destinationError(error);
    }
  }

  discard(): void {
    if (this.#state !== 'open') return;
    this.#state = 'discarded';
    for (const file of this.#open) file.close();
    this.#queue.abandon();
    this.#letGo();
    discardStaging(this.record);
  }

  /** All at once, without a pause in which anything could be called. */
  #move(): string[] {
    const { folder } = this.#destination;
    const anchor = openAnchor(folder);
    try {
      const names = moveAll(this.#anchor.path, anchor.path, this.#disk, () => {
        checkStill(folder);
        checkStill(this.record.folder);
        checkStill(this.#treeMark);
      });
      this.#state = 'published';
      return names;
    } finally {
      anchor.close();
    }
  }

  /** Makes the new names last, and only then takes the empty staging folder away. */
  async #syncDestination(): Promise<void> {
    this.#letGo();
    const { folder, made } = this.#destination;
    const changed = [folder.path, ...made.map((parent) => dirname(parent.path))];
    try {
      if (DIRECTORY !== 0) {
        for (const path of changed) {
          this.#queue.add(openSync(path, constants.O_RDONLY | DIRECTORY | NO_FOLLOW), 0);
        }
      }
      await this.#queue.flush();
    } finally {
      this.#removeEmpty();
    }
  }

  #removeEmpty(): void {
    const { path } = this.record.folder;
    try {
      unlinkSync(join(path, SPOOL_NAME));
      rmdirSync(this.#treeMark.path);
      rmdirSync(path);
    } catch {
      // Somebody put something there: not ours to delete.
    }
  }

  #letGo(): void {
    this.#spool.close();
    this.#anchor.close();
  }

  #checkOpen(): void {
    if (this.#state === 'discarded') throw new SealaneError('cancelled', { detail: 'discarded' });
    if (this.#state === 'published') throw new SealaneError('internal', { detail: 'already published' });
  }
}

import { constants, lstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { Descriptor } from './descriptor.ts';
import { DIRECTORY, destinationError, onDestination } from './disk.ts';
import type { Disk } from './disk.ts';
import type { EntryLog, KeptFile } from './entry-log.ts';
import { checkStill, markInside, openAnchor } from './folder-mark.ts';
import type { Anchor, FolderMark } from './folder-mark.ts';
import type { FolderSpool } from './folder-spool.ts';
import { FolderTree } from './folder-tree.ts';
import type { ListSpace } from './list-space.ts';
import { checkPath } from './names.ts';
import type { NameRules } from './names.ts';
import { findLost } from './lost-files.ts';
import { NewerVersions } from './newer-versions.ts';
import { OpenFiles } from './open-files.ts';
import type { KeptPaths } from './prune.ts';
import { Publication } from './publication.ts';
import type { PublicationFolders, PublishLog, Published } from './publication.ts';
import { recover } from './recover.ts';
import type { SpaceGuard } from './space-guard.ts';
import { createExclusively } from './staged-file.ts';
import { detailsOf, writeDetails } from './details-file.ts';
import type { LeftOutLog } from './left-out-log.ts';
import type { RenameLog, Renames } from './rename-log.ts';
import type { StagedFile, StagedFileOptions } from './staged-file.ts';
import { discardStaging } from './discard-staging.ts';
import { AGAIN_NAME, TREE_NAME } from './staging-folder.ts';
import type { StagingPlace } from './staging-folder.ts';
import type { Captured, OlderVersion, PartialFile, SkippedPath, StagedFolder, Staging } from './staging.ts';
import { SyncQueue } from './sync-queue.ts';

export interface StagingParts {
  readonly place: StagingPlace;
  /** As they stand now. */
  readonly destination: FolderMark;
  readonly folder: FolderMark;
  readonly rules: NameRules;
  readonly disk: Disk;
  /** Ended with the staging folder. */
  readonly space: SpaceGuard;
  /** Taken over, like the next one. */
  readonly spool: FolderSpool;
  readonly entries: EntryLog;
  readonly renames: RenameLog;
  readonly leftOut: LeftOutLog;
  /** Where what these two come to is written in the end, and the room for it. */
  readonly details: string;
  readonly lists: ListSpace;
}

/** See `Staging`. */
export class DiskStaging implements Staging {
  readonly place: StagingPlace;
  readonly entries: EntryLog;
  readonly renames: RenameLog;
  readonly leftOut: LeftOutLog;
  readonly #parts: StagingParts;
  readonly #folders: PublicationFolders;
  readonly #anchor: Anchor;
  readonly #tree: FolderTree;
  readonly #newer: NewerVersions;
  readonly #queue = new SyncQueue();
  readonly #files: OpenFiles;
  /** Folders, by anchored path, into which something was put since they were last synced. */
  readonly #touched: Set<string>;
  #state: 'open' | 'published' | 'released' = 'open';

  /** Throws `destination-changed`, and system errors; then the parts are still the caller's. */
  constructor(parts: StagingParts) {
    const { place, folder, destination, rules, spool, disk } = parts;
    this.place = place;
    this.entries = parts.entries;
    this.renames = parts.renames;
    this.leftOut = parts.leftOut;
    this.#parts = parts;
    const tree = markInside(folder, TREE_NAME);
    this.#folders = { destination, folder, tree };
    this.#anchor = openAnchor(tree);
    try {
      this.#newer = new NewerVersions(markInside(folder, AGAIN_NAME), disk);
    } catch (error) {
      this.#anchor.close();
      throw error;
    }
    this.#files = new OpenFiles(disk, parts.space, Number(folder.dev), this.#queue, this.#newer);
    this.#touched = new Set([destination.path, folder.path]);
    this.#tree = new FolderTree({
      base: this.#anchor.path,
      rules,
      disk,
      checkBase: () => {
        checkStill(folder);
        checkStill(tree);
      },
      takeRoom: () => {
        parts.space.takeEntry();
      },
      onFolder: (names, mtimeUs) => {
        spool.note(names, mtimeUs);
      },
      onMade: (path) => {
        this.#touched.add(path);
      },
    });
  }

  get partial(): PartialFile | null {
    return this.#files.found;
  }

  get unsynced(): number {
    return this.#queue.length + this.#touched.size;
  }

  /**
   * After a crash: takes away what is not in `kept`, and opens the unfinished file, if that is there. Only
   * before anything else. Throws `destination-changed`, and system errors.
   */
  recover(kept: KeptPaths, partial: PartialFile | null): void {
    const { disk, spool } = this.#parts;
    const [base, tree, newer, entries] = [this.#anchor.path, this.#tree, this.#newer, this.entries];
    const recovered = recover({ base, tree, newer, entries, spool, disk }, kept, partial);
    for (const path of recovered.touched) this.#touched.add(path);
    if (recovered.found !== null) this.#files.find(recovered.found);
  }

  beginRound(): void {
    this.#checkOpen();
    this.#tree.beginRound();
  }

  endRound(): void {
    this.#tree.endRound();
  }

  makeFolder(path: readonly string[], options: { readonly mtimeUs: number }): StagedFolder | SkippedPath {
    this.#checkOpen();
    checkPath(path);
    return onDestination(() => this.#tree.enter(path, options.mtimeUs));
  }

  createFile(path: readonly string[], options: StagedFileOptions): StagedFile | SkippedPath {
    this.#checkOpen();
    checkPath(path);
    return onDestination(() => {
      const folder = this.#tree.enter(path.slice(0, -1), null);
      if ('skipped' in folder) return folder;
      const { executable } = options;
      const { rules, disk, space } = this.#parts;
      space.takeEntry();
      const created = createExclusively(folder.through, path.at(-1) ?? '', { rules, disk, executable });
      if ('skipped' in created) return created;
      this.#touched.add(folder.path);
      const { fd, name } = created;
      const file = { fd, path: join(folder.path, name), names: [...folder.names, name] };
      return this.#files.begin({ ...file, place: 'tree', older: null }, options);
    });
  }

  createNewer(older: OlderVersion, options: StagedFileOptions): StagedFile {
    this.#checkOpen();
    return onDestination(() => {
      const entry = this.entries.entries;
      this.#parts.space.takeEntry();
      const created = this.#newer.create(entry, options.executable);
      this.#touched.add(this.#newer.folder);
      return this.#files.begin({ ...created, names: [String(entry)], place: 'again', older }, options);
    });
  }

  goOn(options: StagedFileOptions, older: OlderVersion | null): StagedFile {
    this.#checkOpen();
    return this.#files.goOn(options, older);
  }

  dropPartial(): void {
    this.#checkOpen();
    this.#files.dropFound();
  }

  sizeOf({ entry, names }: OlderVersion): number {
    return onDestination(() => {
      const waiting = this.#newer.sizeWaitingFor(entry);
      if (waiting !== undefined) return waiting;
      const path = join(this.#tree.locate(names.slice(0, -1)), names.at(-1) ?? '');
      // What something has taken away counts as long as nobody has missed it.
      return lstatSync(path, { throwIfNoEntry: false })?.size ?? this.entries.sizeOf(entry);
    });
  }

  capture(): Captured {
    this.#checkOpen();
    return onDestination(() => {
      const { spool } = this.#parts;
      const lists = [this.entries, this.renames, this.leftOut] as const;
      const [folders, entries] = [spool.mark(), this.entries.mark()];
      const [renames, leftOut] = [this.renames.mark(), this.leftOut.mark()];
      const { partial, synced } = this.#files.capture();
      const syncs = [synced, this.#flush(), spool.sync(), ...lists.map((list) => list.sync())];
      const newer = this.#newer.take();
      const settle = (): void => {
        this.#checkOpen();
        onDestination(() => {
          for (const path of this.#newer.settle(newer, this.#tree)) this.#touched.add(path);
        });
      };
      return { state: { folders, entries, renames, leftOut, partial }, synced: allDone(syncs), settle };
    });
  }

  async publish(
    log: PublishLog,
    onLost: (lost: KeptFile) => void = () => undefined,
  ): Promise<Published & Renames> {
    this.#checkOpen();
    if (this.#files.isAny) throw new SealaneError('content-truncated', { detail: 'a file is not finished' });
    const checkOpen = (): void => {
      this.#checkOpen();
    };
    try {
      const captured = this.capture();
      await captured.synced;
      checkOpen();
      captured.settle();
      await this.#parts.spool.settle(this.#tree, this.#queue, checkOpen);
      checkOpen();
      await findLost(this.entries, this.#tree, { onLost, check: checkOpen });
      await log.begin();
      checkOpen();
      const publication = new Publication(this.place, this.#folders, this.#parts.disk);
      try {
        const topLevel = this.renames.topLevel();
        const moved = publication.move(log, [], topLevel.has);
        const renames = this.renames.summary(moved, topLevel);
        this.#closeTree();
        this.#state = 'published';
        const published = await publication.settle(log, moved.names);
        writeDetails(this.#parts.details, this.#parts.lists, () =>
          detailsOf(this.renames.renames(moved, topLevel), this.leftOut.all()),
        );
        return { ...published, ...renames };
      } finally {
        if (this.#state === 'published') this.#closeLists();
        publication.close();
      }
    } catch (error) {
      throw destinationError(error);
    }
  }

  release(): void {
    if (this.#state !== 'open') return;
    this.#state = 'released';
    this.#close();
  }

  discard(): void {
    if (this.#state === 'published') return;
    this.release();
    discardStaging(this.place);
  }

  /** Syncs what is finished, and the folders that it is in. */
  #flush(): Promise<void> {
    if (DIRECTORY !== 0) {
      for (const path of this.#touched) {
        // An anchored path may itself be a link of the system; a folder that was swapped for one is synced in vain, and no more.
        const fd = openSync(`${path}/.`, constants.O_RDONLY | DIRECTORY);
        this.#queue.add(new Descriptor(fd, this.#parts.disk));
      }
    }
    this.#touched.clear();
    return this.#queue.flush();
  }

  #close(): void {
    this.#closeTree();
    this.#closeLists();
  }

  #closeTree(): void {
    this.#tree.endRound();
    this.#files.close();
    this.#queue.abandon();
    this.#parts.spool.close();
    this.entries.close();
    this.#newer.close();
    this.#anchor.close();
    this.#parts.space.end();
  }

  #closeLists(): void {
    this.renames.close();
    this.leftOut.close();
  }

  #checkOpen(): void {
    if (this.#state === 'released') throw new SealaneError('cancelled', { detail: 'let go' });
    if (this.#state === 'published') throw new SealaneError('internal', { detail: 'already published' });
  }
}

/** Resolves once all have; rejects, after all are through, with what the first one that failed means. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') throw destinationError(result.reason);
  }
}

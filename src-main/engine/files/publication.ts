import { constants, lstatSync, openSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Descriptor } from './descriptor.ts';
import { DIRECTORY, errnoOf } from './disk.ts';
import type { Disk } from './disk.ts';
import type { EntryLog, KeptFile } from './entry-log.ts';
import { checkStill, markFolder, openAnchor } from './folder-mark.ts';
import type { Anchor, FolderMark } from './folder-mark.ts';
import { findLostNow } from './lost-files.ts';
import type { PathSet } from './path-set.ts';
import { moveAll } from './publish.ts';
import type { Move, Moved } from './publish.ts';
import { removeEmptied } from './staging-folder.ts';
import type { StagingPlace } from './staging-folder.ts';
import { SyncQueue } from './sync-queue.ts';

/** What must be written down so that a publication that is cut short can be brought to its end. */
export interface PublishLog {
  /** Everything is whole and safe on disk, and from now on it is moved. Durable when it resolves. */
  begin(): Promise<void>;
  /**
   * These are about to be moved, and have not been told yet, or have another name now. Durable when it returns, like all that was told
   * before: what a power cut leaves under a name is known by it.
   */
  plan(moves: readonly Move[]): void;
  /** An empty placeholder is about to be put under a name. Not durable: a power cut may leave the placeholder there, and no more. */
  move(move: Move): void;
  /** What has this name in the tree is where it belongs. Not durable, and never throws: it may be lost. */
  moved(name: string): void;
  /** Everything is where it belongs. Durable when it resolves. */
  end(names: readonly string[]): Promise<void>;
}

export interface Published {
  /** The top-level names as they are on disk now, at most MAX_OFFER_NAMES. */
  readonly names: readonly string[];
  /** Absolute path of the destination, as it was asked for. */
  readonly into: string;
}

/** What is known of a publication that was cut short. */
export interface EarlierMoves {
  readonly moves: readonly Move[];
  /** By the names in the tree, what came to its end. Sealed. */
  readonly moved: PathSet;
}

/** The folders that a publication has to do with, as they stand now. */
export interface PublicationFolders {
  readonly destination: FolderMark;
  /** The staging folder. */
  readonly folder: FolderMark;
  /** What is in it to be moved. */
  readonly tree: FolderMark;
}

/** The staging folder's tree on its way to the names that the user sees. */
export class Publication {
  readonly #place: StagingPlace;
  readonly #disk: Disk;
  readonly #folders: PublicationFolders;
  readonly #anchor: Anchor;
  readonly #destination: Anchor;

  /** Takes hold of the folders. Throws `destination-changed`, and system errors. */
  constructor(place: StagingPlace, folders: PublicationFolders, disk: Disk) {
    this.#place = place;
    this.#disk = disk;
    this.#folders = folders;
    this.#anchor = openAnchor(folders.tree);
    try {
      this.#destination = openAnchor(folders.destination);
    } catch (error) {
      this.#anchor.close();
      throw error;
    }
  }

  /**
   * Moves everything, overwriting nothing, all at once, without a pause in which anything could be called. `earlier`: what `log` was
   * told before a crash; `isCounted`: see `MoveOptions`.
   */
  move(log: PublishLog, earlier: readonly Move[], isCounted: (name: string) => boolean): Moved {
    const { destination, folder, tree } = this.#folders;
    return moveAll(this.#anchor.path, this.#destination.path, {
      disk: this.#disk,
      earlier,
      isCounted,
      check: () => {
        for (const mark of [destination, folder, tree]) checkStill(mark);
      },
      onPlan: (moves) => {
        log.plan(moves);
      },
      onMove: (move) => {
        log.move(move);
      },
      onMoved: (name) => {
        log.moved(name);
      },
    });
  }

  /**
   * Before `move`, where that was cut short: tells which of the files that are kept are not there any more, neither
   * in the tree nor by what is known of the moves. What is under its own name is the user's, who may change it, and is not
   * looked at. As `findLost`, but at once.
   */
  findLost(entries: EntryLog, { moves, moved }: EarlierMoves, onLost: (lost: KeptFile) => void): void {
    const { folder, tree } = this.#folders;
    const locate = (names: readonly string[]): string => {
      checkStill(folder);
      checkStill(tree);
      return names.reduce((path, name) => markFolder(join(path, name)).path, this.#anchor.path);
    };
    const inTree = (top: string) => lstatSync(join(this.#anchor.path, top), { throwIfNoEntry: false });
    // What `move` refuses when its turn comes: what comes before is put under its name.
    const isPassed = (top: string): boolean => {
      const stats = inTree(top);
      return stats !== undefined && !stats.isFile() && !stats.isDirectory();
    };
    const targets = new Map(moves.map(({ name, target }) => [name, target]));
    const hasMoved = ({ names, size }: KeptFile): boolean => {
      const [top = '', ...below] = names;
      if (moved.find('file', [top])) return true;
      // It was moved, and the process killed before that was noted; or a power cut took the note away.
      if (inTree(top) !== undefined) return false;
      const path = join(this.#destination.path, targets.get(top) ?? top, ...below);
      const stats = lstatSync(path, { throwIfNoEntry: false });
      return stats?.isFile() === true && stats.size === size;
    };
    findLostNow(entries, { locate }, { onLost, hasMoved, isPassed });
  }

  /** Makes the new names last, and only then takes the empty staging folder away. */
  async settle(log: PublishLog, names: readonly string[]): Promise<Published> {
    const { into } = this.#place;
    const queue = new SyncQueue();
    for (const path of DIRECTORY === 0 ? [] : this.#changed()) {
      const fd = openToSync(path);
      if (fd !== null) queue.add(new Descriptor(fd, this.#disk));
    }
    await queue.flush();
    await log.end(names);
    this.close();
    removeEmptied(this.#folders.folder);
    return { names, into };
  }

  /** Idempotent. */
  close(): void {
    this.#anchor.close();
    this.#destination.close();
  }

  /**
   * The folders that have new names in them: the destination, and for each folder that was made on the way to
   * it the one above. They are gone up to from the destination, so that no link is on the way, and none that
   * somebody puts there.
   */
  #changed(): readonly string[] {
    const { destination, made } = this.#place;
    const levels = made.map(({ path }) => depthOf(destination.path) - depthOf(path) + 1);
    return [0, ...levels].map((level) => `${this.#destination.path}${'/..'.repeat(Math.max(0, level))}/.`);
  }
}

/** How many names an absolute path has. */
function depthOf(path: string): number {
  return path.split(sep).filter((name) => name !== '').length;
}

/**
 * Null for a folder that this user may not look into: there is nothing to wait for, and everything is under
 * its name; that the system keeps the name of a new folder there over a power cut has to be left to it.
 * Throws system errors.
 */
function openToSync(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | DIRECTORY);
  } catch (error) {
    if (errnoOf(error) === 'EACCES') return null;
    throw error;
  }
}

import { constants, openSync, rmdirSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Descriptor } from './descriptor.ts';
import { DIRECTORY, NO_FOLLOW } from './disk.ts';
import type { Disk } from './disk.ts';
import { checkStill, openAnchor } from './folder-mark.ts';
import type { Anchor, FolderMark } from './folder-mark.ts';
import { moveAll } from './publish.ts';
import type { Move } from './publish.ts';
import { AGAIN_NAME, ID_NAME, TREE_NAME } from './staging-folder.ts';
import type { StagingPlace } from './staging-folder.ts';
import { SyncQueue } from './sync-queue.ts';

/** What must be written down so that a publication that is cut short can be brought to its end. */
export interface PublishLog {
  /** Everything is whole and safe on disk, and from now on it is moved. Durable when it resolves. */
  begin(): Promise<void>;
  /** Something is about to be moved; more than one of these for the same thing when a name was taken. */
  move(move: Move): void;
  /** Everything is where it belongs. Durable when it resolves. */
  end(names: readonly string[]): Promise<void>;
}

export interface Published {
  /** The top-level names as they are on disk now, at most MAX_OFFER_NAMES. */
  readonly names: readonly string[];
  /** Absolute path of the destination, as it was asked for. */
  readonly into: string;
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

  /** Throws `destination-changed`, and system errors. */
  constructor(place: StagingPlace, folders: PublicationFolders, disk: Disk) {
    this.#place = place;
    this.#disk = disk;
    this.#folders = folders;
    this.#anchor = openAnchor(folders.tree);
  }

  /**
   * Moves everything, overwriting nothing, all at once, without a pause in which anything could be called. `earlier`: what `log` was
   * told before a crash. Gives the first names under which things are now.
   */
  move(log: PublishLog, earlier: readonly Move[]): string[] {
    const { destination, folder, tree } = this.#folders;
    const anchor = openAnchor(destination);
    try {
      return moveAll(this.#anchor.path, anchor.path, {
        disk: this.#disk,
        earlier,
        check: () => {
          for (const mark of [destination, folder, tree]) checkStill(mark);
        },
        onMove: (move) => {
          log.move(move);
        },
      });
    } finally {
      anchor.close();
    }
  }

  /** Makes the new names last, and only then takes the empty staging folder away. */
  async settle(log: PublishLog, names: readonly string[]): Promise<Published> {
    const { destination, made, into } = this.#place;
    const changed = [destination.path, ...made.map((parent) => dirname(parent.path))];
    const queue = new SyncQueue();
    if (DIRECTORY !== 0) {
      for (const path of changed) {
        const fd = openSync(path, constants.O_RDONLY | DIRECTORY | NO_FOLLOW);
        queue.add(new Descriptor(fd, this.#disk));
      }
    }
    await queue.flush();
    await log.end(names);
    this.close();
    removeEmpty(this.#folders.folder);
    return { names, into };
  }

  /** Idempotent. */
  close(): void {
    this.#anchor.close();
  }
}

/** Takes a staging folder away from which everything was moved. Never throws: what somebody else put there is not ours to delete. */
export function removeEmpty(folder: FolderMark): void {
  try {
    unlinkSync(join(folder.path, ID_NAME));
    for (const name of [AGAIN_NAME, TREE_NAME, '']) rmdirSync(join(folder.path, name));
  } catch {
    // As said above.
  }
}

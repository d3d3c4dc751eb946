import { constants, openSync } from 'node:fs';
import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { Descriptor } from './descriptor.ts';
import { DIRECTORY, NO_FOLLOW } from './disk.ts';
import type { Disk } from './disk.ts';
import type { FolderTree } from './folder-tree.ts';
import { setTime, setTimeAt } from './mtime.ts';
import type { ListSpace } from './list-space.ts';
import { SideFile } from './side-file.ts';
import type { SideMark } from './side-file.ts';
import type { SyncQueue } from './sync-queue.ts';

const lineSchema = z.tuple([z.array(z.string().min(1)).min(1), z.number().int().nullable()]);

/**
 * The folders of a transfer with their times, in a file: a time can be set only when nothing more is put into the folder, and a
 * million folders are too many to remember. The names are those on disk.
 */
export class FolderSpool {
  readonly #file: SideFile;
  readonly #disk: Disk;

  private constructor(file: SideFile, disk: Disk) {
    this.#file = file;
    this.#disk = disk;
  }

  /** Makes or empties `file`. */
  static create(file: string, space: ListSpace): FolderSpool {
    return new FolderSpool(SideFile.create(file, space), space.disk);
  }

  /** Goes on after `mark`, and tells `onFolder` the folders before, each once or more; null when that is damaged. */
  static reopen(
    file: string,
    mark: SideMark,
    space: ListSpace,
    onFolder: (names: readonly string[]) => void,
  ): FolderSpool | null {
    const side = SideFile.reopen(file, mark, space, ({ text }) => {
      const parsed = parse(text);
      if (parsed !== null) onFolder(parsed[0]);
    });
    return side === null ? null : new FolderSpool(side, space.disk);
  }

  /** Notes a folder that was made (null: its time is not known), or that an existing one shall have this time. */
  note(names: readonly string[], mtimeUs: number | null): void {
    this.#file.append(JSON.stringify([names, mtimeUs]));
  }

  /** The folders, each once or more, one that lies in another one after that. Nothing may be noted meanwhile. */
  *names(): Generator<readonly string[], void, undefined> {
    for (const { text } of this.#file.read()) yield (parse(text) ?? damaged())[0];
  }

  /** Sets the times, and syncs every folder. `check` is called after each pause and throws to stop. */
  async settle(tree: FolderTree, queue: SyncQueue, check: () => void): Promise<void> {
    for (const { text } of this.#file.read()) {
      const [names, mtimeUs] = parse(text) ?? damaged();
      this.#settleFolder(tree.locate(names), mtimeUs, queue);
      if (!queue.isFull) continue;
      await queue.flush();
      check();
    }
    await queue.flush();
  }

  mark(): SideMark {
    return this.#file.mark();
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  /** Idempotent. */
  close(): void {
    this.#file.close();
  }

  #settleFolder(path: string, mtimeUs: number | null, queue: SyncQueue): void {
    if (DIRECTORY === 0) {
      if (mtimeUs !== null) setTimeAt(path, mtimeUs);
      return;
    }
    const fd = openSync(path, constants.O_RDONLY | DIRECTORY | NO_FOLLOW);
    queue.add(new Descriptor(fd, this.#disk));
    if (mtimeUs !== null) setTime(fd, mtimeUs);
  }
}

function parse(text: string): z.infer<typeof lineSchema> | null {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function damaged(): never {
  throw new SealaneError('internal', { detail: 'the list of folders is damaged' });
}

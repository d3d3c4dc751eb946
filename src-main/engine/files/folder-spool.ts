import { constants, openSync } from 'node:fs';
import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { DIRECTORY, NO_FOLLOW } from './disk.ts';
import type { FolderTree } from './folder-tree.ts';
import { LineWriter } from './lines.ts';
import { setTime, setTimeAt } from './mtime.ts';
import type { SyncQueue } from './sync-queue.ts';

const lineSchema = z.tuple([z.array(z.string().min(1)).min(1), z.number().int().nullable()]);

/**
 * The folders of a transfer with their times, in a file: a time can be set only when nothing more is put into the folder, and a
 * million folders are too many to remember. The names are those on disk.
 */
export class FolderSpool {
  readonly #lines: LineWriter;

  /** Makes `file`, whose folder only this user can enter. */
  constructor(file: string) {
    this.#lines = new LineWriter(file);
  }

  /** Notes a folder that was made (null: its time is not known), or that an existing one shall have this time. */
  note(names: readonly string[], mtimeUs: number | null): void {
    this.#lines.append(JSON.stringify([names, mtimeUs]));
  }

  /** Sets the times, and syncs every folder. `check` is called after each pause and throws to stop. */
  async settle(tree: FolderTree, queue: SyncQueue, check: () => void): Promise<void> {
    for (const line of this.#lines.readBack()) {
      const [names, mtimeUs] = parse(line);
      settleFolder(tree.locate(names), mtimeUs, queue);
      if (!queue.isFull) continue;
      await queue.flush();
      check();
    }
    await queue.flush();
  }

  /** Idempotent. */
  close(): void {
    this.#lines.close({ sync: false });
  }
}

function settleFolder(path: string, mtimeUs: number | null, queue: SyncQueue): void {
  if (DIRECTORY === 0) {
    if (mtimeUs !== null) setTimeAt(path, mtimeUs);
    return;
  }
  const fd = openSync(path, constants.O_RDONLY | DIRECTORY | NO_FOLLOW);
  queue.add(fd, 0);
  if (mtimeUs !== null) setTime(fd, mtimeUs);
}

function parse(line: string): z.infer<typeof lineSchema> {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new SealaneError('internal', { cause, detail: 'the list of folders is damaged' });
  }
}

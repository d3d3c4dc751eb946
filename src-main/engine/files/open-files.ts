import { SealaneError } from '../../../shared/errors.ts';
import { Descriptor } from './descriptor.ts';
import { onDestination } from './disk.ts';
import type { Disk } from './disk.ts';
import type { NewerVersions } from './newer-versions.ts';
import type { FoundFile } from './recover.ts';
import { DiskFile, unlinkOpen } from './staged-file.ts';
import type { StagedFile, StagedFileOptions } from './staged-file.ts';
import type { OlderVersion, PartialFile } from './staging.ts';
import type { SpaceGuard } from './space-guard.ts';
import type { SyncQueue } from './sync-queue.ts';

/** A new file: where it is put together, and what it takes the place of. */
export interface NewFile {
  readonly fd: number;
  readonly path: string;
  readonly names: readonly string[];
  readonly place: PartialFile['place'];
  readonly older: OlderVersion | null;
}

/** The files of a staging folder that are not whole, at most one of which counts when everything is left as it is. */
export class OpenFiles {
  readonly #disk: Disk;
  readonly #space: SpaceGuard;
  readonly #device: number;
  readonly #queue: SyncQueue;
  readonly #newer: NewerVersions;
  readonly #open = new Map<DiskFile, PartialFile['place']>();
  /** What was found unfinished and is not gone on with yet. */
  #found: FoundFile | null = null;

  /** All lie on `device`. What is finished goes to `queue`, and to `newer` if it is to take the place of something. */
  constructor(disk: Disk, space: SpaceGuard, device: number, queue: SyncQueue, newer: NewerVersions) {
    this.#disk = disk;
    this.#space = space;
    this.#device = device;
    this.#queue = queue;
    this.#newer = newer;
  }

  /** Whether there is any. */
  get isAny(): boolean {
    return this.#open.size > 0 || this.#found !== null;
  }

  /** The one that was found unfinished. */
  get found(): PartialFile | null {
    return this.#found?.state ?? null;
  }

  /** After a crash: an unfinished file. */
  find(found: FoundFile): void {
    this.#found = found;
  }

  /** Takes over the descriptor. */
  begin({ fd, path, names, place, older }: NewFile, options: StagedFileOptions): StagedFile {
    const descriptor = new Descriptor(fd, this.#disk, this.#device);
    return this.#add({ state: { place, names, offset: 0 }, descriptor, path }, options, older);
  }

  goOn(options: StagedFileOptions, older: OlderVersion | null): StagedFile {
    const found = this.#found;
    if (found === null || (found.state.place === 'again') !== (older !== null)) {
      throw new SealaneError('internal', { detail: 'another file than the unfinished one' });
    }
    this.#found = null;
    return this.#add(found, options, older);
  }

  dropFound(): void {
    const found = this.#found;
    if (found === null) return;
    this.#found = null;
    try {
      onDestination(() => {
        unlinkOpen(found);
      });
    } finally {
      found.descriptor.close();
    }
  }

  /** What counts of the unfinished file at this moment, and its sync. */
  capture(): { readonly partial: PartialFile | null; readonly synced: Promise<void> } {
    for (const [{ names, offset, descriptor }, place] of this.#open) {
      if (offset === 0) break;
      return { partial: { place, names, offset }, synced: descriptor.sync() };
    }
    return { partial: this.found, synced: Promise.resolve() };
  }

  /** Closes all and deletes none. Idempotent. */
  close(): void {
    for (const file of this.#open.keys()) file.close();
    this.#found?.descriptor.close();
  }

  #add(
    { state, descriptor, path }: FoundFile,
    options: StagedFileOptions,
    older: OlderVersion | null,
  ): StagedFile {
    const { names, offset } = state;
    const onEnd = (ended: DiskFile, finished: Descriptor | null): void => {
      this.#open.delete(ended);
      if (finished === null) return;
      this.#queue.add(finished);
      if (older === null) return;
      const entry = Number(names[0]);
      this.#newer.add({ entry, of: older.entry, names: older.names, size: options.size });
    };
    const file = new DiskFile(
      { descriptor, path, names, offset, disk: this.#disk, space: this.#space, onEnd },
      options,
    );
    this.#open.set(file, state.place);
    return file;
  }
}

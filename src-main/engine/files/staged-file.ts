import { fstatSync, lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import type { SkipReason } from '../../../shared/views.ts';
import type { Descriptor } from './descriptor.ts';
import { errnoOf, onDestination } from './disk.ts';
import type { Disk } from './disk.ts';
import { nameProblem } from './folder-tree.ts';
import { freeNumbers } from './free-numbers.ts';
import { setTime } from './mtime.ts';
import { freeName, nameApart, namesToTry } from './names.ts';
import type { NameRules } from './names.ts';
import type { SpaceGuard } from './space-guard.ts';

/** One file that is being written. Use exactly one of `finish` and `abandon`. */
export interface StagedFile {
  /** Names on disk, from where it is put together down. */
  readonly names: readonly string[];
  /** Bytes written so far. */
  readonly offset: number;
  /** Appends; `bytes` may be used again afterwards. Throws `no-space`, `destination-unusable`, and `content-mismatch` beyond the size. */
  write(bytes: Uint8Array): void;
  /** All is written: sets the modification time and hands the file over to the next `flush`. Throws `content-mismatch` when bytes are missing. */
  finish(): void;
  /** Takes the file away again. */
  abandon(): void;
}

export interface StagedFileOptions {
  /** Bytes; no more may be written, and no fewer. */
  readonly size: number;
  readonly mtimeUs: number;
  readonly executable: boolean;
}

/**
 * Makes a new file called `asked`, or what that has to become, in `folder`. Whatever is there under a name, a link included, is
 * left alone and the next name is tried. Throws `name-refused` for one name said too often. The mode is the usual one from the start, so that the system applies the user's umask and
 * the folder's defaults: until all is published nobody else gets past the staging folder, which is closed to them.
 */
export function createExclusively(
  folder: string,
  asked: string,
  options: { readonly rules: NameRules; readonly disk: Pick<Disk, 'create'>; readonly executable: boolean },
): CreatedFile | { readonly skipped: SkipReason } {
  const mode = options.executable ? 0o777 : 0o666;
  let skipped: SkipReason = 'name-reserved';
  for (const wanted of namesToTry(asked, options.rules)) {
    const created =
      createFree(options.disk, { folder, wanted, mode }) ??
      createFree(options.disk, { folder, wanted: nameApart(wanted, asked), mode });
    // Nothing but that very name, said again and again, takes all that are kept apart for it.
    if (created === null) throw new SealaneError('name-refused', { detail: 'one name too often' });
    if (!('skipped' in created)) return created;
    skipped = created.skipped;
  }
  return { skipped };
}

interface CreatedFile {
  readonly fd: number;
  readonly path: string;
  readonly name: string;
}

/** Makes a file called `wanted`, or by the first free name after it; null where all of these are taken. */
function createFree(
  disk: Pick<Disk, 'create'>,
  { folder, wanted, mode }: { readonly folder: string; readonly wanted: string; readonly mode: number },
): CreatedFile | { readonly skipped: SkipReason } | null {
  const nameOf = (n: number): string => (n === 1 ? wanted : freeName(wanted, n));
  const isTaken = (n: number): boolean =>
    lstatSync(join(folder, nameOf(n)), { throwIfNoEntry: false }) !== undefined;
  for (const n of freeNumbers(isTaken)) {
    const name = nameOf(n);
    const path = join(folder, name);
    try {
      return { fd: disk.create(path, mode), path, name };
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') continue;
      const skipped = nameProblem(error);
      if (skipped === undefined) throw error;
      return { skipped };
    }
  }
  return null;
}

export interface OpenFile {
  readonly descriptor: Descriptor;
  readonly path: string;
  readonly names: readonly string[];
  /** Bytes that are in it already; more are written behind them. */
  readonly offset: number;
  readonly disk: Disk;
  readonly space: SpaceGuard;
  /** Called once, when the file is finished or abandoned; a finished one's descriptor goes to the callee. */
  readonly onEnd: (file: DiskFile, finished: Descriptor | null) => void;
}

export class DiskFile implements StagedFile {
  readonly #file: OpenFile;
  readonly #options: StagedFileOptions;
  #written: number;
  #ended = false;

  /** Takes over the descriptor. */
  constructor(file: OpenFile, options: StagedFileOptions) {
    this.#file = file;
    this.#options = options;
    this.#written = file.offset;
  }

  get names(): readonly string[] {
    return this.#file.names;
  }

  get offset(): number {
    return this.#written;
  }

  get descriptor(): Descriptor {
    return this.#file.descriptor;
  }

  write(bytes: Uint8Array): void {
    this.#checkOpen();
    if (bytes.length > this.#options.size - this.#written) throw mismatch('a file longer than announced');
    onDestination(() => {
      this.#file.space.take(bytes.length);
    });
    for (let at = 0; at < bytes.length;) {
      const rest = at === 0 ? bytes : bytes.subarray(at);
      at += onDestination(() => this.#file.disk.write(this.#file.descriptor.fd, rest));
    }
    this.#written += bytes.length;
  }

  finish(): void {
    this.#checkOpen();
    if (this.#written !== this.#options.size) throw mismatch('a file shorter than announced');
    setTime(this.#file.descriptor.fd, this.#options.mtimeUs);
    this.#ended = true;
    this.#file.onEnd(this, this.#file.descriptor);
  }

  abandon(): void {
    this.#checkOpen();
    onDestination(() => {
      unlinkOpen(this.#file);
    });
    this.close();
  }

  /** Closes without deleting. Idempotent. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#file.descriptor.close();
    this.#file.onEnd(this, null);
  }

  #checkOpen(): void {
    if (this.#ended) throw new SealaneError('internal', { detail: 'a file was used after its end' });
  }
}

function mismatch(detail: string): SealaneError {
  return new SealaneError('content-mismatch', { detail });
}

/** Takes the name away from an open file, unless something else is under it by now: that is not ours to delete. */
export function unlinkOpen({ descriptor, path }: Pick<OpenFile, 'descriptor' | 'path'>): void {
  const ours = fstatSync(descriptor.fd, { bigint: true });
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (there?.ino === ours.ino && there.dev === ours.dev) unlinkSync(path);
}

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { SkipReason } from '../../../shared/views.ts';
import { NO_FOLLOW, NO_WAIT, errnoOf } from '../files/disk.ts';
import type { ManifestFile } from '../files/manifest-record.ts';
import { isSameFile } from '../files/source.ts';

/**
 * One file that is being sent: the very file that was listed, as it was then, or none. Its user's editor, or
 * whoever else has it open, may change it at any time; then a reason comes out instead of content that never was one file.
 */
export class SourceFile {
  readonly #fd: number;
  readonly #entry: ManifestFile;
  #offset: number;
  #isOpen = true;

  private constructor(fd: number, entry: ManifestFile, offset: number) {
    this.#fd = fd;
    this.#entry = entry;
    this.#offset = offset;
  }

  /** Opens what `entry` names, to be read from `offset` (bytes) on; or says why it cannot be sent. */
  static open(entry: ManifestFile, offset: number): SourceFile | SkipReason {
    let fd: number;
    try {
      fd = openSync(entry.source, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
    } catch (error) {
      return openingProblem(error);
    }
    const file = new SourceFile(fd, entry, offset);
    const problem = file.check();
    if (problem === undefined) return file;
    file.close();
    return problem;
  }

  get entry(): ManifestFile {
    return this.#entry;
  }

  /** Bytes before the next one to be read. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes still to be read. */
  get rest(): number {
    return this.#entry.size - this.#offset;
  }

  /** Fills all of `target` with the next bytes, or says why the file cannot be read whole. */
  read(target: Uint8Array): SkipReason | undefined {
    for (let filled = 0; filled < target.length;) {
      let count: number;
      try {
        count = readSync(this.#fd, target, filled, target.length - filled, this.#offset);
      } catch {
        return 'unreadable';
      }
      if (count === 0) return 'changed';
      filled += count;
      this.#offset += count;
    }
    return undefined;
  }

  /** Says when this is not the file, or not in the state, that was listed. Ask before the first byte and after the last. */
  check(): SkipReason | undefined {
    try {
      return isSameFile(this.#entry, fstatSync(this.#fd, { bigint: true })) ? undefined : 'changed';
    } catch {
      return 'unreadable';
    }
  }

  /** Idempotent. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#fd);
  }
}

function openingProblem(error: unknown): SkipReason {
  switch (errnoOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'vanished';
    // A link stands in its place.
    case 'ELOOP':
      return 'changed';
    default:
      return 'unreadable';
  }
}

import { closeSync, constants, existsSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { NO_FOLLOW, onProfile } from './disk.ts';
import { readLines } from './lines.ts';
import type { ListSpace } from './list-space.ts';
import { PathSet } from './path-set.ts';

/** Asked for at once: for more than any line takes. */
const ROOM_BYTES = 64 * 1024;

const lineSchema = z.string().min(1);

/**
 * What has been put under its name, by its name in the tree: a publication that was cut short takes what is neither
 * there nor in the tree for the user's, who may do with it what he likes, if it is listed here, and for taken
 * away if it is not. A process that is killed leaves the list whole but for the last move; a power cut may shorten it.
 */
export class MovedList {
  readonly #fd: number;
  readonly #space: ListSpace;
  /** Bytes for which there is room. */
  #room = 0;
  #isFull = false;

  private constructor(fd: number, space: ListSpace) {
    this.#fd = fd;
    this.#space = space;
  }

  /** Empties `file`, durably: what another publication has moved counts for nothing. Throws `profile-unusable`. */
  static empty(file: string): void {
    onProfile(() => {
      const fd = openSync(
        file,
        constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY | NO_FOLLOW,
        0o600,
      );
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    });
  }

  /** Goes on behind what is there. Throws `profile-unusable`. */
  static open(file: string, space: ListSpace): MovedList {
    const { O_APPEND, O_CREAT, O_WRONLY } = constants;
    return new MovedList(
      onProfile(() => openSync(file, O_APPEND | O_CREAT | O_WRONLY | NO_FOLLOW, 0o600)),
      space,
    );
  }

  /** What `file` lists, sealed; nothing where there is none, and where it is damaged what is before the damage. */
  static read(file: string): PathSet {
    const moved = new PathSet();
    try {
      if (existsSync(file)) {
        for (const text of readLines(file, { tornEnd: true })) {
          // A line that was torn is followed by others where a publication was cut short more than once.
          const line = parse(text);
          if (line !== null) moved.add('file', [line]);
        }
      }
    } catch {
      // What is not known to have been moved is looked for.
    }
    moved.seal();
    return moved;
  }

  /**
   * Something was moved. Each line has its break before it as well, so that none is glued to a torn one. Where there is
   * no room for the list it ends: that must not keep anything from its place. Never throws.
   */
  add(name: string): void {
    if (this.#isFull) return;
    const line = Buffer.from(`\n${JSON.stringify(name)}\n`);
    try {
      if (this.#room < line.length) {
        this.#space.take(ROOM_BYTES);
        this.#room = ROOM_BYTES;
      }
      this.#room -= line.length;
      for (let at = 0; at < line.length;) at += writeSync(this.#fd, line, at);
    } catch {
      this.#isFull = true;
    }
  }

  /** What was added outlives a power cut; where the disk does not do that, nothing more is known. Never throws. */
  syncNow(): void {
    try {
      this.#space.disk.syncNow(this.#fd);
    } catch {
      // The list is one of several witnesses.
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function parse(text: string): string | null {
  if (text === '') return null;
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_MOVED_RENAMES, MAX_OFFER_NAMES } from '../../../shared/limits.ts';
import { NO_FOLLOW, errnoOf } from './disk.ts';
import type { Disk } from './disk.ts';
import { keepFolderTime } from './mtime.ts';
import { freeName } from './names.ts';

/**
 * Moves finished things to where the user sees them. A name belongs to whoever has it: it is claimed by making something new under
 * it, which fails when there is anything, a link (dangling or not) included; then the next name is tried.
 */

/** A folder where this many numbers are taken is full of them by intent. */
const MAX_NUMBER = 100_000;

/** Read at once; the rest is read after these are moved. */
const BATCH = 1024;

/** One thing of the tree, and the name it is to have. */
export interface Move {
  readonly name: string;
  readonly target: string;
  /** Whether an empty placeholder is put under the target first, so that an empty thing there may be ours. */
  readonly claims: boolean;
  /** How many of what was moved so far, this included, count as renamed by it. */
  readonly renamed: number;
}

/** What became of the names in a tree. */
export interface Moved {
  /** The first names under which things are now. */
  readonly names: readonly string[];
  /** By its name in the tree, what has another one now: MAX_MOVED_RENAMES of it at most. */
  readonly targets: ReadonlyMap<string, string>;
  /** How much got another name, but for what had counted before. */
  readonly renamedCount: number;
}

/** What moves that have all come to their end have made. */
export function movedBy(moves: readonly Move[]): Moved {
  const targets = new Map(moves.map(({ name, target }) => [name, target]));
  return {
    names: [...targets.values()].slice(0, MAX_OFFER_NAMES),
    targets: new Map([...targets].filter(([name, target]) => name !== target)),
    renamedCount: moves.at(-1)?.renamed ?? 0,
  };
}

export interface MoveOptions {
  readonly disk: Disk;
  /** Called before each move; throws when the folders are no longer the ones they were. */
  readonly check: () => void;
  /** Moves that were begun before a crash, in order; all but the last came to their end. */
  readonly earlier: readonly Move[];
  /**
   * Told of a move before it is begun: of those that make a claim or give another name, and of the first ones, whose names are given in
   * the end. Told once more of the same thing when a name is taken, or when it takes a claim after all.
   */
  readonly onMove: (move: Move) => void;
  /** Told the name in the tree of each thing that was moved. */
  readonly onMoved: (name: string) => void;
  /** Whether what has this name in the tree counts as renamed already: it counts once. */
  readonly isCounted: (name: string) => boolean;
}

/**
 * Moves everything in `from` into `to` (both anchored paths, one file system). Gives what they are called now.
 * A crash in between leaves complete things under their names, and the rest where it was; at most the one that was being moved has
 * an empty placeholder under its name. Call it again to go on.
 */
export function moveAll(from: string, to: string, options: MoveOptions): Moved {
  const mover = new Mover(from, to, options);
  for (;;) {
    const batch = readSome(from);
    if (batch.length === 0) return mover.moved;
    for (const name of batch) {
      options.check();
      mover.move(name);
    }
  }
}

/** Up to BATCH names in a folder, sorted. */
function readSome(folder: string): string[] {
  const directory = opendirSync(folder);
  try {
    const names: string[] = [];
    while (names.length < BATCH) {
      const entry = directory.readSync();
      if (entry === null) break;
      names.push(entry.name);
    }
    return names.sort();
  } finally {
    directory.closeSync();
  }
}

type Kind = 'file' | 'folder';

/** What is to be moved. */
interface Source {
  readonly name: string;
  readonly path: string;
  readonly kind: Kind;
  readonly stats: BigIntStats;
}

class Mover {
  readonly #names: string[];
  readonly #targets: Map<string, string>;
  #renamed: number;
  readonly #from: string;
  readonly #to: string;
  readonly #options: MoveOptions;
  /** What a crash interrupted. */
  readonly #interrupted: Move | undefined;

  constructor(from: string, to: string, options: MoveOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    const last = options.earlier.at(-1);
    this.#interrupted = last !== undefined && isTaken(join(from, last.name)) ? last : undefined;
    const { names, targets, renamedCount } = movedBy(
      options.earlier.filter(({ name }) => name !== this.#interrupted?.name),
    );
    this.#names = [...names];
    this.#targets = new Map(targets);
    this.#renamed =
      this.#interrupted === undefined
        ? renamedCount
        : this.#interrupted.renamed - this.#counts(this.#interrupted);
  }

  get moved(): Moved {
    return { names: this.#names, targets: this.#targets, renamedCount: this.#renamed };
  }

  move(name: string): void {
    const path = join(this.#from, name);
    const stats = lstatSync(path, { bigint: true });
    if (!stats.isFile() && !stats.isDirectory()) {
      throw new SealaneError('destination-changed', { detail: 'neither a file nor a folder' });
    }
    const moved = stats.isFile()
      ? this.#claimName({ name, path, kind: 'file', stats })
      : keepFolderTime(path, stats.mtimeNs, () => this.#claimName({ name, path, kind: 'folder', stats }));
    this.#options.onMoved(name);
    if (this.#names.length < MAX_OFFER_NAMES) this.#names.push(moved);
    this.#renamed += this.#counts({ name, target: moved });
    if (moved !== name && this.#targets.size < MAX_MOVED_RENAMES) this.#targets.set(name, moved);
  }

  /** Tries `name`, ` (2)`, ` (3)`, … until it can be moved there; gives the name that it was. */
  #claimName(source: Source): string {
    for (let n = 1; n <= MAX_NUMBER; n++) {
      const target = n === 1 ? source.name : freeName(source.name, n, source.kind);
      if (this.#moveTo(source, target)) return target;
    }
    throw new SealaneError('destination-unusable', { detail: 'no free name' });
  }

  /** False when the name is taken. */
  #moveTo(source: Source, target: string): boolean {
    if (source.kind === 'file') return this.#moveFile(source, target);
    if (process.platform !== 'win32') return this.#moveOver(source, target);
    this.#tell(source, target);
    return renameToAbsent(source.path, join(this.#to, target));
  }

  /** A hard link is exclusive and whole at once; where there are none, an empty file claims the name. */
  #moveFile(source: Source, target: string): boolean {
    const place = join(this.#to, target);
    // Where there are no links, a claim from before a crash is in the way of one.
    if (this.#isClaimed(source, target)) return this.#moveOver(source, target);
    this.#tell(source, target);
    try {
      this.#options.disk.link(source.path, place);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') return this.#moveOver(source, target);
      // Unless it was linked before a crash, and not yet unlinked.
      if (!isAt(place, source)) return false;
    }
    unlinkSync(source.path);
    return true;
  }

  /**
   * Claims the name with a placeholder and puts the thing in its place. rename(2) replaces an empty folder and no other: if somebody
   * was quick to put something into ours, it fails.
   */
  #moveOver(source: Source, target: string): boolean {
    const place = join(this.#to, target);
    this.#onMove(source, target, true);
    let claimed: BigIntStats | undefined;
    try {
      claimed = claim(place, source.kind);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      if (!this.#isClaimed(source, target) || !isEmpty(place, source.kind)) return false;
    }
    try {
      this.#options.disk.rename(source.path, place);
      return true;
    } catch (error) {
      // A network may lose the answer to what was done.
      if (isAt(place, source)) return true;
      if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error))) return false;
      if (claimed !== undefined) release(place, source.kind, claimed);
      throw error;
    }
  }

  #tell(source: Source, target: string): void {
    if (this.#names.length < MAX_OFFER_NAMES || target !== source.name) this.#onMove(source, target, false);
  }

  #onMove({ name }: Source, target: string, claims: boolean): void {
    this.#options.onMove({ name, target, claims, renamed: this.#renamed + this.#counts({ name, target }) });
  }

  /** What a move adds to the count of what was renamed. */
  #counts({ name, target }: Pick<Move, 'name' | 'target'>): number {
    return name !== target && !this.#options.isCounted(name) ? 1 : 0;
  }

  /** Whether this very move was interrupted, and an empty thing under the name is our placeholder. */
  #isClaimed({ name }: Source, target: string): boolean {
    const interrupted = this.#interrupted;
    return interrupted?.claims === true && interrupted.name === name && interrupted.target === target;
  }
}

/** Puts a placeholder under a name, and gives what tells it from another thing there. */
function claim(path: string, kind: Kind): BigIntStats {
  if (kind === 'folder') {
    mkdirSync(path, 0o700);
    return lstatSync(path, { bigint: true });
  }
  const fd = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | NO_FOLLOW, 0o600);
  try {
    return fstatSync(fd, { bigint: true });
  } finally {
    closeSync(fd);
  }
}

/** Takes a placeholder away, unless something else is under the name by now: that is not ours to delete. */
function release(path: string, kind: Kind, claimed: BigIntStats): void {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (there?.ino !== claimed.ino || there.dev !== claimed.dev || !isEmpty(path, kind)) return;
  if (kind === 'folder') rmdirSync(path);
  else unlinkSync(path);
}

function isEmpty(path: string, kind: Kind): boolean {
  const stats = lstatSync(path);
  if (kind === 'file') return stats.isFile() && stats.size === 0;
  return stats.isDirectory() && readSome(path).length === 0;
}

/**
 * Whether the very thing that was at its source is what is at `path`. The inode alone does not tell: that of a source which
 * somebody removed may have been given to our own placeholder.
 */
function isAt(path: string, { stats }: Source): boolean {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (there?.dev !== stats.dev || there.ino !== stats.ino) return false;
  // A folder's time may change as it is moved, the moment it was made does not.
  if (there.isDirectory()) return there.birthtimeNs > 0n && there.birthtimeNs === stats.birthtimeNs;
  return there.size === stats.size && there.mtimeNs === stats.mtimeNs;
}

/** Windows renames a folder only to a name that nobody has. */
function renameToAbsent(source: string, target: string): boolean {
  if (isTaken(target)) return false;
  try {
    renameSync(source, target);
    return true;
  } catch (error) {
    if (isTaken(target)) return false;
    throw error;
  }
}

function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

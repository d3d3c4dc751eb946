import { lstatSync, unlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_MOVED_RENAMES, MAX_OFFER_NAMES } from '../../../shared/limits.ts';
import { errnoOf } from './disk.ts';
import type { Disk } from './disk.ts';
import { UNFORESEEN, freeNumbers } from './free-numbers.ts';
import { keepFolderTime } from './mtime.ts';
import { freeName } from './names.ts';
import { claim, isAt, isEmpty, isTaken, readSome, release, renameToAbsent } from './placing.ts';
import type { Kind } from './placing.ts';

/**
 * Moves finished things to where the user sees them. A name belongs to whoever has it: it is claimed by making something new under
 * it, which fails when there is anything, a link (dangling or not) included; then the next name is tried.
 */

/** So many are given their names at once, and these noted at once: a disk takes milliseconds to keep a note. */
const PLANNED = 256;

/** So often in a row a name that was found free may be taken before it is made. */
const MAX_REFUSED = 100;

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
    renamedCount: moves.reduce((most, { renamed }) => Math.max(most, renamed), 0),
  };
}

export interface MoveOptions {
  readonly disk: Disk;
  /** Called before each move; throws when the folders are no longer the ones they were. */
  readonly check: () => void;
  /** Moves that were planned or begun before a crash, in order, of which some may not have come to their end. */
  readonly earlier: readonly Move[];
  /**
   * Told of moves before any of them is begun: of those that give another name, and of the first ones, whose names are given in the end.
   * Durable when it returns, so that nothing ever is under a name that is not known. Void is what was told of a thing before, where
   * its name was taken meanwhile.
   */
  readonly onPlan: (moves: readonly Move[]) => void;
  /** Told of a move that makes a claim, before it does. */
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
  options.check();
  const mover = new Mover(from, to, options);
  mover.moveAll(mover.interrupted);
  for (;;) {
    const batch = readSome(from, BATCH);
    if (batch.length === 0) return mover.moved;
    mover.moveAll(batch);
  }
}

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
  /** What a crash has left in the tree of what was about to be moved, in order. */
  readonly #interrupted: ReadonlyMap<string, Move>;
  /** What was found free and taken after all, since something was moved last. */
  readonly #refused = new Set<string>();

  constructor(from: string, to: string, options: MoveOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    const isLeft = ({ name }: Move): boolean => isTaken(join(from, name));
    this.#interrupted = new Map(options.earlier.filter(isLeft).map((move) => [move.name, move]));
    const done = options.earlier.filter(({ name }) => !this.#interrupted.has(name));
    const { names, targets, renamedCount } = movedBy(done);
    this.#names = [...names];
    this.#targets = new Map(targets);
    // What was planned last counts what was moved before it, of which not all is known one by one.
    const before = [...this.#interrupted.values()].map((move) => move.renamed - this.#counts(move));
    this.#renamed = before.length === 0 ? renamedCount : Math.min(...before);
  }

  get moved(): Moved {
    return { names: this.#names, targets: this.#targets, renamedCount: this.#renamed };
  }

  /** What a crash interrupted: it comes first, so that no plan is void while anything in it is still to be moved. */
  get interrupted(): readonly string[] {
    return [...this.#interrupted.keys()];
  }

  /** Throws `destination-unusable` where whatever name is found is taken before it is made. */
  moveAll(names: readonly string[]): void {
    for (let at = 0; at < names.length;) {
      at += this.#moveSome(names.slice(at, at + PLANNED));
      if (this.#refused.size === MAX_REFUSED)
        throw new SealaneError('destination-unusable', { detail: 'no free name' });
    }
  }

  /** Moves the first ones, until a name that was found is taken after all; gives how many. */
  #moveSome(names: readonly string[]): number {
    const plan = this.#plan(names);
    const noted = plan.filter(
      ({ name, target }, index) =>
        this.#names.length + index < MAX_OFFER_NAMES || name !== target || this.#interrupted.has(name),
    );
    if (noted.length > 0) this.#options.onPlan(noted);
    for (const [index, { name, target }] of plan.entries()) {
      this.#options.check();
      if (!this.#move(name, target)) {
        this.#refused.add(target);
        return index;
      }
      this.#refused.clear();
    }
    return plan.length;
  }

  /** Under which name each is to be: as many as are files or folders, where not even the first one is, that is thrown. */
  #plan(names: readonly string[]): readonly Move[] {
    const plan: Move[] = [];
    const planned = new Set<string>();
    let renamed = this.#renamed;
    for (const name of names) {
      const source = this.#sourceOf(name);
      if (source === null) break;
      const target = this.#choose(source, planned);
      planned.add(target);
      renamed += this.#counts({ name, target });
      plan.push({ name, target, claims: this.#isClaimed(source, target), renamed });
    }
    if (plan.length === 0) throw new SealaneError('destination-changed', { detail: 'not what was received' });
    return plan;
  }

  /** Null for what is neither a file nor a folder, or not there. */
  #sourceOf(name: string): Source | null {
    const path = join(this.#from, name);
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats?.isFile() === true) return { name, path, kind: 'file', stats };
    return stats?.isDirectory() === true ? { name, path, kind: 'folder', stats } : null;
  }

  /** A name that is free, and not in `planned`: its own, or one with a number. */
  #choose(source: Source, planned: ReadonlySet<string>): string {
    const isFree = (target: string): boolean =>
      !planned.has(target) && !this.#refused.has(target) && this.#isFree(source, target);
    const earlier = this.#interrupted.get(source.name)?.target;
    if (earlier !== undefined && isFree(earlier)) return earlier;
    const nameOf = (n: number): string => (n === 1 ? source.name : freeName(source.name, n, source.kind));
    for (const n of freeNumbers((each) => !isFree(nameOf(each)), UNFORESEEN)) {
      if (isFree(nameOf(n))) return nameOf(n);
    }
    throw new SealaneError('destination-unusable', { detail: 'no free name' });
  }

  /** Also where what a crash has left there is this very thing, or its placeholder. */
  #isFree(source: Source, target: string): boolean {
    const place = join(this.#to, target);
    if (!isTaken(place)) return true;
    if (source.kind === 'file' && isAt(place, source.stats)) return true;
    return this.#isClaimed(source, target) && isEmpty(place, source.kind);
  }

  /** False when the name is taken. */
  #move(name: string, target: string): boolean {
    const source = this.#sourceOf(name);
    if (source === null) throw new SealaneError('destination-changed', { detail: 'not what was received' });
    const { path, kind, stats } = source;
    const isMoved =
      kind === 'file'
        ? this.#moveFile(source, target)
        : keepFolderTime(path, stats.mtimeNs, () => this.#moveFolder(source, target));
    if (!isMoved) return false;
    this.#options.onMoved(name);
    if (this.#names.length < MAX_OFFER_NAMES) this.#names.push(target);
    this.#renamed += this.#counts({ name, target });
    if (target !== name && this.#targets.size < MAX_MOVED_RENAMES) this.#targets.set(name, target);
    return true;
  }

  #moveFolder(source: Source, target: string): boolean {
    if (process.platform !== 'win32') return this.#moveOver(source, target);
    return renameToAbsent(source.path, join(this.#to, target));
  }

  /** A hard link is exclusive and whole at once; where there are none, an empty file claims the name. */
  #moveFile(source: Source, target: string): boolean {
    const place = join(this.#to, target);
    // Where there are no links, a claim from before a crash is in the way of one.
    if (this.#isClaimed(source, target)) return this.#moveOver(source, target);
    try {
      this.#options.disk.link(source.path, place);
    } catch (error) {
      // It may have been linked before a crash, and not yet unlinked; and a network may lose the answer to what was done.
      if (errnoOf(error) === '') throw error;
      if (!isAt(place, source.stats))
        return errnoOf(error) === 'EEXIST' ? false : this.#moveOver(source, target);
    }
    unlinkSync(source.path);
    return true;
  }

  /**
   * Claims the name with a placeholder and puts the thing in its place. rename(2) replaces an empty folder and no other: if somebody
   * was quick to put something into ours, it fails.
   */
  #moveOver(source: Source, target: string): boolean {
    const { name, path, kind, stats } = source;
    const place = join(this.#to, target);
    const renamed = this.#renamed + this.#counts({ name, target });
    this.#options.onMove({ name, target, claims: true, renamed });
    let claimed: BigIntStats | undefined;
    try {
      claimed = claim(place, kind);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      if (!this.#isClaimed(source, target) || !isEmpty(place, kind)) return false;
    }
    try {
      this.#options.disk.rename(path, place);
      return true;
    } catch (error) {
      // A network may lose the answer to what was done.
      if (isAt(place, stats)) return true;
      if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error))) return false;
      if (claimed !== undefined) release(place, kind, claimed);
      throw error;
    }
  }

  /** What a move adds to the count of what was renamed. */
  #counts({ name, target }: Pick<Move, 'name' | 'target'>): number {
    return name !== target && !this.#options.isCounted(name) ? 1 : 0;
  }

  /** Whether this very move was interrupted, and an empty thing under the name is our placeholder. */
  #isClaimed({ name }: Source, target: string): boolean {
    const interrupted = this.#interrupted.get(name);
    return interrupted?.claims === true && interrupted.target === target;
  }
}

import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import type { SkipReason } from '../../../shared/views.ts';
import { errnoOf } from './disk.ts';
import type { Disk } from './disk.ts';
import { checkStill, markFolder, openAnchor } from './folder-mark.ts';
import type { Anchor, FolderMark } from './folder-mark.ts';
import { freeNumbers } from './free-numbers.ts';
import { freeName, nameApart, namesToTry } from './names.ts';
import type { NameRules } from './names.ts';

/** A folder below the base. */
interface Level extends FolderMark {
  /** The name that the peer gave it, and the one it has on disk. */
  readonly asked: string;
  readonly name: string;
}

interface Descended {
  readonly level: Level;
  readonly made: boolean;
}

export interface EnteredFolder {
  /** Where it is, and its names on disk from the base down. */
  readonly path: string;
  readonly names: readonly string[];
  /** Where things are made in it now: this very folder, if it is held, whatever else is at `path` by then. */
  readonly through: string;
}

export type Entered = EnteredFolder | { readonly skipped: SkipReason };

export interface FolderTreeOptions {
  /** Where everything goes: an anchored path. */
  readonly base: string;
  readonly rules: NameRules;
  readonly disk: Pick<Disk, 'makeFolder'>;
  /** Throws when the base is not what it was. */
  readonly checkBase: () => void;
  /** Called before a folder is made. Throws when there is no room for one. */
  readonly takeRoom: () => void;
  /** Told the names on disk, from the base down, of every folder that is made, and of one asked for with its time. */
  readonly onFolder: (names: readonly string[], mtimeUs: number | null) => void;
  /** Told the path of a folder in which one was made. */
  readonly onMade: (path: string) => void;
}

/**
 * Finds and makes folders below a base, following no link. It remembers only the folder it was in last, with all above it, and
 * looks at each of these again whenever it is used: a folder that was swapped for a link, or moved away, is noticed before the
 * next file is made, or at the next round. What a peer's name became on disk is not remembered either: asking the disk again gives the same answer.
 */
export class FolderTree {
  readonly #options: FolderTreeOptions;
  #levels: Level[] = [];
  #isRound = false;
  #held: { readonly folder: EnteredFolder; readonly anchor: Anchor } | undefined;

  constructor(options: FolderTreeOptions) {
    this.#options = options;
  }

  /**
   * The folder for `components` (which passed `checkPath`), made when absent with all above it; `mtimeUs` is noted for the last
   * one. Throws `destination-changed`, and system errors.
   */
  enter(components: readonly string[], mtimeUs: number | null): Entered {
    if (mtimeUs === null && this.#held !== undefined && this.#isAt(components)) return this.#held.folder;
    let path = this.#back((level, index) => level.asked === components[index]);
    let noted = false;
    for (let index = this.#levels.length; index < components.length; index++) {
      const asked = components[index] ?? '';
      const last = index === components.length - 1;
      const entered = this.#descend(path, asked, last ? mtimeUs : null);
      if ('skipped' in entered) return entered;
      noted = entered.made && last;
      path = entered.level.path;
      this.#levels.push(entered.level);
    }
    const names = this.#names();
    if (mtimeUs !== null && !noted) this.#options.onFolder(names, mtimeUs);
    const through = this.#isRound && mtimeUs === null ? this.#hold(path, names) : path;
    return { path, names, through };
  }

  /**
   * From here to `endRound` the folder that was entered last is held open: many files are made in it one after another, and it is looked at
   * once. That nothing can come in between is the system's promise then, where it has descriptors for folders; elsewhere a round
   * changes nothing. A round does not outlast a pause in which others have their turn: begin a new one.
   */
  beginRound(): void {
    this.endRound();
    this.#isRound = true;
  }

  /** Idempotent. */
  endRound(): void {
    this.#letGo();
    this.#isRound = false;
  }

  /** The path of a folder that was made earlier, by its names on disk. Throws `destination-changed` if it is not there. */
  locate(names: readonly string[]): string {
    let path = this.#back((level, index) => level.name === names[index]);
    for (const name of names.slice(this.#levels.length)) {
      path = join(path, name);
      this.#levels.push({ ...markFolder(path), asked: name, name });
    }
    return path;
  }

  /** Goes up to where `isSame` ends, and checks all that stays. */
  #back(isSame: (level: Level, index: number) => boolean): string {
    this.#letGo();
    this.#options.checkBase();
    const different = this.#levels.findIndex((level, index) => !isSame(level, index));
    if (different !== -1) this.#levels.length = different;
    for (const level of this.#levels) checkStill(level);
    return this.#levels.at(-1)?.path ?? this.#options.base;
  }

  #descend(
    parent: string,
    asked: string,
    mtimeUs: number | null,
  ): Descended | { readonly skipped: SkipReason } {
    let skipped: SkipReason = 'name-reserved';
    for (const wanted of namesToTry(asked, this.#options.rules)) {
      const found =
        this.#descendTo(parent, asked, wanted, mtimeUs) ??
        this.#descendTo(parent, asked, nameApart(wanted, asked), mtimeUs);
      if (found === null) throw new SealaneError('name-refused', { detail: 'one name too often' });
      if (!('skipped' in found)) return found;
      skipped = found.skipped;
    }
    return { skipped };
  }

  /**
   * The folder under `wanted`, or under the first free name after it; why not, where the file system takes no such name; null where files
   * have all of these.
   */
  #descendTo(
    parent: string,
    asked: string,
    wanted: string,
    mtimeUs: number | null,
  ): Descended | { readonly skipped: SkipReason } | null {
    const nameOf = (n: number): string => (n === 1 ? wanted : freeName(wanted, n, 'folder'));
    const isTaken = (n: number): boolean =>
      lstatSync(join(parent, nameOf(n)), { throwIfNoEntry: false })?.isFile() === true;
    for (const n of freeNumbers(isTaken)) {
      const name = nameOf(n);
      const path = join(parent, name);
      const found = findOrMake(path, this.#options);
      if (found === 'file') continue;
      if (typeof found === 'object') return found;
      if (found === 'made') {
        this.#options.onFolder([...this.#names(), name], mtimeUs);
        this.#options.onMade(parent);
      }
      return { level: { ...markFolder(path), asked, name }, made: found === 'made' };
    }
    return null;
  }

  #names(): string[] {
    return this.#levels.map((level) => level.name);
  }

  /** Whether the folder entered last is this one. */
  #isAt(components: readonly string[]): boolean {
    return (
      components.length === this.#levels.length &&
      this.#levels.every((level, index) => level.asked === components[index])
    );
  }

  /** Holds the folder entered last, and gives the path through the hold. */
  #hold(path: string, names: readonly string[]): string {
    const level = this.#levels.at(-1);
    if (level === undefined) return path;
    const anchor = openAnchor(level);
    if (anchor.path === level.path) {
      anchor.close();
      return path;
    }
    this.#held = { folder: { path, names, through: anchor.path }, anchor };
    return anchor.path;
  }

  #letGo(): void {
    this.#held?.anchor.close();
    this.#held = undefined;
  }
}

/** `file`: the name is taken by one. Throws `destination-changed` for a link or special file, which is never made here. */
function findOrMake(
  path: string,
  { disk, takeRoom }: Pick<FolderTreeOptions, 'disk' | 'takeRoom'>,
): 'folder' | 'made' | 'file' | { readonly skipped: SkipReason } {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() === true) return 'file';
    if (stats?.isDirectory() === true) return 'folder';
    if (stats !== undefined) throw new SealaneError('destination-changed', { detail: 'a link in the way' });
    takeRoom();
    disk.makeFolder(path);
    return 'made';
  } catch (error) {
    const skipped = nameProblem(error);
    if (skipped === undefined) throw error;
    return { skipped };
  }
}

/** Whether a system error is about the name alone, so that only this one thing is left out. */
export function nameProblem(error: unknown): SkipReason | undefined {
  switch (errnoOf(error)) {
    case 'ENAMETOOLONG':
      return 'name-too-long';
    // The file system cannot hold some character of it.
    case 'EINVAL':
    case 'EILSEQ':
      return 'name-reserved';
    default:
      return undefined;
  }
}

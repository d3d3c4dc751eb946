import { closeSync, fstatSync, lstatSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from './disk.ts';
import { isSame, openPlace, throughOpen } from './real-place.ts';
import type { RealPlaces } from './real-place.ts';

/**
 * A folder that is being walked. Its entries are looked at in that very folder, also when somebody puts a link
 * to another one in its place, or in that of a folder above, meanwhile: through a descriptor where paths lead
 * through one, and else by a look at the folder after each look at an entry.
 */
export class SourceFolder {
  /** Its real path. */
  readonly source: string;
  readonly stats: BigIntStats;
  readonly #fd: number | undefined;
  readonly #places: RealPlaces;

  private constructor(source: string, stats: BigIntStats, fd: number | undefined, places: RealPlaces) {
    this.source = source;
    this.stats = stats;
    this.#fd = fd;
    this.#places = places;
  }

  /**
   * Takes hold of the folder at `at`, of which `found` was read, and which is to lie at `source`. Undefined when
   * it is another one or lies elsewhere. Throws system errors. Close it.
   */
  static open(at: string, source: string, found: BigIntStats, places: RealPlaces): SourceFolder | undefined {
    if (!places.byDescriptor) {
      const folder = new SourceFolder(source, found, undefined, places);
      return folder.isStill() ? folder : undefined;
    }
    const fd = openPlace(at);
    try {
      const stats = fstatSync(fd, { bigint: true });
      if (isSame(stats, found) && stats.isDirectory() && places.liesAt(fd, source))
        return new SourceFolder(source, stats, fd, places);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
    return undefined;
  }

  /** Where its names are read. */
  get path(): string {
    return this.#fd === undefined ? this.source : throughOpen(this.#fd);
  }

  /** What is called `name` in it; undefined when the look may have been at another folder. Throws system errors. */
  look(name: string): { readonly at: string; readonly stats: BigIntStats } | undefined {
    const at = this.#fd === undefined ? join(this.source, name) : `${throughOpen(this.#fd)}/${name}`;
    try {
      const stats = lstatSync(at, { bigint: true });
      return this.isStill() ? { at, stats } : undefined;
    } catch (error) {
      if (errnoOf(error) === '' || this.isStill()) throw error;
      return undefined;
    }
  }

  /** Whether what was just read in it was read in this folder. Throws nothing. */
  isStill(): boolean {
    if (this.#fd !== undefined) return true;
    try {
      const stats = this.#places.statsAt(this.source);
      return stats !== undefined && stats.isDirectory() && isSame(stats, this.stats);
    } catch {
      return false;
    }
  }

  /** Once. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

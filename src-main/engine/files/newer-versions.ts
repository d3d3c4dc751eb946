import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import type { Disk } from './disk.ts';
import { checkStill, openAnchor } from './folder-mark.ts';
import type { Anchor, FolderMark } from './folder-mark.ts';
import type { FolderTree } from './folder-tree.ts';
import { POSIX_RULES } from './names.ts';
import { createExclusively } from './staged-file.ts';

/** A whole newer version, and the names on disk of the file whose place it takes. */
export interface NewerVersion {
  /** Its own entry, and the one by which the older version is known. */
  readonly entry: number;
  readonly of: number;
  readonly names: readonly string[];
  readonly size: number;
}

/**
 * Newer versions of files that have arrived already. They are put together in a folder of their own, and take the place of the older
 * ones only once the journal vouches for them, so that at any moment one version is whole.
 */
export class NewerVersions {
  readonly #mark: FolderMark;
  readonly #anchor: Anchor;
  readonly #disk: Disk;
  /** Whole, and not yet in their places, in order. */
  #waiting: NewerVersion[] = [];

  /** `folder`: the folder for them. Throws `destination-changed`, and system errors. */
  constructor(folder: FolderMark, disk: Disk) {
    this.#mark = folder;
    this.#anchor = openAnchor(this.#mark);
    this.#disk = disk;
  }

  /** The folder, as an anchored path. */
  get folder(): string {
    return this.#anchor.path;
  }

  /** Throws `destination-changed` when something else stands in its place. */
  check(): void {
    checkStill(this.#mark);
  }

  /** Makes the file for `entry`. Throws `destination-changed`, and system errors. */
  create(entry: number, executable: boolean): { readonly fd: number; readonly path: string } {
    this.check();
    const created = createExclusively(this.folder, String(entry), {
      rules: POSIX_RULES,
      disk: this.#disk,
      executable,
    });
    if ('skipped' in created || created.name !== String(entry)) {
      throw new SealaneError('destination-changed', { detail: 'a number was taken' });
    }
    return created;
  }

  /** Where the file for `entry` is. */
  pathOf(entry: number): string {
    return join(this.folder, String(entry));
  }

  add(version: NewerVersion): void {
    this.#waiting.push(version);
  }

  /** Size of the newest version that waits to take the place of that one; undefined when there is none. */
  sizeWaitingFor(of: number): number | undefined {
    return this.#waiting.findLast((version) => version.of === of)?.size;
  }

  /** Those that wait now; they are to be given to `settle` once the journal vouches for them. */
  take(): readonly NewerVersion[] {
    return [...this.#waiting];
  }

  /** Puts them in their places. Gives the paths of folders that this changed. */
  settle(versions: readonly NewerVersion[], tree: FolderTree): readonly string[] {
    const changed = versions.map(({ entry, names }) => this.#replace(entry, names, tree));
    this.#waiting = this.#waiting.filter((version) => !versions.includes(version));
    return changed;
  }

  /**
   * After a crash: what `versionOf` knows takes its place, `keep` stays, and the rest, which no journal names, is removed. Gives
   * the paths of folders that this changed.
   */
  recover(
    versionOf: (entry: number) => { readonly names: readonly string[] } | null,
    keep: number | null,
    tree: FolderTree,
  ): readonly string[] {
    this.check();
    const changed: string[] = [];
    for (const name of readdirSync(this.folder).sort((one, other) => Number(one) - Number(other))) {
      const entry = /^\d+$/.test(name) ? Number(name) : -1;
      if (entry === keep) continue;
      const version = versionOf(entry);
      if (version === null) rmSync(join(this.folder, name), { recursive: true, force: true });
      else changed.push(this.#replace(entry, version.names, tree));
    }
    return changed;
  }

  /** Idempotent. */
  close(): void {
    this.#anchor.close();
  }

  #replace(entry: number, names: readonly string[], tree: FolderTree): string {
    this.check();
    const folder = tree.locate(names.slice(0, -1));
    const place = join(folder, names.at(-1) ?? '');
    const newer = this.pathOf(entry);
    // What something has taken away is there again with it.
    const older = lstatSync(place, { throwIfNoEntry: false });
    if (!lstatSync(newer).isFile() || older?.isFile() === false)
      throw new SealaneError('destination-changed', { detail: 'no file where there was one' });
    this.#disk.rename(newer, place);
    return folder;
  }
}

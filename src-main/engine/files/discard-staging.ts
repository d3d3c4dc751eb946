import { readdirSync, rmSync, unlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeMade } from './destination.ts';
import { markFolder, openAnchor, removeFolder } from './folder-mark.ts';
import type { Anchor } from './folder-mark.ts';
import { ID_NAME, findStaging, isTokenIn, removeEmptied } from './staging-folder.ts';
import type { StagingPlace } from './staging-folder.ts';

/**
 * Removes a staging folder with all in it, and the folders that were made for it if they are empty. Follows no link, and deletes nothing
 * in a folder without the token, whatever its number in the file system: once a staging folder is gone, the next one that somebody makes
 * may get its number. Never throws: what cannot be removed stays.
 */
export function discardStaging(place: StagingPlace): void {
  const held = hold(place);
  try {
    for (const path of held?.paths ?? []) rmSync(path, { recursive: true, force: true });
    held?.finish();
  } catch {
    // Not removable: there is nothing more to do.
  } finally {
    held?.close();
  }
  removeMade(place.made);
}

/** As `discardStaging`, for a thread that must not wait for a disk. */
export async function discardStagingAsync(place: StagingPlace): Promise<void> {
  const held = hold(place);
  try {
    for (const path of held?.paths ?? []) await rm(path, { recursive: true, force: true });
    held?.finish();
  } catch {
    // As above.
  } finally {
    held?.close();
  }
  removeMade(place.made);
}

/** Takes away what is left of a staging folder from which everything was moved. Never throws. */
export function sweepEmptied(place: StagingPlace): void {
  const folder = findStaging(place);
  if (folder === null) removeBare(place);
  else removeEmptied(folder);
}

/** A staging folder that is about to be removed, in which the token was read. */
interface Held {
  /** All that is in it but the token, which goes last: what a process that was killed has left is known by it. */
  readonly paths: readonly string[];
  /** Removes the token, and the folder. Throws system errors. */
  finish(): void;
  close(): void;
}

/** Null where there is none to remove; one that has nothing in it any more is gone then. Never throws. */
function hold(place: StagingPlace): Held | null {
  let anchor: Anchor | undefined;
  try {
    const folder = markFolder(place.folder.path);
    const held = openAnchor(folder);
    anchor = held;
    const { path } = held;
    if (isTokenIn(held, place.token)) {
      const names = readdirSync(path).filter((name) => name !== ID_NAME);
      const finish = (): void => {
        unlinkSync(join(path, ID_NAME));
        removeFolder(folder);
      };
      const close = (): void => {
        held.close();
      };
      return { paths: names.map((name) => join(path, name)), finish, close };
    }
  } catch {
    // Gone, replaced, or not to be looked into.
  }
  anchor?.close();
  removeBare(place);
  return null;
}

/** Removes the folder where it has its number and nothing in it: the token was removed, and the process killed. Never throws. */
function removeBare({ folder }: StagingPlace): void {
  try {
    removeFolder(folder);
  } catch {
    // As above.
  }
}

import { basename, parse, resolve } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import type { SkipReason } from '../../../shared/views.ts';
import { collisionKey, freeName } from './names.ts';
import type { RealPlaces } from './real-place.ts';
import { skipReasonOf } from './source.ts';
import { ForeignLinkError } from './trusted-link.ts';
import { trustedPlace } from './trusted-path.ts';

/** One of the files and folders that the user chose: the name it is sent under, and where it is, or why it is not sent. */
export type TopLevelItem = { readonly name: string } & (
  | {
      /** As it was chosen, absolute. */
      readonly path: string;
      /** Its real path: the user chose it, so a link of this user's or root's is followed, wherever it leads. */
      readonly source: string;
    }
  | { readonly skipped: SkipReason }
);

/**
 * What the user chose, each once, under different names: of two folders called `src` the second is sent as `src (2)`, also where
 * the names differ in case only, so that they stay apart on any system. Throws `source-foreign-link` for a path that leads through
 * another user's link: what is sent would be that user's choice.
 */
export function topLevelItems(paths: readonly string[], places: RealPlaces): TopLevelItem[] {
  return named(paths, (path) => find(path, places));
}

/**
 * The same of what is still there: what has gone keeps its name, so that the others have the names of the
 * first time. Throws nothing.
 */
export function itemsStillThere(paths: readonly string[], places: RealPlaces): TopLevelItem[] {
  return named(paths, (path) => findIfThere(path, places)).filter((item) => 'source' in item);
}

type Place = { readonly isFolder: boolean } & (
  { readonly path: string; readonly source: string } | { readonly skipped: SkipReason }
);

function named(paths: readonly string[], look: (path: string) => Place): TopLevelItem[] {
  const chosen = new Set(paths.map((path) => resolve(path)));
  const taken = new Set<string>();
  return [...chosen].map((path) => {
    const { isFolder, ...place } = look(path);
    const wanted = nameOf(path);
    let name = wanted;
    for (let n = 2; taken.has(collisionKey(name)); n++) {
      name = freeName(wanted, n, isFolder ? 'folder' : 'file');
    }
    taken.add(collisionKey(name));
    return { name, ...place };
  });
}

function find(path: string, places: RealPlaces): Place {
  try {
    // Where case does not matter, the disk has its own: what is read later is compared with that.
    const { path: source, stats } = trustedPlace(path, places);
    return { path, source, isFolder: stats.isDirectory() };
  } catch (error) {
    if (error instanceof ForeignLinkError) throw new SealaneError('source-foreign-link', { cause: error });
    return { skipped: skipReasonOf(error, path), isFolder: false };
  }
}

function findIfThere(path: string, places: RealPlaces): Place {
  try {
    return find(path, places);
  } catch {
    return { skipped: 'changed', isFolder: false };
  }
}

/** A whole drive has no name of its own: `D:\` is sent as `D`, `/` as `root`. */
function nameOf(path: string): string {
  const name = basename(path);
  if (name !== '') return name;
  const letter = /^[A-Za-z]/.exec(parse(path).root)?.[0];
  return letter ?? 'root';
}

import { lstatSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isSame } from './real-place.ts';

/** What a folder that content is built in is called, also where it was moved aside. */
const STAGING_NAME = /^\.sealane-[0-9a-f]{16}(-\d+)?$/;
const STAGING_ID = 'id';

/** The key of a device and the copy of it: whoever has one is that device. */
const KEY_NAMES = ['identity.key', 'identity.key.copy'];

/** Only a profile has this beside a key. */
const PROFILE_LOCK = 'profile.lock';

/**
 * What is this program's own, and never sent: a profile, with the key in it, and what is being received by
 * another transfer. Known by device and inode, whatever path leads there.
 */
export class OwnFiles {
  readonly #profile: BigIntStats | undefined;
  readonly #keys: readonly BigIntStats[];

  /** `profile`: the one that is open, absolute; undefined where there is none. Throws nothing. */
  constructor(profile: string | undefined) {
    this.#profile = profile === undefined ? undefined : statsOf(profile);
    const keys = profile === undefined ? [] : KEY_NAMES.map((name) => statsOf(join(profile, name)));
    this.#keys = keys.filter((stats) => stats !== undefined);
  }

  /** Whether a file is the key, under whatever name. */
  isKey(stats: BigIntStats): boolean {
    return this.#keys.some((key) => isSame(key, stats));
  }

  /** Whether a folder with these names in it, sorted or not, is one of its own; `source`: its real path. */
  isOwnFolder(source: string, stats: BigIntStats, names: readonly string[]): boolean {
    if (this.#isProfile(stats)) return true;
    if (STAGING_NAME.test(basename(source))) return names.includes(STAGING_ID);
    return KEY_NAMES.some((name) => names.includes(name)) && names.includes(PROFILE_LOCK);
  }

  /** Whether one of the folders above what has this real path is one of its own. Throws nothing. */
  isBelowOwn(source: string): boolean {
    for (let path = dirname(source), last = source; path !== last; last = path, path = dirname(path)) {
      const stats = statsOf(path);
      if (stats !== undefined && this.#isProfile(stats)) return true;
      if (STAGING_NAME.test(basename(path)) && statsOf(join(path, STAGING_ID)) !== undefined) return true;
      const holdsKey = KEY_NAMES.some((name) => statsOf(join(path, name)) !== undefined);
      if (holdsKey && statsOf(join(path, PROFILE_LOCK)) !== undefined) return true;
    }
    return false;
  }

  #isProfile(stats: BigIntStats): boolean {
    return this.#profile !== undefined && isSame(this.#profile, stats);
  }
}

function statsOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

import { SealaneError } from '../../../shared/errors.ts';
import { NoSpace } from '../../../shared/no-space.ts';
import { RESERVE_BYTES, RESERVE_INODES, demandBytes } from './destination.ts';
import type { Demand } from './destination.ts';
import type { Disk } from './disk.ts';
import type { FolderMark } from './folder-mark.ts';
import type { SpaceClaim } from './space-ledger.ts';

/**
 * Written without asking how much is free: small beside what is kept free, and large beside what it costs to
 * ask.
 */
const GRANT_BYTES = 1024 * 1024;

/** What a folder, an empty file or the last block of a file may take of a disk. */
const BLOCK_BYTES = 4096;

/**
 * Sees to it that RESERVE_BYTES and RESERVE_INODES stay free in a destination: before a transfer begins,
 * counting what the others of this process were promised, and while it writes, whatever else takes the room
 * meanwhile.
 */
export class SpaceGuard {
  readonly #folder: FolderMark;
  readonly #disk: Disk;
  readonly #claim: SpaceClaim;
  #lacking = 0;
  #granted = 0;

  /** `folder`: in the destination. */
  constructor(folder: FolderMark, disk: Disk, claim: SpaceClaim) {
    this.#folder = folder;
    this.#disk = disk;
    this.#claim = claim;
  }

  /** Claims room for `demand`. Throws `no-space` unless it fits beside what was promised to others. */
  begin(demand: Demand): void {
    try {
      this.#begin(demand);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Before `bytes` are written. Throws `no-space` when less would stay free than is kept free. */
  take(bytes: number): void {
    if (bytes > this.#granted) this.#ask(bytes);
    this.#granted -= bytes;
    this.#lacking = Math.max(0, this.#lacking - bytes);
  }

  /** Before a file or a folder is made, which takes room also where nothing is written into it. Throws `no-space`. */
  takeEntry(): void {
    this.take(BLOCK_BYTES);
  }

  /** Nothing more is written. Idempotent. */
  end(): void {
    this.#claim.release();
  }

  #begin(demand: Demand): void {
    const { dev, path } = this.#folder;
    this.#claim.waitForEarlier();
    const others = this.#claim.others(dev);
    const space = this.#disk.space(path);
    this.#lacking = demandBytes(demand, space);
    const wanted = this.#lacking + others.lacking + RESERVE_BYTES;
    if (space.freeBytes !== null && space.freeBytes < wanted) {
      throw new NoSpace({ needed: wanted, free: space.freeBytes }, { detail: 'bytes' });
    }
    if (space.freeInodes !== null && space.freeInodes < demand.files + demand.folders + RESERVE_INODES) {
      throw new SealaneError('no-space', { detail: 'inodes' });
    }
    this.#claim.claim(dev, this.#lacking);
  }

  #ask(bytes: number): void {
    const { freeBytes, freeInodes } = this.#disk.space(this.#folder.path);
    if (freeInodes !== null && freeInodes < RESERVE_INODES) {
      throw new SealaneError('no-space', { detail: 'inodes' });
    }
    const wanted = Math.max(GRANT_BYTES, bytes);
    const kept = RESERVE_BYTES + this.#claim.others(this.#folder.dev).granted;
    const room = freeBytes === null ? wanted : freeBytes - kept;
    if (room < bytes) {
      const needed = Math.max(bytes, this.#lacking) + kept;
      throw new NoSpace({ needed, free: freeBytes }, { detail: 'what is kept free' });
    }
    this.#granted = Math.min(wanted, room);
    // Others count on it as it is now: until the next time they count on a little too much, never on too
    // little.
    this.#claim.needs(this.#lacking, this.#granted);
  }
}

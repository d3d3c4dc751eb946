import { NoSpace } from '../../../shared/no-space.ts';
import { PROFILE_DISK } from '../../../shared/received-folder.ts';
import { RESERVE_BYTES } from './destination.ts';
import { onProfile } from './disk.ts';
import type { Disk } from './disk.ts';
import { markFolder } from './folder-mark.ts';
import type { FolderMark } from './folder-mark.ts';
import type { SpaceClaim } from './space-ledger.ts';

/**
 * Sees to it that RESERVE_BYTES stay free where the lists beside a journal lie, which grow with the names that a
 * peer chooses: this device's own settings are on that disk too, and a device must be forgotten whatever another
 * one sends.
 */
export class ListSpace {
  readonly disk: Disk;
  readonly #folder: FolderMark;
  readonly #claim: SpaceClaim;

  /** `folder`: absolute path of the one with the lists. Throws `profile-unusable`. */
  constructor(folder: string, disk: Disk, claim: SpaceClaim) {
    this.disk = disk;
    this.#folder = onProfile(() => markFolder(folder));
    this.#claim = claim;
  }

  /** Before `bytes` are written. Throws `no-space` when less than RESERVE_BYTES would stay free. */
  take(bytes: number): void {
    const { freeBytes } = this.disk.space(this.#folder.path);
    // What is granted on this disk is written without asking again.
    const kept = RESERVE_BYTES + this.#claim.granted(this.#folder.dev);
    if (freeBytes !== null && freeBytes < bytes + kept) {
      throw new NoSpace({ needed: bytes + kept, free: freeBytes }, { detail: PROFILE_DISK });
    }
  }
}

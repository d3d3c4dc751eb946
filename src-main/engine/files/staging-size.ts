import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { openAnchor } from './folder-mark.ts';
import { findStaging } from './staging-folder.ts';
import type { StagingPlace } from './staging-folder.ts';

/** What is counted one by one: more is told as at least this much. */
const MAX_COUNTED = 200_000;

/** What a staging folder takes on its disk. */
export interface StagingSize {
  readonly bytes: number;
  /** Whether it is all of it, and not only what was counted, or could be. */
  readonly isWhole: boolean;
}

/** Counts what is in a staging folder, through a hold on it; follows no link. All zero where it is not there. Never rejects. */
export async function sizeOfStaging(place: StagingPlace): Promise<StagingSize> {
  const folder = findStaging(place);
  if (folder === null) return { bytes: 0, isWhole: true };
  const tally = { bytes: 0, entries: 0 };
  try {
    const anchor = openAnchor(folder);
    try {
      return { isWhole: await count(anchor.path, tally), bytes: tally.bytes };
    } finally {
      anchor.close();
    }
  } catch {
    return { bytes: tally.bytes, isWhole: false };
  }
}

/** Resolves with whether all of it was counted. */
async function count(folder: string, tally: { bytes: number; entries: number }): Promise<boolean> {
  for await (const entry of await opendir(folder)) {
    tally.entries += 1;
    if (tally.entries > MAX_COUNTED) return false;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!(await count(path, tally))) return false;
    } else tally.bytes += (await lstat(path)).blocks * BLOCK_BYTES;
  }
  return true;
}

/** What a file takes is told in these, whatever the blocks of its file system are. */
const BLOCK_BYTES = 512;

import { rmSync } from 'node:fs';
import { MAX_DETAILS_BYTES } from '../../../shared/limits.ts';
import type { Renamed, SkippedFile, TransferDetail } from '../../../shared/views.ts';
import type { ListSpace } from './list-space.ts';
import { SideFile } from './side-file.ts';

/** What was renamed and left out, as it is kept: one after the other. */
export function* detailsOf(
  renamed: Iterable<Renamed>,
  skipped: Iterable<SkippedFile>,
): Generator<TransferDetail, void, undefined> {
  for (const each of skipped) yield { kind: 'skipped', ...each };
  for (const each of renamed) yield { kind: 'renamed', ...each };
}

/** As lines of JSON without their breaks, as many as may be kept with them. */
export function* detailLines(details: Iterable<TransferDetail>): Generator<string, void, undefined> {
  let left = MAX_DETAILS_BYTES;
  for (const detail of details) {
    const line = JSON.stringify(detail);
    left -= Buffer.byteLength(line) + 1;
    if (left < 0) return;
    yield line;
  }
}

/**
 * Writes everything that was left out or renamed (0600), to be kept when the transfer is over; after the end is noted,
 * which it must not take the room of. The first of it is known without this: what cannot be written, or would take what
 * is kept free, is not kept, and nothing of it is left then. Never throws.
 */
export function writeDetails(file: string, space: ListSpace, details: () => Iterable<TransferDetail>): void {
  try {
    const list = SideFile.create(file, space);
    try {
      for (const line of detailLines(details())) list.append(line);
      list.syncNow();
    } finally {
      list.close();
    }
  } catch {
    try {
      rmSync(file, { force: true });
    } catch {
      // It goes with the journal.
    }
  }
}

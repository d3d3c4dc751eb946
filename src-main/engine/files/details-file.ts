import { closeSync, constants, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { MAX_DETAILS_BYTES } from '../../../shared/limits.ts';
import type { Renamed, SkippedFile, TransferDetail } from '../../../shared/views.ts';
import { NO_FOLLOW } from './disk.ts';
import type { ListSpace } from './list-space.ts';

/** Written at once. */
const BATCH_CHARACTERS = 64 * 1024;

/** What was renamed and left out, as it is kept: one after the other. */
export function* detailsOf(
  renamed: Iterable<Renamed>,
  skipped: Iterable<SkippedFile>,
): Generator<TransferDetail, void, undefined> {
  for (const each of skipped) yield { kind: 'skipped', ...each };
  for (const each of renamed) yield { kind: 'renamed', ...each };
}

/** As lines of JSON, as many as may be kept. */
export function* detailLines(details: Iterable<TransferDetail>): Generator<string, void, undefined> {
  let left = MAX_DETAILS_BYTES;
  for (const detail of details) {
    const line = `${JSON.stringify(detail)}\n`;
    left -= Buffer.byteLength(line);
    if (left < 0) return;
    yield line;
  }
}

/**
 * Writes everything that was left out or renamed (0600), to be kept when the transfer is over; after the end is noted, which it must
 * not take the room of. The first of it is known without this: what cannot be written, or would take what is kept free, is not kept,
 * and nothing of it is left then. Never throws.
 */
export function writeDetails(
  file: string,
  space: Pick<ListSpace, 'take'>,
  details: () => Iterable<TransferDetail>,
): void {
  const writeAll = (fd: number, text: string): void => {
    const bytes = Buffer.from(text);
    if (bytes.length > 0) space.take(bytes.length);
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
  };
  try {
    rmSync(file, { force: true });
    const { O_CREAT, O_EXCL, O_WRONLY } = constants;
    const fd = openSync(file, O_CREAT | O_EXCL | O_WRONLY | NO_FOLLOW, 0o600);
    try {
      let batch = '';
      for (const line of detailLines(details())) {
        batch += line;
        if (batch.length < BATCH_CHARACTERS) continue;
        writeAll(fd, batch);
        batch = '';
      }
      writeAll(fd, batch);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    try {
      rmSync(file, { force: true });
    } catch {
      // It goes with the journal.
    }
  }
}

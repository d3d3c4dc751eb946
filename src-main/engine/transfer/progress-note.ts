import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ContentProgress } from '../content/contract.ts';

/**
 * How far a transfer had come, as it was shown last. The history is written once a second; whoever is killed before that must not
 * seem to begin again. Only for showing: where content goes on, the receiver's journal says.
 */

const NOTE_FILE = 'progress.json';

const noteSchema = z.strictObject({ bytes: z.number().int().min(0), files: z.number().int().min(0) });

/** Notes it in the transfer's folder. It survives the end of the process, not that of the machine. Never throws. */
export function noteProgress(folder: string, { bytes, files }: ContentProgress): void {
  try {
    writeFileSync(join(folder, NOTE_FILE), JSON.stringify({ bytes, files }), { mode: 0o600 });
  } catch {
    // Then the history's word counts.
  }
}

/** What was noted last; undefined when there is none that can be read. */
export function notedProgress(folder: string): ContentProgress | undefined {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(join(folder, NOTE_FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

import { createHash } from 'node:crypto';
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { transferIdSchema } from '../../../shared/views.ts';
import type { TransferId } from '../../../shared/views.ts';

const FILE = 'idle.json';

/** What is read by its content: it may be written without anything having happened. */
const BY_CONTENT = 'job.json';

/**
 * At most so much is counted from one look to the next, in ms, however far the clock has moved: what a clock says that was wrong once
 * brings nothing to its end.
 */
export const MAX_STEP_MS = 24 * 60 * 60_000;

const noteSchema = z.strictObject({
  /** What the transfer's folder looked like. */
  stands: z.string(),
  /** For how long it has, as far as that was counted. */
  idleMs: z.number().min(0),
});
const notesSchema = z.strictObject({
  version: z.literal(1),
  /** When it was looked last, in milliseconds since 1970. */
  looked: z.number(),
  transfers: z.record(transferIdSchema, noteSchema),
});
type Notes = z.infer<typeof notesSchema>;
const NONE: Notes = { version: 1, looked: 0, transfers: {} };

/**
 * For how long nothing has happened to the unfinished transfers: one file of the profile. Time is counted from look to look, by
 * whichever process of this profile looks. What is lost of it is counted anew.
 */
export class IdleNotes {
  readonly #file: string;
  readonly #transfers: string;

  constructor(profile: string, transfers: string) {
    this.#file = join(profile, FILE);
    this.#transfers = transfers;
  }

  /** Looks at these; gives for how long nothing has happened to each, in ms. `now` in milliseconds since 1970. Never rejects. */
  async look(ids: readonly TransferId[], now: number): Promise<ReadonlyMap<TransferId, number>> {
    const before = await this.#read();
    const step = Math.min(Math.max(0, now - before.looked), MAX_STEP_MS);
    const transfers: Notes['transfers'] = {};
    for (const id of ids) {
      const stands = await this.#standing(id);
      const known = before.transfers[id];
      transfers[id] = { stands, idleMs: known?.stands === stands ? known.idleMs + step : 0 };
    }
    // What cannot be noted is counted anew.
    const text = JSON.stringify({ version: 1, looked: now, transfers });
    const noted =
      ids.length > 0 ? writeFile(this.#file, text, { mode: 0o600 }) : rm(this.#file, { force: true });
    await noted.catch(() => undefined);
    return new Map(ids.map((id) => [id, transfers[id]?.idleMs ?? 0]));
  }

  async #read(): Promise<Notes> {
    try {
      return notesSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
    } catch {
      return NONE;
    }
  }

  /**
   * Another one whenever something was written of the transfer. Where that cannot be told it is the same each time, so that what
   * can never be looked at comes to its end as well.
   */
  async #standing(id: TransferId): Promise<string> {
    const folder = join(this.#transfers, id);
    const hash = createHash('sha256');
    try {
      for (const name of (await readdir(folder)).sort()) {
        const path = join(folder, name);
        const { size, mtimeMs } = await stat(path);
        hash.update(`${name} ${name === BY_CONTENT ? await readFile(path, 'utf8') : `${size} ${mtimeMs}`}\n`);
      }
    } catch {
      return 'unknown';
    }
    return hash.digest('hex');
  }
}

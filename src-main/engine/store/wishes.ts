import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { transferIdSchema } from '../../../shared/views.ts';
import type { TransferId } from '../../../shared/views.ts';
import { makeFolder } from './durable-file.ts';
import { inProfile } from './failure.ts';

/** What the system does not tell (network folders, no watches left) is found by looking. */
const LOOK_INTERVAL_MS = 500;

const SUFFIX = '.wish';

const wishSchema = z.strictObject({ version: z.literal(1), by: z.enum(['me', 'peer']) });

/** Whose wish it is that a transfer ends: this device's user's, or, by its word, the other device's. */
export type WishedBy = z.infer<typeof wishSchema>['by'];

/**
 * Wishes that a transfer ends at which another process is: files beside the folders of the transfers, which
 * that process looks for. Who wishes takes back what nobody has fulfilled.
 */
export class Wishes {
  readonly #folder: string;

  constructor(transfers: string) {
    this.#folder = transfers;
  }

  /** Resolves once it is there for others to see. Throws `profile-unusable`. */
  put(id: TransferId, by: WishedBy): Promise<void> {
    return inProfile(async () => {
      await makeFolder(this.#folder);
      // Two who wish the same write the same; who reads half of it looks again.
      await writeFile(this.#fileOf(id), JSON.stringify({ version: 1, by }), { mode: 0o600 });
    });
  }

  /** Never rejects: one that stays counts for nothing, once whoever held the transfer has let go of it. */
  async remove(id: TransferId): Promise<void> {
    await rm(this.#fileOf(id), { force: true }).catch(() => undefined);
  }

  /** Calls `onWish` for each wish that is there or comes, until the function it gives back is called. Keeps no process alive. */
  watch(onWish: (id: TransferId, by: WishedBy) => void): () => void {
    let isStopped = false;
    const look = (): void => {
      void this.#list().then((wishes) => {
        for (const [id, by] of wishes) if (!isStopped) onWish(id, by);
      });
    };
    const timer = setInterval(look, LOOK_INTERVAL_MS).unref();
    let watcher: FSWatcher | undefined;
    try {
      watcher = watch(this.#folder, { persistent: false }, (_event, name) => {
        if (name?.endsWith(SUFFIX) === true) look();
      });
      watcher.on('error', () => watcher?.close());
    } catch {
      // Then there is the timer.
    }
    return () => {
      isStopped = true;
      clearInterval(timer);
      watcher?.close();
    };
  }

  async #list(): Promise<readonly (readonly [TransferId, WishedBy])[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const wishes: (readonly [TransferId, WishedBy])[] = [];
    for (const name of names) {
      const id = transferIdSchema.safeParse(name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : '');
      if (!id.success) continue;
      const by = await this.#read(id.data);
      if (by !== undefined) wishes.push([id.data, by]);
    }
    return wishes;
  }

  async #read(id: TransferId): Promise<WishedBy | undefined> {
    try {
      return wishSchema.parse(JSON.parse(await readFile(this.#fileOf(id), 'utf8'))).by;
    } catch {
      return undefined;
    }
  }

  #fileOf(id: TransferId): string {
    return join(this.#folder, `${id}${SUFFIX}`);
  }
}

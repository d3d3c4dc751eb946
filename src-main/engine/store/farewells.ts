import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { deviceIdSchema } from '../../../shared/device-id.ts';
import { errorCodeSchema, transferIdSchema } from '../../../shared/views.ts';
import type { TransferId } from '../../../shared/views.ts';
import { makeFolder, writeDurably } from './durable-file.ts';
import { inProfile, systemCode } from './failure.ts';

const SUFFIX = '.farewell';

/** From this age on, in ms, nobody is writing a file any more. */
const ABANDONED_MS = 60 * 60_000;

/** How many are kept for one device: beyond that the oldest go. No more can be unfinished with it. */
export const MAX_FAREWELLS_PER_DEVICE = 100;

const farewellSchema = z
  .strictObject({
    version: z.literal(1),
    transfer: transferIdSchema,
    device: deviceIdSchema,
    /** Why it was given up: by its user (`cancelled`), or for what else had ended it. */
    reason: errorCodeSchema.default('cancelled'),
    /** Where the other device's process could be told when it was there last; null when it did not say. */
    wake: z.strictObject({ host: z.string(), port: z.number().int() }).nullable(),
    /** Milliseconds since 1970: from then on nobody is told any more. */
    until: z.number(),
  })
  .readonly();
/**
 * That this device has given a transfer up: written before anything is done about it, so that the transfer ends so whatever comes in
 * between, and kept until the other device has heard of it.
 */
export type Farewell = z.infer<typeof farewellSchema>;

/** Farewells that have not been heard: files beside the folders of the transfers. */
export class FarewellFiles {
  readonly #folder: string;
  readonly #now: () => number;

  /** `now` in milliseconds since 1970. */
  constructor(transfers: string, now: () => number) {
    this.#folder = transfers;
    this.#now = now;
  }

  /** It is on disk when this resolves. Throws `profile-unusable`. */
  put(farewell: Farewell): Promise<void> {
    return inProfile(async () => {
      await makeFolder(this.#folder);
      await writeDurably([this.#fileOf(farewell.transfer)], JSON.stringify(farewell));
      const ofDevice = (await this.#list()).filter(({ device }) => device === farewell.device);
      const surplus = ofDevice.sort((a, b) => b.until - a.until).slice(MAX_FAREWELLS_PER_DEVICE);
      for (const { transfer } of surplus) await this.remove(transfer);
    });
  }

  /** Never rejects: what cannot be removed is told once more. */
  async remove(transfer: TransferId): Promise<void> {
    await rm(this.#fileOf(transfer), { force: true }).catch(() => undefined);
  }

  async get(transfer: TransferId): Promise<Farewell | undefined> {
    try {
      return farewellSchema.parse(JSON.parse(await readFile(this.#fileOf(transfer), 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** All whose time is not over; the others go. Throws `profile-unusable`. */
  list(): Promise<readonly Farewell[]> {
    return inProfile(() => this.#list());
  }

  async #list(): Promise<Farewell[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    const found: Farewell[] = [];
    for (const name of names) {
      if (name.endsWith(`${SUFFIX}.new`)) await this.#removeAbandoned(name);
      const id = transferIdSchema.safeParse(name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : '');
      const farewell = id.success ? await this.get(id.data) : undefined;
      if (farewell === undefined) continue;
      if (farewell.until > this.#now()) found.push(farewell);
      else await this.remove(farewell.transfer);
    }
    return found;
  }

  /** Removes what a process has left that was killed while it wrote; one that is writing is not so slow. Never rejects. */
  async #removeAbandoned(name: string): Promise<void> {
    const file = join(this.#folder, name);
    const since = await stat(file).then(
      ({ mtimeMs }) => this.#now() - mtimeMs,
      () => 0,
    );
    if (since > ABANDONED_MS) await rm(file, { force: true }).catch(() => undefined);
  }

  #fileOf(transfer: TransferId): string {
    return join(this.#folder, `${transfer}${SUFFIX}`);
  }
}

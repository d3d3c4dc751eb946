import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MAX_ALL_DETAILS_BYTES,
  MAX_DETAILS_AT_ONCE,
  MAX_DETAILS_BYTES_AT_ONCE,
} from '../../../shared/limits.ts';
import { transferDetailSchema, transferIdSchema } from '../../../shared/views.ts';
import type { DetailPage, TransferDetail, TransferId, TransferView } from '../../../shared/views.ts';
import { detailLines } from '../files/details-file.ts';
import { makeFolder, writeDurably } from './durable-file.ts';
import { inProfile, systemCode } from './failure.ts';

export interface DetailsOptions {
  /** Absolute path; made when it is needed. */
  readonly folder: string;
  /** What the history has, newest first. */
  readonly views: () => readonly TransferView[];
  /** The transfers that somebody may be working on. */
  readonly unfinished: () => Promise<readonly TransferId[]>;
}

/**
 * All that was left out or renamed, of each transfer that the history has and that has any: a file of lines of JSON (0600), bounded
 * for each and for all together. Who puts one there holds the claim on its transfer; it goes with the history's entry.
 */
export class Details {
  readonly #options: DetailsOptions;
  #sweeping: Promise<void> | undefined;
  #isStale = false;

  constructor(options: DetailsOptions) {
    this.#options = options;
  }

  /** Takes over a file that a worker has written, where there is one. What cannot be taken now is not kept. Never rejects. */
  async take(id: TransferId, file: string): Promise<void> {
    try {
      if ((await stat(file)).size === 0) return;
      await makeFolder(this.#options.folder);
      await rename(file, this.#fileOf(id));
    } catch {
      // The history has the first of it.
    }
  }

  /** Keeps these, as many as may be. What cannot be written now is not kept. Never rejects. */
  async put(id: TransferId, details: readonly TransferDetail[]): Promise<void> {
    if (details.length === 0) return;
    try {
      await makeFolder(this.#options.folder);
      await writeDurably([this.#fileOf(id)], `${[...detailLines(details)].join('\n')}\n`);
    } catch {
      // As above.
    }
  }

  /**
   * Some of them, from `from` (0, or what the page before says) on; undefined where none are kept. Throws `profile-unusable`.
   */
  read(id: TransferId, from: number): Promise<DetailPage | undefined> {
    return inProfile(async () => {
      const handle = await open(this.#fileOf(id), 'r').catch((error: unknown) => {
        if (systemCode(error) === 'ENOENT') return undefined;
        throw error;
      });
      if (handle === undefined) return undefined;
      try {
        const memory = Buffer.alloc(MAX_DETAILS_BYTES_AT_ONCE);
        const { bytesRead } = await handle.read(memory, 0, memory.length, from);
        return pageOf(memory.subarray(0, bytesRead), from);
      } finally {
        await handle.close();
      }
    });
  }

  /** Everything of one, page by page. */
  async *pages(id: TransferId): AsyncGenerator<readonly TransferDetail[], void, undefined> {
    for (let from: number | null = 0; from !== null;) {
      const page: DetailPage | undefined = await this.read(id, from);
      if (page === undefined) return;
      yield page.details;
      from = page.next;
    }
  }

  /** Removes what the history does not have any more, and the oldest of what is too much. Soon, and one at a time. Never throws. */
  sweep(): void {
    this.#isStale = true;
    this.#sweeping ??= this.#sweepAll().finally(() => {
      this.#sweeping = undefined;
    });
  }

  /** Resolves once nothing is being removed. */
  async idle(): Promise<void> {
    await this.#sweeping;
  }

  async #sweepAll(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      await this.#sweepOnce().catch(() => undefined);
    }
  }

  async #sweepOnce(): Promise<void> {
    const there = new Set(await this.#ids());
    if (there.size === 0) return;
    // Before the history: what ends meanwhile is in it by the time its folder is gone.
    const unfinished = await this.#options.unfinished();
    const room = new Map<string, number>();
    for (const { id, direction, device } of this.#options.views()) {
      if (!there.has(id)) continue;
      const source = direction === 'send' ? direction : device.id;
      const left = (room.get(source) ?? MAX_ALL_DETAILS_BYTES) - (await stat(this.#fileOf(id))).size;
      room.set(source, left);
      if (left >= 0) there.delete(id);
    }
    for (const id of unfinished) there.delete(id);
    for (const id of there) await rm(this.#fileOf(id), { force: true });
  }

  async #ids(): Promise<readonly TransferId[]> {
    const names = await readdir(this.#options.folder).catch(() => []);
    return names.flatMap((name) => {
      const id = transferIdSchema.safeParse(name);
      return id.success ? [id.data] : [];
    });
  }

  #fileOf(id: TransferId): string {
    return join(this.#options.folder, id);
  }
}

const NEWLINE = 10;

/** The whole lines in what was read from byte `from` on, as many as a page has. */
function pageOf(bytes: Buffer, from: number): DetailPage {
  const details: TransferDetail[] = [];
  let start = 0;
  while (details.length < MAX_DETAILS_AT_ONCE) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end === -1) break;
    const detail = parse(bytes.toString('utf8', start, end));
    start = end + 1;
    // What is damaged is not shown, and keeps nothing else from it.
    if (detail !== undefined) details.push(detail);
  }
  return { details, next: start === 0 ? null : from + start };
}

function parse(text: string): TransferDetail | undefined {
  try {
    return transferDetailSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

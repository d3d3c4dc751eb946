import { z } from 'zod';
import { isOver, transferViewSchema } from '../../../shared/views.ts';
import type { TransferId, TransferView } from '../../../shared/views.ts';
import { MAX_HISTORY } from './contract.ts';
import type { HistoryStore } from './contract.ts';
import type { Document } from './document.ts';

const WRITE_INTERVAL_MS = 1_000;

type Transfers = readonly TransferView[];

export const historySchema: z.ZodType<Transfers> = z.array(transferViewSchema);

/** Adds or replaces; newest first, cut to what is kept. */
function merge(transfers: Transfers, views: ReadonlyMap<TransferId, TransferView>): Transfers {
  const known = new Set(transfers.map(({ id }) => id));
  const added = [...views.values()].filter(({ id }) => !known.has(id));
  return [...added, ...transfers.map((transfer) => views.get(transfer.id) ?? transfer)]
    .sort((a, b) => b.created - a.created)
    .slice(0, MAX_HISTORY);
}

/** Progress comes ten times a second; what is still running is gathered here and written together. */
export class History implements HistoryStore {
  readonly #document: Document<Transfers>;
  readonly #unwritten = new Map<TransferId, TransferView>();
  #timer: NodeJS.Timeout | undefined;

  constructor(document: Document<Transfers>) {
    this.#document = document;
  }

  list(): Transfers {
    const stored = this.#document.read();
    return this.#unwritten.size === 0 ? stored : merge(stored, this.#unwritten);
  }

  async put(view: TransferView): Promise<void> {
    this.#unwritten.set(view.id, view);
    if (isOver(view.state)) return this.flush();
    // What could not be written stays unwritten: the next write, or closing, tries again.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), WRITE_INTERVAL_MS).unref();
  }

  async remove(ids: readonly TransferId[]): Promise<void> {
    for (const id of ids) this.#unwritten.delete(id);
    await this.#document.change((transfers) => [transfers.filter(({ id }) => !ids.includes(id)), undefined]);
  }

  onChange(listener: () => void): () => void {
    return this.#document.onChange(listener);
  }

  /** Writes what is unwritten. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unwritten.size === 0) return;
    const views = new Map(this.#unwritten);
    await this.#document.change((transfers) => [merge(transfers, views), undefined]);
    for (const [id, view] of views) if (this.#unwritten.get(id) === view) this.#unwritten.delete(id);
  }
}

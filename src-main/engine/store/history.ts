import { z } from 'zod';
import { isOver, transferViewSchema } from '../../../shared/views.ts';
import type { TransferView } from '../../../shared/views.ts';
import { newestFirst } from '../../../shared/when.ts';
import {
  MAX_RECEIVED_BYTES_PER_DEVICE,
  MAX_RECEIVED_PER_DEVICE,
  MAX_SENT,
  MAX_SENT_BYTES,
} from './contract.ts';
import type { HistoryStore, TransferKey } from './contract.ts';
import type { Document } from './document.ts';
import { boundView, bytesAtRest, cutLists } from './view-bytes.ts';

const WRITE_INTERVAL_MS = 1_000;

type Transfers = readonly TransferView[];

export const historySchema: z.ZodType<Transfers> = z.array(transferViewSchema);

function keyOf({ device, direction, id }: TransferKey): string {
  return `${device.id} ${direction} ${id}`;
}

/**
 * What has ended stays so: a process that was late to write what it last saw of a transfer does not bring it
 * back.
 */
function laterOf(known: TransferView, view: TransferView): TransferView {
  const isLate = known.created === view.created && isOver(known.state) && !isOver(view.state);
  return isLate ? known : view;
}

/** Adds or replaces; newest first, cut to what is kept. */
function merge(transfers: Transfers, views: ReadonlyMap<string, TransferView>, now: number): Transfers {
  const known = new Set(transfers.map(keyOf));
  const added = [...views.values()].filter((view) => !known.has(keyOf(view)));
  const replaced = transfers.map((transfer) => {
    const view = views.get(keyOf(transfer));
    return view === undefined ? transfer : laterOf(transfer, view);
  });
  const merged = [...added, ...replaced];
  return keepNewest(merged.sort(newestFirst(now)), now);
}

/** What this device sent is bounded apart from what each device sent to it: no peer pushes out anything but its own. */
function keepNewest(sorted: Transfers, now: number): Transfers {
  const bySource = new Map<string, TransferView[]>();
  for (const view of sorted) {
    const source = view.direction === 'send' ? 'send' : view.device.id;
    const transfers = bySource.get(source);
    if (transfers === undefined) bySource.set(source, [view]);
    else transfers.push(view);
  }
  const kept = [...bySource].flatMap(([source, transfers]) =>
    source === 'send'
      ? keepBounded(transfers.slice(0, MAX_SENT), MAX_SENT_BYTES)
      : keepBounded(transfers.slice(0, MAX_RECEIVED_PER_DEVICE), MAX_RECEIVED_BYTES_PER_DEVICE),
  );
  return kept.sort(newestFirst(now));
}

/** Views never change, and those that nothing was written over are asked about with every progress of another. */
const sizes = new WeakMap<TransferView, number>();

function sizeOf(view: TransferView): number {
  const size = sizes.get(view) ?? bytesAtRest(view) + 1;
  sizes.set(view, size);
  return size;
}

/** Of views with the newest first: cuts the lists of the oldest until all take at most `maxBytes`; where that is not enough, the oldest go. */
function keepBounded(sorted: Transfers, maxBytes: number): Transfers {
  const kept = [...sorted];
  let bytes = kept.reduce((sum, view) => sum + sizeOf(view), 0);
  for (const [index, view] of [...kept.entries()].reverse()) {
    if (bytes <= maxBytes) return kept;
    const cut = cutLists(view);
    bytes += sizeOf(cut) - sizeOf(view);
    kept[index] = cut;
  }
  while (bytes > maxBytes) {
    const oldest = kept.pop();
    if (oldest === undefined) break;
    bytes -= sizeOf(oldest);
  }
  return kept;
}

/** Progress comes ten times a second; what is still running is gathered here and written together. */
export class History implements HistoryStore {
  readonly #document: Document<Transfers>;
  readonly #now: () => number;
  readonly #unwritten = new Map<string, TransferView>();
  #timer: NodeJS.Timeout | undefined;

  /** `now` in milliseconds since 1970. */
  constructor(document: Document<Transfers>, now: () => number) {
    this.#document = document;
    this.#now = now;
  }

  list(): Transfers {
    const stored = this.#document.read();
    return this.#unwritten.size === 0 ? stored : merge(stored, this.#unwritten, this.#now());
  }

  find(of: TransferKey): TransferView | undefined {
    const key = keyOf(of);
    const stored = this.#document.read().find((view) => keyOf(view) === key);
    const view = this.#unwritten.get(key);
    return stored === undefined || view === undefined ? (view ?? stored) : laterOf(stored, view);
  }

  refresh(): Promise<void> {
    return this.#document.refresh();
  }

  async put(view: TransferView): Promise<void> {
    this.#unwritten.set(keyOf(view), boundView(view));
    if (isOver(view.state)) return this.flush();
    // What could not be written stays unwritten: the next write, or closing, tries again.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), WRITE_INTERVAL_MS).unref();
  }

  async remove(views: Transfers): Promise<void> {
    const keys = new Set(views.map(keyOf));
    for (const key of keys) this.#unwritten.delete(key);
    await this.#document.change((transfers) => [
      transfers.filter((transfer) => !keys.has(keyOf(transfer))),
      undefined,
    ]);
  }

  onChange(listener: () => void): () => void {
    return this.#document.onChange(listener);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unwritten.size === 0) return;
    const views = new Map(this.#unwritten);
    await this.#document.change((transfers) => [merge(transfers, views, this.#now()), undefined]);
    for (const [key, view] of views) if (this.#unwritten.get(key) === view) this.#unwritten.delete(key);
  }
}

import { MAX_HISTORY_LIST_BYTES } from '../../../shared/limits.ts';
import type { ItemView, Outcome, TransferView } from '../../../shared/views.ts';

/** How many bytes a value takes in a document. A control character of a name takes six there. */
export function bytesAtRest(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Room for lists, in bytes at rest. */
class Room {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** The first of what there is, as far as there is room for it. */
  first<T>(list: readonly T[]): T[] {
    const taken: T[] = [];
    for (const each of list) {
      const bytes = bytesAtRest(each) + 1;
      if (bytes > this.#left) break;
      this.#left -= bytes;
      taken.push(each);
    }
    return taken;
  }
}

function fit(outcome: Outcome, room: Room): Outcome {
  const names = room.first(outcome.names);
  const skipped = room.first(outcome.skipped);
  return { ...outcome, names, skipped, resent: room.first(outcome.resent) };
}

/**
 * An outcome of a transfer with these items whose lists take, together with them, at most MAX_HISTORY_LIST_BYTES at rest. What a peer sent
 * is in them; it stays counted where it is no longer listed.
 */
export function boundOutcome(outcome: Outcome, items: readonly ItemView[]): Outcome {
  const room = new Room(MAX_HISTORY_LIST_BYTES);
  room.first(items);
  return fit(outcome, room);
}

/** A view whose lists, the items and those of its outcome, take at most MAX_HISTORY_LIST_BYTES at rest. */
export function boundView(view: TransferView): TransferView {
  const room = new Room(MAX_HISTORY_LIST_BYTES);
  const items = room.first(view.items);
  const { state } = view;
  return {
    ...view,
    items,
    state: state.kind === 'done' ? { kind: 'done', outcome: fit(state.outcome, room) } : state,
  };
}

/** A view that lists no more than its first item; what it counts stays. */
export function cutLists(view: TransferView): TransferView {
  const { state } = view;
  const cut = { ...view, items: view.items.slice(0, 1) };
  if (state.kind !== 'done') return cut;
  return {
    ...cut,
    state: { kind: 'done', outcome: { ...state.outcome, names: [], skipped: [], resent: [] } },
  };
}

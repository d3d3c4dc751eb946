import { MAX_HISTORY_LIST_BYTES } from '../../../shared/limits.ts';
import type { ItemView, LeftOut, Outcome, TransferState, TransferView } from '../../../shared/views.ts';

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

/** What a list may keep, of each of the lists of a state, in this order: names, what was left out, renamed, sent again, grown. */
type Keep = <T>(list: readonly T[]) => T[];

/** The same state with less in its lists: what it counts stays. */
function shortened<State extends TransferState>(state: State, keep: Keep): State {
  const names = 'outcome' in state ? keep(state.outcome.names) : [];
  const leftOut = 'leftOut' in state ? shortenedLeftOut(state.leftOut, keep) : {};
  if (!('outcome' in state)) return { ...state, ...leftOut };
  const renamed = keep(state.outcome.renamed);
  const [resent, grown] = [keep(state.outcome.resent), keep(state.outcome.grown)];
  const outcome: Outcome = { ...state.outcome, names, renamed, resent, grown };
  return { ...state, ...leftOut, outcome };
}

function shortenedLeftOut(leftOut: LeftOut | undefined, keep: Keep): { readonly leftOut?: LeftOut } {
  return leftOut === undefined ? {} : { leftOut: { ...leftOut, skipped: keep(leftOut.skipped) } };
}

/**
 * The state of a transfer with these items whose lists take, together with them, at most MAX_HISTORY_LIST_BYTES at rest. What a peer sent
 * is in them; it stays counted where it is no longer listed.
 */
export function boundState<State extends TransferState>(state: State, items: readonly ItemView[]): State {
  const room = new Room(MAX_HISTORY_LIST_BYTES);
  room.first(items);
  return shortened(state, (list) => room.first(list));
}

/** A view whose lists, the items and those of its state, take at most MAX_HISTORY_LIST_BYTES at rest. */
export function boundView(view: TransferView): TransferView {
  const room = new Room(MAX_HISTORY_LIST_BYTES);
  const items = room.first(view.items);
  return { ...view, items, state: shortened(view.state, (list) => room.first(list)) };
}

/** A view that lists no more than its first item; what it counts stays. */
export function cutLists(view: TransferView): TransferView {
  return { ...view, items: view.items.slice(0, 1), state: shortened(view.state, () => []) };
}

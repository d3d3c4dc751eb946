import { unreachable } from '../shared/unreachable.ts';
import type { OfferDigest, TransferView } from '../shared/views.ts';
import type { Gone } from './phrases.ts';
import { incomingOffers } from './state.ts';

/**
 * The places of the offers on the page. A pointer that rests on a card must never come to rest on another
 * one, so a card that goes leaves its place: a note of the same height, until the pointer is elsewhere. New
 * offers come below all that are there, also below notes: no card takes the place of another.
 */

export interface OfferSlot {
  /** Tells it from every other slot there was. */
  readonly key: number;
  /** As it was offered. */
  readonly transfer: TransferView;
  readonly offer: OfferDigest;
  /** Null while it waits for an answer. */
  readonly gone: Gone | null;
}

export interface OfferSlots {
  readonly slots: readonly OfferSlot[];
  readonly nextKey: number;
}

export const NO_SLOTS: OfferSlots = { slots: [], nextKey: 0 };

/** Notes that are kept: a peer may offer and take back as long as a pointer rests here. */
export const NOTES_KEPT = 64;

/**
 * The slots for these transfers, given those there were. Gives the very same object when nothing has changed.
 */
export function updateSlots(before: OfferSlots, transfers: readonly TransferView[]): OfferSlots {
  const offers = incomingOffers(transfers);
  const updated = before.slots.map((slot) => (slot.gone === null ? updateSlot(slot, transfers) : slot));
  const open = new Set(updated.flatMap((slot) => (slot.gone === null ? [slot.transfer.id] : [])));
  let { nextKey } = before;
  const added = offers.flatMap((transfer): OfferSlot[] => {
    if (open.has(transfer.id) || transfer.state.kind !== 'offered') return [];
    nextKey += 1;
    return [{ key: nextKey, transfer, offer: transfer.state.offer, gone: null }];
  });
  const slots = withFewNotes([...updated, ...added]);
  const isSame =
    slots.length === before.slots.length && slots.every((slot, index) => slot === before.slots[index]);
  return isSame ? before : { slots, nextKey };
}

function updateSlot(slot: OfferSlot, transfers: readonly TransferView[]): OfferSlot {
  const transfer = transfers.find(({ id }) => id === slot.transfer.id);
  if (transfer?.state.kind === 'offered' && transfer.state.offer === slot.offer) {
    return transfer === slot.transfer ? slot : { ...slot, transfer };
  }
  return { ...slot, gone: whyGone(transfer) };
}

function whyGone(transfer: TransferView | undefined): Gone {
  if (transfer === undefined) return 'taken back';
  switch (transfer.state.kind) {
    case 'offered':
      return 'changed';
    case 'cancelled':
      return transfer.state.by === 'me' ? 'declined' : 'taken back';
    case 'declined':
      return 'declined';
    case 'failed':
      return 'lost';
    case 'preparing':
    case 'connecting':
    case 'running':
    case 'waiting':
    case 'paused':
    case 'finishing':
    case 'done':
    case 'incomplete':
      return 'accepted';
    default:
      return unreachable(transfer.state);
  }
}

/**
 * This user's own answer leaves a note only where it keeps other cards in their places. Of very many notes,
 * those below the last card go first, by which no card moves; and then those at the top.
 */
function withFewNotes(slots: readonly OfferSlot[]): readonly OfferSlot[] {
  const lastCard = slots.findLastIndex(({ gone }) => gone === null);
  const kept = slots.filter(
    ({ gone }, index) => index < lastCard || (gone !== 'accepted' && gone !== 'declined'),
  );
  const notes = kept.filter(({ gone }) => gone !== null);
  const excess = notes.length - NOTES_KEPT;
  if (excess <= 0) return kept;
  const below = kept.slice(kept.findLastIndex(({ gone }) => gone === null) + 1);
  const dropped = new Set([...below.toReversed(), ...notes].slice(0, excess));
  return kept.filter((slot) => !dropped.has(slot));
}

/** Without the notes, or without the one of this key. */
export function withoutNotes(before: OfferSlots, key?: number): OfferSlots {
  const slots = before.slots.filter((slot) => slot.gone === null || (key !== undefined && slot.key !== key));
  return slots.length === before.slots.length ? before : { ...before, slots };
}

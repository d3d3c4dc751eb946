import { unreachable } from '../shared/unreachable.ts';
import type { DeviceId } from '../shared/device-id.ts';
import type { OfferDigest, TransferView } from '../shared/views.ts';
import type { Gone } from './phrases.ts';
import { incomingOffers } from './state.ts';

/**
 * The places of the offers on the page. A pointer that rests on a card must never come to rest on another
 * one, so a card that goes leaves its place: a note of the same height, until the pointer is elsewhere. New
 * offers come below all that are there, also below notes: no card takes the place of another.
 *
 * Of one device only the first few have a card each; those after them lie in a stack, in which each has a line. An offer stays
 * where it was put until this user spreads the stack out: it does not move up when another one is answered.
 */

export interface OfferSlot {
  /** Tells it from every other slot there was. */
  readonly key: number;
  /** As it was offered. */
  readonly transfer: TransferView;
  readonly offer: OfferDigest;
  /** Null while it waits for an answer. */
  readonly gone: Gone | null;
  /** The stack that it lies in: the key of the first that was put there. */
  readonly stack: number | null;
}

/** An offer that waits, with the digest of what is shown of it: what an answer is about. */
export type ShownOffer = Pick<OfferSlot, 'key' | 'transfer' | 'offer'>;

/** What is drawn: the place of one offer, or a stack of those of one device that lie next to each other. */
export type OfferGroup =
  | { readonly kind: 'single'; readonly slot: OfferSlot }
  | {
      readonly kind: 'stack';
      readonly stack: number;
      readonly device: DeviceId;
      readonly slots: readonly OfferSlot[];
    };

export interface OfferSlots {
  readonly slots: readonly OfferSlot[];
  readonly nextKey: number;
}

export const NO_SLOTS: OfferSlots = { slots: [], nextKey: 0 };

/** Offers of one device that have a card each, while it has no stack. */
export const CARDS_PER_DEVICE = 3;

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
  const all = [...updated];
  for (const transfer of offers) {
    if (open.has(transfer.id) || transfer.state.kind !== 'offered') continue;
    nextKey += 1;
    const stack = stackFor(all, transfer.device.id, nextKey);
    all.push({ key: nextKey, transfer, offer: transfer.state.offer, gone: null, stack });
  }
  const slots = withFewNotes(all);
  const isSame =
    slots.length === before.slots.length && slots.every((slot, index) => slot === before.slots[index]);
  return isSame ? before : { slots, nextKey };
}

/**
 * The stack for a new offer with this key, if it is to have no card. Where a device has a stack, what it offers next goes there, too; onto it
 * where nothing lies below it that would move, and where it still asks something: else its buttons would come to where there were
 * none a moment ago.
 */
function stackFor(slots: readonly OfferSlot[], device: DeviceId, key: number): number | null {
  const open = openOf(slots, device);
  const hasStack = open.some(({ stack }) => stack !== null);
  if (!hasStack && open.length < CARDS_PER_DEVICE) return null;
  const last = slots.at(-1)?.stack ?? null;
  return last !== null && open.some(({ stack }) => stack === last) ? last : key;
}

/** What a device offers and this user has not answered. */
export function openOf(slots: readonly OfferSlot[], device: DeviceId): readonly OfferSlot[] {
  return slots.filter(({ gone, transfer }) => gone === null && transfer.device.id === device);
}

/** The slots as they are drawn, from top to bottom. */
export function groupsOf(slots: readonly OfferSlot[]): readonly OfferGroup[] {
  const groups: OfferGroup[] = [];
  for (const slot of slots) {
    const last = groups.at(-1);
    if (slot.stack === null) groups.push({ kind: 'single', slot });
    else if (last?.kind === 'stack' && last.stack === slot.stack)
      groups.splice(-1, 1, { ...last, slots: [...last.slots, slot] });
    else groups.push({ kind: 'stack', stack: slot.stack, device: slot.transfer.device.id, slots: [slot] });
  }
  return groups;
}

/** Gives each of these offers a card. */
export function spreadOut(before: OfferSlots, keys: readonly number[]): OfferSlots {
  const slots = before.slots.map((slot) => (keys.includes(slot.key) ? { ...slot, stack: null } : slot));
  return { ...before, slots };
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

/** Without the notes, or without those of these keys. */
export function withoutNotes(before: OfferSlots, keys?: readonly number[]): OfferSlots {
  const slots = before.slots.filter((slot) => slot.gone === null || keys?.includes(slot.key) === false);
  return slots.length === before.slots.length ? before : { ...before, slots };
}

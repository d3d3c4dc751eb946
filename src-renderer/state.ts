import { unreachable } from '../shared/unreachable.ts';
import { isOver } from '../shared/views.ts';
import type { AppSnapshot, Push } from '../shared/ipc.ts';
import { turnedAwayText } from '../shared/turned-away-words.ts';
import type {
  NewInvite,
  PairingId,
  PairingView,
  TransferId,
  TransferView,
  TurnedAwayView,
} from '../shared/views.ts';
import { newestFirst } from '../shared/when.ts';
import { announcementFor } from './phrases.ts';
import { standingOf } from './standing.ts';
import type { Standing } from './standing.ts';

/**
 * What the page knows and shows, and how each message from the main process changes it. Everything here is a pure function: the
 * clock and the bridge live outside.
 */

/** Where the dialog "Pair a device" stands. */
export type PairingDialog =
  | { readonly step: 'closed' }
  | { readonly step: 'choose' }
  /** `invite` is null while it is being made; `error` is the sentence why it could not be. */
  | { readonly step: 'show'; readonly invite: NewInvite | null; readonly error: string | null }
  /**
   * `opened`: the text came with a link from outside, not from this user's hand. `typed`: that hand has
   * changed it since.
   */
  | { readonly step: 'enter'; readonly text: string; readonly opened: boolean; readonly typed: boolean }
  /** One attempt, watched from comparing to its end. `invite` is the one this dialog made, if it did. */
  | { readonly step: 'follow'; readonly id: PairingId; readonly invite: NewInvite | null };

export interface Announcement {
  readonly text: string;
  /** Tells two announcements of the same text apart. */
  readonly serial: number;
}

export interface PageState extends AppSnapshot {
  /** When a transfer last showed any change, by its id: what is quiet for long is said to be. Milliseconds since 1970. */
  readonly changed: Readonly<Record<TransferId, number>>;
  /** How far each transfer had come when that was last heard of. */
  readonly standing: Readonly<Record<TransferId, Standing>>;
  readonly dialog: PairingDialog;
  /** What a screen reader should hear. */
  readonly announcement: Announcement;
  /** The sentence of the last thing that went wrong outside of any dialog. */
  readonly problem: string | null;
  /** The row that takes the keyboard focus when it appears: its offer was just accepted. */
  readonly focusTransfer: TransferId | null;
  /** How often the main process has said that the window is about to come up. */
  readonly shows: number;
  /** Offers that were turned away, by device and reason, until this user has taken note. */
  readonly turnedAway: readonly TurnedAwayView[];
}

/** The page as it starts. `now` in milliseconds since 1970. */
export function fromSnapshot(snapshot: AppSnapshot, now: number): PageState {
  const changed: Record<TransferId, number> = {};
  const standing: Record<TransferId, Standing> = {};
  for (const { id, state } of snapshot.transfers) {
    changed[id] = now;
    const stands = standingOf(state);
    if (stands !== undefined) standing[id] = stands;
  }
  const state: PageState = {
    ...snapshot,
    changed,
    standing,
    dialog: { step: 'closed' },
    announcement: { text: '', serial: 0 },
    problem: null,
    focusTransfer: null,
    shows: 0,
    turnedAway: [],
  };
  return withFewUnrecorded({ ...state, dialog: nextDialog(state) });
}

/** The state after a message from the main process. `now` in milliseconds since 1970. */
export function reduce(state: PageState, push: Push, now: number): PageState {
  switch (push.type) {
    case 'ready':
      return { ...state, self: push.self, port: push.port };
    case 'self':
      return { ...state, self: push.self };
    case 'devices': {
      const { devices } = push;
      const isKnown = ({ device }: TurnedAwayView) => devices.some(({ id }) => id === device.id);
      return { ...state, devices, turnedAway: state.turnedAway.filter(isKnown) };
    }
    case 'invites':
      return { ...state, invites: push.invites };
    case 'pairing':
      return withPairing(state, push.pairing);
    case 'transfer':
      return withTransfer(state, push.transfer, now);
    case 'removed':
      return withoutTransfers(state, push.transfers);
    case 'notice': {
      const others = state.notices.filter((notice) => notice.kind !== push.notice.kind);
      return { ...state, notices: [...others, push.notice] };
    }
    case 'turned-away':
      return withTurnedAway(state, push.turnedAway);
    case 'other-address':
      // The window gives no address with what it sends.
      return state;
    case 'open-link':
      return withLink(state, push.link);
    case 'shown':
      return { ...state, shows: state.shows + 1 };
    default:
      return unreachable(push);
  }
}

/** Counted together with what was told of the same device for the same reason. */
function withTurnedAway(state: PageState, more: TurnedAwayView): PageState {
  const isSame = ({ device, code }: TurnedAwayView) => device.id === more.device.id && code === more.code;
  const before = state.turnedAway.find(isSame)?.count ?? 0;
  const others = state.turnedAway.filter((each) => !isSame(each));
  return {
    ...state,
    turnedAway: [...others, { ...more, count: before + more.count }],
    announcement: { text: turnedAwayText(more), serial: state.announcement.serial + 1 },
  };
}

/** The list with `item` in the place of the one with its id, or at the end. */
function upsert<Item extends { readonly id: string }>(items: readonly Item[], item: Item): Item[] {
  const index = items.findIndex((other) => other.id === item.id);
  return index === -1 ? [...items, item] : items.with(index, item);
}

/** Whether both people have yet to finish with this attempt. */
export function isLive(pairing: PairingView): boolean {
  return pairing.state.kind !== 'paired' && pairing.state.kind !== 'failed';
}

function withPairing(state: PageState, pairing: PairingView): PageState {
  const next = { ...state, pairings: upsert(state.pairings, pairing) };
  // Somebody used an invite of this device: the code has to be compared, whatever the dialog was showing.
  const opens =
    pairing.role === 'inviter' && pairing.state.kind === 'comparing' && state.dialog.step !== 'follow';
  if (!opens) return next;
  return { ...next, dialog: { step: 'follow', id: pairing.id, invite: inviteOf(state.dialog) } };
}

/** The invite that the dialog has made, if there is one. */
export function inviteOf(dialog: PairingDialog): NewInvite | null {
  return dialog.step === 'show' || dialog.step === 'follow' ? dialog.invite : null;
}

/** The attempt that the dialog watches; undefined when it watches none, or has not heard of it yet. */
export function followed(state: Pick<PageState, 'dialog' | 'pairings'>): PairingView | undefined {
  const { dialog } = state;
  return dialog.step === 'follow' ? state.pairings.find(({ id }) => id === dialog.id) : undefined;
}

/** What the dialog shows once it is dismissed: the next code to compare if one is waiting, else nothing. */
export function nextDialog(state: PageState): PairingDialog {
  const dismissed = state.dialog.step === 'follow' ? state.dialog.id : undefined;
  const waiting = state.pairings.find(
    ({ id, role, state: { kind } }) => id !== dismissed && role === 'inviter' && kind === 'comparing',
  );
  return waiting === undefined ? { step: 'closed' } : { step: 'follow', id: waiting.id, invite: null };
}

function withLink(state: PageState, link: string): PageState {
  const first = beforeLink(state);
  if (first !== undefined) return { ...state, problem: `${first}, then open the link again.` };
  return { ...state, dialog: { step: 'enter', text: link, opened: true, typed: false } };
}

/**
 * What this user is to do before a link is shown: whoever has made it takes away nothing that was begun here.
 */
function beforeLink(state: PageState): string | undefined {
  const { dialog, invites } = state;
  const pairing = followed(state);
  if (dialog.step === 'follow' && (pairing === undefined || isLive(pairing)))
    return 'Finish the pairing that is under way';
  const invite = inviteOf(dialog);
  const isMaking = dialog.step === 'show' && invite === null && dialog.error === null;
  const isOpen = invite !== null && (invites.find(({ id }) => id === invite.id) ?? invite).state === 'open';
  if (isMaking || isOpen) return 'Close the invite that is shown';
  if (dialog.step === 'enter' && dialog.typed)
    return 'Finish with the invite that you are entering, or go back';
  return undefined;
}

function withTransfer(state: PageState, transfer: TransferView, now: number): PageState {
  const before = state.transfers.find(({ id }) => id === transfer.id);
  const text = announcementFor(before, transfer);
  const stands = standingOf(transfer.state);
  return withFewUnrecorded({
    ...state,
    transfers: upsert(state.transfers, transfer),
    standing: stands === undefined ? state.standing : { ...state.standing, [transfer.id]: stands },
    changed: hasMoved(before, transfer) ? { ...state.changed, [transfer.id]: now } : state.changed,
    announcement: text === undefined ? state.announcement : { text, serial: state.announcement.serial + 1 },
  });
}

/**
 * How many ended transfers are shown that no history keeps: offers that were gone before this user had
 * answered.
 */
const UNRECORDED_SHOWN = 5;

/**
 * Others can make as many of these as they like: the newest are kept, and nothing that this user had a part
 * in goes for them.
 */
function withFewUnrecorded(state: PageState): PageState {
  const unrecorded = state.transfers.filter((transfer) => !transfer.recorded && isOver(transfer.state));
  if (unrecorded.length <= UNRECORDED_SHOWN) return state;
  const newest = unrecorded.toSorted((a, b) => b.created - a.created).slice(0, UNRECORDED_SHOWN);
  return withOnly(
    state,
    (transfer) => transfer.recorded || !isOver(transfer.state) || newest.includes(transfer),
  );
}

/** Without the other transfers, and without anything that was kept about them. */
function withOnly(state: PageState, isKept: (transfer: TransferView) => boolean): PageState {
  const transfers = state.transfers.filter(isKept);
  const ids = new Set<string>(transfers.map(({ id }) => id));
  const ofThese = <Value>(values: Readonly<Record<TransferId, Value>>): Record<TransferId, Value> =>
    Object.fromEntries(Object.entries(values).filter(([id]) => ids.has(id)));
  return { ...state, transfers, changed: ofThese(state.changed), standing: ofThese(state.standing) };
}

/** Whether anything happened that a person would call progress. */
function hasMoved(before: TransferView | undefined, after: TransferView): boolean {
  if (before?.state.kind !== after.state.kind) return true;
  if (before.state.kind === 'preparing' && after.state.kind === 'preparing') {
    return before.state.files !== after.state.files || before.state.bytes !== after.state.bytes;
  }
  const [earlier, later] = [standingOf(before.state)?.progress, standingOf(after.state)?.progress];
  return earlier?.bytes !== later?.bytes || earlier?.files !== later?.files;
}

/** Offers from others that this user has not answered, oldest first. */
export function incomingOffers(transfers: readonly TransferView[]): TransferView[] {
  return transfers.filter(isIncomingOffer).sort((a, b) => a.created - b.created);
}

function isIncomingOffer(transfer: TransferView): boolean {
  return transfer.direction === 'receive' && transfer.state.kind === 'offered';
}

/**
 * Everything else: what is under way first, then history; newest first in both. `now` in milliseconds since
 * 1970.
 */
export function listedTransfers(transfers: readonly TransferView[], now = Date.now()): TransferView[] {
  const byAge = newestFirst(now);
  return transfers
    .filter((transfer) => !isIncomingOffer(transfer))
    .sort((a, b) => Number(isOver(a.state)) - Number(isOver(b.state)) || byAge(a, b));
}

/** What stays after the history was cleared: whatever can still change. */
export function withoutHistory(state: PageState): PageState {
  return withOnly(state, (transfer) => !isOver(transfer.state));
}

/** What stays after some transfers were taken from the history. */
export function withoutTransfers(state: PageState, ids: readonly TransferId[]): PageState {
  return withOnly(state, ({ id }) => !ids.includes(id));
}

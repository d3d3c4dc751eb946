import type { DeviceId } from '../../shared/device-id.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { isOver, leftOutOf } from '../../shared/views.ts';
import { turnedAwayText } from '../../shared/turned-away-words.ts';
import { noticeText } from '../../shared/words.ts';
import type { EndedUnfinished } from '../engine/index.ts';
import type { OtherAddressReport } from './other-address.ts';
import type {
  AcceptPolicy,
  DeviceView,
  ErrorView,
  InviteId,
  InviteView,
  NewInvite,
  LeftOut,
  Notice,
  Outcome,
  PartialData,
  Progress,
  Renamed,
  SkippedFile,
  TransferDetail,
  ItemView,
  TransferId,
  TransferState,
  TransferView,
  TurnedAwayView,
} from '../../shared/views.ts';

/**
 * What the command says: one of these for each thing that happened or was asked for. `--json` prints them as they are (docs/cli.md
 * is their reference, scripts rely on it); for people they become sentences. Sizes are bytes, times milliseconds since 1970.
 */

interface Named {
  readonly id: DeviceId;
  readonly name: string;
}
type Direction = TransferView['direction'];

export type Report =
  | { readonly event: 'id'; readonly id: DeviceId; readonly name: string }
  | DeviceReport
  | { readonly event: 'ready'; readonly id: DeviceId; readonly name: string; readonly port: number }
  | NewInviteReport
  | InviteStateReport
  /** `knownAs`: the label of the device, where it is paired with this one already. */
  | { readonly event: 'code'; readonly code: string; readonly knownAs: string | null }
  | { readonly event: 'paired'; readonly device: Named; readonly knownAs: string | null }
  | OfferReport
  | ProgressReport
  | WaitingReport
  | PausedReport
  | DoneReport
  | IncompleteReport
  | TransferReport
  | CancelledReport
  | RemovedReport
  | ExpiryReport
  | DetailReport
  | UnlistedReport
  | NoticeReport
  | MovedReport
  | TurnedAwayReport
  | OtherAddressReport
  | ErrorReport;

/** Something about this device that is not as usual. */
export interface NoticeReport {
  readonly event: 'notice';
  readonly kind: Notice['kind'];
  readonly message: string;
}

/** Offers of one device that were turned away before anybody was asked about them. */
export interface TurnedAwayReport extends TurnedAwayView {
  readonly event: 'turned-away';
  readonly message: string;
}

export interface DeviceReport extends Named {
  readonly event: 'device';
  readonly label: string;
  readonly was: string | null;
  readonly hasForgotten: boolean;
  readonly accept: AcceptPolicy;
  readonly into: string | null;
  readonly lastSeen: number | null;
}

/** A fresh invite: the only time that its link and token are told. */
export interface NewInviteReport {
  readonly event: 'invite';
  readonly id: InviteId;
  readonly link: string;
  readonly token: string;
  readonly expires: number;
}

/** An invite made earlier. */
export interface InviteStateReport {
  readonly event: 'invite';
  readonly id: InviteId;
  readonly state: InviteView['state'];
  readonly created: number;
  readonly expires: number;
}

export interface OfferReport {
  readonly event: 'offer';
  readonly transfer: TransferId;
  /** The transfer in the place of which this one was begun: the other device had ended that one before. */
  readonly replaces?: TransferId;
  readonly direction: Direction;
  readonly device: Named;
  /** The first top-level items; `itemCount` counts all. */
  readonly items: readonly ItemView[];
  readonly itemCount: number;
  readonly files: number;
  /** All folders, top-level ones included. */
  readonly folders: number;
  readonly bytes: number;
  /** Files and folders with hidden names, and files that may run when opened, wherever they lie. */
  readonly hidden: number;
  readonly programs: number;
}

export interface ProgressReport {
  readonly event: 'progress';
  readonly transfer: TransferId;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly files: number;
  readonly totalFiles: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
}

/** It cannot go on now and will by itself: at `retryAt`, or, where that is null, once the other device is back. */
export interface WaitingReport {
  readonly event: 'waiting';
  readonly transfer: TransferId;
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAt: number | null;
  // With `no-space`, where it is known.
  readonly needed?: number;
  readonly free?: number | null;
  /** Which folder of this device it is about, if it is. */
  readonly folder?: string;
}

export interface PausedReport {
  readonly event: 'paused';
  readonly transfer: TransferId;
  readonly by: 'me' | 'peer';
}

interface Arrived {
  readonly transfer: TransferId;
  readonly bytes: number;
  readonly files: number;
  readonly seconds: number;
  readonly resent: readonly string[];
  readonly resentCount: number;
  readonly grown: readonly string[];
  readonly grownCount: number;
  readonly renamed: readonly Renamed[];
  readonly renamedCount: number;
  readonly into: string | null;
  readonly names: readonly string[];
}

/** Everything arrived. */
export interface DoneReport extends Arrived {
  readonly event: 'done';
}

/** Something did not arrive, and the rest is there. */
export interface IncompleteReport extends Arrived, Readonly<LeftOut> {
  readonly event: 'incomplete';
}

/** A line of the history. */
export interface TransferReport {
  readonly event: 'transfer';
  readonly transfer: TransferId;
  readonly direction: Direction;
  readonly device: Named;
  readonly state: TransferState['kind'];
  readonly names: readonly string[];
  readonly itemCount: number;
  readonly bytes: number;
  readonly files: number;
  /** How many things did not arrive, of a transfer that has come to its end. */
  readonly skippedCount: number;
  /** How many things did not keep the name they were sent under. */
  readonly renamedCount: number;
  readonly created: number;
  /** Whether it is not over. */
  readonly unfinished: boolean;
  /** What has arrived of it that is not there under its name. */
  readonly partial: PartialReport | null;
}

/** Where what has arrived of a transfer lies, what it takes there, and whether that is there now. */
export interface PartialReport {
  readonly folder: string;
  readonly bytes: number;
  readonly isThere: boolean;
}

/** A transfer that was cancelled by command. */
export interface CancelledReport {
  readonly event: 'cancelled';
  readonly transfer: TransferId;
  readonly direction: Direction;
  readonly device: Named;
  readonly names: readonly string[];
  readonly itemCount: number;
  /** Whether the other device has heard of it; otherwise it does when the two meet next. */
  readonly told: boolean;
  /** What could not be removed now, because its medium is not there or does not allow it. */
  readonly partial: PartialReport | null;
}

/** Another folder was chosen for what is to be received. */
export interface MovedReport {
  readonly event: 'moved';
  readonly transfer: TransferId;
  readonly into: string;
  /** Whether what had arrived was removed: all of it is received anew. */
  readonly isClean: boolean;
}

/** A transfer is not in the list any more. */
export interface RemovedReport {
  readonly event: 'removed';
  readonly transfer: TransferId;
}

/** After how many days without anything happening an unfinished transfer is given up; null: never. */
export interface ExpiryReport {
  readonly event: 'expiry';
  readonly afterDays: number | null;
}

/** One thing that was left out of a transfer, or is not called what it was sent as. */
export type DetailReport =
  | ({ readonly event: 'skipped'; readonly transfer: TransferId } & Readonly<SkippedFile>)
  | ({ readonly event: 'renamed'; readonly transfer: TransferId } & Readonly<Renamed>);

/** How much more of either there is, of which no list is kept. */
export interface UnlistedReport {
  readonly event: 'unlisted';
  readonly transfer: TransferId;
  readonly skippedCount: number;
  readonly renamedCount: number;
}

export interface ErrorReport extends Readonly<Partial<LeftOut>> {
  readonly event: 'error';
  readonly code: ErrorCode;
  readonly message: string;
  /** The transfer that it ended, if it was about one. */
  readonly transfer?: TransferId;
  // Where nothing arrived: what was left out, and how much that is.
  // With `no-space`, where it is known: bytes that are needed, and that are free on this device's disk.
  readonly needed?: number;
  readonly free?: number | null;
  /** Which folder of this device it is about, if it is. */
  readonly folder?: string;
}

/** What is told of an error beside its code and sentence. */
export function factsOf({ space, folder }: ErrorView): Pick<ErrorReport, 'needed' | 'free' | 'folder'> {
  return {
    ...(space === undefined ? {} : { needed: space.needed, free: space.free }),
    ...(folder === undefined ? {} : { folder }),
  };
}

export function noticeReport(notice: Notice): NoticeReport {
  return { event: 'notice', kind: notice.kind, message: noticeText(notice) };
}

export function turnedAwayReport(view: TurnedAwayView): TurnedAwayReport {
  return { event: 'turned-away', ...view, message: turnedAwayText(view) };
}

export function deviceReport(device: DeviceView): DeviceReport {
  const { id, name, label, was, accept, into, lastSeen, hasForgotten } = device;
  return { event: 'device', id, name, label, was, accept, into, lastSeen, hasForgotten };
}

export function newInviteReport({ id, link, token, expires }: NewInvite): NewInviteReport {
  return { event: 'invite', id, link, token, expires };
}

export function inviteStateReport({ id, state, created, expires }: InviteView): InviteStateReport {
  return { event: 'invite', id, state, created, expires };
}

export function offerReport(view: TransferView): OfferReport {
  const {
    id: transfer,
    direction,
    device,
    items,
    itemCount,
    totalFiles: files,
    totalFolders: folders,
    totalBytes: bytes,
    hiddenCount: hidden,
    programCount: programs,
    replaces,
  } = view;
  const before = replaces === undefined ? {} : { replaces };
  const amounts = { itemCount, files, folders, bytes, hidden, programs };
  return { event: 'offer', transfer, ...before, direction, device, items, ...amounts };
}

export function progressReport(view: TransferView, progress: Progress): ProgressReport {
  const { id: transfer, totalBytes, totalFiles } = view;
  const { bytes, files } = progress;
  const bytesPerSecond = Math.round(progress.bytesPerSecond);
  const secondsLeft = progress.secondsLeft === null ? null : rounded(progress.secondsLeft, 1);
  return { event: 'progress', transfer, bytes, totalBytes, files, totalFiles, bytesPerSecond, secondsLeft };
}

export function doneReport(transfer: TransferId, outcome: Outcome): DoneReport {
  return { event: 'done', ...arrived(transfer, outcome) };
}

export function incompleteReport(
  transfer: TransferId,
  outcome: Outcome,
  { skipped, skippedCount }: LeftOut,
): IncompleteReport {
  return { event: 'incomplete', ...arrived(transfer, outcome), skipped, skippedCount };
}

function arrived(transfer: TransferId, outcome: Outcome): Arrived {
  const { bytes, files, resent, resentCount, grown, grownCount, renamed, renamedCount, into, names } =
    outcome;
  const seconds = rounded(outcome.seconds, 3);
  const sent = { resent, resentCount, grown, grownCount };
  return { transfer, bytes, files, seconds, ...sent, renamed, renamedCount, into, names };
}

export function partialReport(partial: PartialData | null): PartialReport | null {
  if (partial === null) return null;
  const { folder, bytes, isThere } = partial;
  return { folder, bytes, isThere };
}

export function cancelledReport({ transfer: view, isTold, leftover }: EndedUnfinished): CancelledReport {
  const { id: transfer, direction, device, items, itemCount } = view;
  const names = items.map(({ name }) => name);
  const partial = partialReport(leftover);
  return { event: 'cancelled', transfer, direction, device, names, itemCount, told: isTold, partial };
}

/** Of a transfer that is done, or is but for exceptions, what arrived is told; of any other, what it was to be. */
export function transferReport(view: TransferView, partial: PartialData | null = null): TransferReport {
  const { id: transfer, direction, device, state, itemCount, created } = view;
  const names = view.items.map(({ name }) => name);
  const size =
    'outcome' in state
      ? { bytes: state.outcome.bytes, files: state.outcome.files }
      : { bytes: view.totalBytes, files: view.totalFiles };
  return {
    event: 'transfer',
    transfer,
    direction,
    device,
    state: state.kind,
    names,
    itemCount,
    ...size,
    skippedCount: leftOutOf(state)?.skippedCount ?? 0,
    renamedCount: 'outcome' in state ? state.outcome.renamedCount : 0,
    created,
    unfinished: !isOver(state),
    partial: partialReport(partial),
  };
}

export function detailReport(transfer: TransferId, detail: TransferDetail): DetailReport {
  if (detail.kind === 'skipped')
    return { event: 'skipped', transfer, path: detail.path, reason: detail.reason };
  return { event: 'renamed', transfer, from: detail.from, to: detail.to };
}

/** Digits that mean nothing are left out. */
function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

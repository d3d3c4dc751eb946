import { displayText } from '../shared/display.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatElapsed,
  formatNumber,
  formatSpeed,
} from '../shared/format.ts';
import { unreachable } from '../shared/unreachable.ts';
import { filesText, itemsText, markedText, nameShown, namesOf } from '../shared/words.ts';
import type { Outcome, PartialData, Progress, TransferView } from '../shared/views.ts';
import { hasBegun } from './standing.ts';
import { waitingText } from './waiting.ts';

/** The page's sentences about transfers. Names come out escaped. */

/** What a transfer holds by its first names, as in shared/words.ts, with long names shortened. */
export function itemsShown(names: readonly string[], itemCount: number): string {
  return itemsText(names.map(nameShown), itemCount);
}

/** After so long without a byte, in milliseconds, a transfer says that it is waiting. */
const QUIET_AFTER_MS = 4_000;
/** After so long, in milliseconds, connecting is no longer a matter of course. */
const SLOW_CONNECT_MS = 8_000;

type Amounts = Pick<TransferView, 'items' | 'itemCount' | 'totalFiles' | 'totalFolders' | 'totalBytes'>;

/**
 * How much an offer or a transfer holds: `2,004 files (312 MB)`, `2,004 files in 36 folders (312 MB)`, or `3 empty folders` when there is not
 * one file in it.
 */
export function sizeText({ totalFiles: files, totalFolders: folders, totalBytes, ...top }: Amounts): string {
  if (files > 0) return `${filesText({ ...top, files, folders })} (${formatBytes(totalBytes)})`;
  const all = Math.max(folders, top.itemCount);
  return all === 1 ? 'an empty folder' : formatCount(all, 'empty folder');
}

/** `Desk wants to send you 2,004 files (312 MB)`. */
export function offerText(transfer: TransferView): string {
  return `${displayText(transfer.device.name)} wants to send you ${sizeText(transfer)}`;
}

/** Why the card of an offer is gone. */
export type Gone = 'taken back' | 'lost' | 'accepted' | 'declined' | 'changed';

/** What became of an offer whose card is gone: `Desk took this back: Holiday and 3 more.` */
export function goneText(transfer: TransferView, gone: Gone): string {
  const peer = displayText(transfer.device.name);
  const what = itemsShown(namesOf(transfer), transfer.itemCount);
  switch (gone) {
    case 'taken back':
      return `${peer} took this back: ${what}.`;
    case 'lost':
      return `The connection to ${peer} was lost before you answered: ${what}.`;
    case 'accepted':
      return `You accepted this: ${what}.`;
    case 'declined':
      return `You declined this: ${what}.`;
    case 'changed':
      return `${peer} offers something else instead of this: ${what}.`;
    default:
      return unreachable(gone);
  }
}

/** Why an offer could no longer be answered: `Desk took this back before you answered: Holiday.` Undefined where it still can be. */
export function tooLateText(transfer: TransferView): string | undefined {
  const peer = displayText(transfer.device.name);
  const what = itemsShown(namesOf(transfer), transfer.itemCount);
  const { state } = transfer;
  if (state.kind === 'cancelled' && state.by === 'peer')
    return `${peer} took this back before you answered, so nothing was received: ${what}.`;
  if (state.kind === 'failed') return `${what} from ${peer}: ${state.error.message}`;
  return undefined;
}

/**
 * The name of an offer's card, which is read when it takes the focus: who, what, and what is hidden in it or
 * a program.
 */
export function offerLabel(transfer: TransferView): string {
  const what = itemsShown(namesOf(transfer), transfer.itemCount);
  const marked = markedText(transfer);
  return `${offerText(transfer)}: ${what}${marked === undefined ? '' : `. Contains ${marked}`}`;
}

/** An offer as whole sentences, with what is hidden in it or a program. */
function offerSentences(transfer: TransferView): string {
  const marked = markedText(transfer);
  return marked === undefined ? `${offerText(transfer)}.` : `${offerText(transfer)}. Contains ${marked}.`;
}

/** The heading of a stack: `and 7 more from Desk`, or, where there is nothing else from it, `7 offers from Desk`. */
export function stackText(count: number, all: number, device: string): string {
  const peer = displayText(device);
  return count < all
    ? `and ${formatNumber(count)} more from ${peer}`
    : `${formatCount(count, 'offer')} from ${peer}`;
}

/** What offers hold together, and how much of it is hidden or a program. */
export function togetherText(transfers: readonly TransferView[]): {
  readonly size: string;
  readonly marked: string | undefined;
} {
  const sum = (count: (transfer: TransferView) => number): number =>
    transfers.reduce((total, transfer) => total + count(transfer), 0);
  const size = sizeText({
    items: transfers.flatMap(({ items }) => items),
    itemCount: sum(({ itemCount }) => itemCount),
    totalFolders: sum(({ totalFolders }) => totalFolders),
    totalFiles: sum(({ totalFiles }) => totalFiles),
    totalBytes: sum(({ totalBytes }) => totalBytes),
  });
  const marked = markedText({
    hiddenCount: sum(({ hiddenCount }) => hiddenCount),
    programCount: sum(({ programCount }) => programCount),
  });
  return { size, marked };
}

/** Why answers to offers came to nothing: of the first in a sentence, of the others how many there are. */
export function notAllText([first = '', ...others]: readonly string[]): string {
  if (others.length === 0) return first;
  return `${first} ${formatCount(others.length, 'more offer')} could not be answered either.`;
}

/** The name of a transfer's row: what, and to or from whom. */
export function transferLabel(transfer: TransferView): string {
  const what = itemsShown(namesOf(transfer), transfer.itemCount);
  const peer = displayText(transfer.device.name);
  return transfer.direction === 'send' ? `${what} to ${peer}` : `${what} from ${peer}`;
}

/** Bytes and files so far: `134 MB of 312 MB · 862 of 2,004 files`. */
export function amountText(transfer: TransferView, progress: Progress): string {
  const bytes = `${formatBytes(progress.bytes)} of ${formatBytes(transfer.totalBytes)}`;
  if (transfer.totalFiles <= 1) return bytes;
  return `${bytes} · ${formatNumber(progress.files)} of ${formatCount(transfer.totalFiles, 'file')}`;
}

/** How it goes: speed and time left, or since when nothing has moved. `quietMs`: milliseconds since the last change. */
export function paceText(transfer: TransferView, progress: Progress, quietMs: number): string {
  if (quietMs >= QUIET_AFTER_MS) {
    const peer = displayText(transfer.device.name);
    return `Nothing has moved for ${formatElapsed(quietMs / 1000)}. Waiting for ${peer}…`;
  }
  if (progress.bytesPerSecond <= 0) return 'Starting…';
  const speed = formatSpeed(progress.bytesPerSecond);
  return progress.secondsLeft === null ? speed : `${speed} · ${formatDuration(progress.secondsLeft)} left`;
}

/** Where it stands while it waits or is paused: the amounts so far, or, before anything has moved, what it holds. */
export function standingText(transfer: TransferView, progress: Progress): string {
  return hasBegun(progress) ? amountText(transfer, progress) : sizeText(transfer);
}

/** So many new names stand in a row without a list. */
const RENAMES_SHOWN = 3;

/**
 * What is not called what it was sent as, where that is so little that it needs no list: `As Holiday (2)` of the
 * only thing that was sent, else `b.txt as b (2).txt`. Undefined where it is nothing, or more.
 */
export function fewRenamesText({ items, itemCount, state }: TransferView): string | undefined {
  if (!('outcome' in state)) return undefined;
  const { renamed, renamedCount } = state.outcome;
  const [first] = renamed;
  if (first === undefined || renamed.length < renamedCount || renamedCount > RENAMES_SHOWN) return undefined;
  const isAll = itemCount === 1 && renamedCount === 1 && first.from === items[0]?.name;
  if (isAll) return `As ${nameShown(first.to)}`;
  return renamed.map(({ from, to }) => `${nameShown(from)} as ${nameShown(to)}`).join(', ');
}

/** Where what has arrived of a transfer lies: `What has arrived takes 141 MB in Downloads, hidden until all of it is there.` */
export function partialText({ into, bytes, isThere }: PartialData): string {
  const folder = displayText(into);
  if (!isThere) return `What has arrived is in ${folder}, which is not there now.`;
  return `What has arrived takes ${formatBytes(bytes)} in ${folder}, hidden until all of it is there.`;
}

/** What a transfer is doing, or how it ended, in one line. `changed`: when it last changed; both in milliseconds since 1970. */
export function statusText(transfer: TransferView, changed: number, now: number): string {
  const quietMs = Math.max(0, now - changed);
  const { state } = transfer;
  const peer = displayText(transfer.device.name);
  const sending = transfer.direction === 'send';
  switch (state.kind) {
    case 'preparing':
      return state.files === 0
        ? 'Looking at what to send…'
        : `Looking at what to send… ${formatCount(state.files, 'file')}, ${formatBytes(state.bytes)} so far`;
    case 'connecting':
      return quietMs < SLOW_CONNECT_MS
        ? `Connecting to ${peer}…`
        : `Still trying to reach ${peer}. Is it on, with Sealane open?`;
    case 'offered':
      return sending ? `Waiting for ${peer} to accept…` : 'Waiting for your answer';
    case 'running':
      return `${amountText(transfer, state.progress)} · ${paceText(transfer, state.progress, quietMs)}`;
    case 'waiting':
      return waitingText(transfer, state);
    case 'paused':
      return state.by === 'me' ? 'Paused by you.' : `Paused by ${peer}. It goes on once it is resumed there.`;
    case 'finishing':
      return sending ? `Everything is across. ${peer} is saving it safely…` : 'Saving safely…';
    case 'done':
      return arrivedText(state.outcome);
    case 'incomplete':
      return `Not everything arrived: ${arrivedText(state.outcome)}`;
    case 'declined':
      return sending ? `${peer} declined.` : 'You declined.';
    case 'cancelled':
      return state.by === 'me' ? 'You cancelled it.' : `${peer} cancelled it.`;
    case 'failed':
      return state.error.message;
    default:
      return unreachable(state);
  }
}

function arrivedText(outcome: Outcome): string {
  if (outcome.files === 0) return `No files, only folders, in ${formatElapsed(outcome.seconds)}`;
  const files = outcome.files === 1 ? '' : `${formatCount(outcome.files, 'file')}, `;
  return `${files}${formatBytes(outcome.bytes)} in ${formatElapsed(outcome.seconds)}`;
}

/** What a screen reader should hear about a change; undefined when it is nothing to interrupt anybody for. */
export function announcementFor(before: TransferView | undefined, after: TransferView): string | undefined {
  const { state } = after;
  if (before?.state.kind === state.kind) return undefined;
  const label = transferLabel(after);
  switch (state.kind) {
    case 'offered':
      return after.direction === 'receive' ? offerSentences(after) : undefined;
    case 'done':
      return `Done: ${label}.`;
    case 'incomplete':
      return `Not everything arrived: ${label}. ${formatCount(state.leftOut.skippedCount, 'item')} not transferred.`;
    case 'failed':
      return `Failed: ${label}. ${state.error.message}`;
    case 'declined':
      return after.direction === 'send' ? `${displayText(after.device.name)} declined: ${label}.` : undefined;
    case 'cancelled':
      return state.by === 'peer' ? `${displayText(after.device.name)} cancelled: ${label}.` : undefined;
    case 'waiting':
      // Between two tries it connects and waits again: that it waits is said once.
      return before?.state.kind === 'running' ? `Waiting: ${label}. ${waitingText(after, state)}` : undefined;
    case 'paused':
      return state.by === 'peer' ? `${displayText(after.device.name)} paused: ${label}.` : undefined;
    case 'preparing':
    case 'connecting':
    case 'running':
    case 'finishing':
      return undefined;
    default:
      return unreachable(state);
  }
}

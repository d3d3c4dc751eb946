import { displayText } from '../../shared/display.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { formatBytes, formatCount, formatNumber } from '../../shared/format.ts';
import { unreachable } from '../../shared/unreachable.ts';
import { isOver } from '../../shared/views.ts';
import type { EngineEvent, ErrorView, TransferId, TransferState, TransferView } from '../../shared/views.ts';
import { foldersWithin, itemsText, markedText, namesOf } from '../../shared/words.ts';

/**
 * What a system notification says about a transfer, as plain text: names from elsewhere are in it with
 * everything written out that hides, reorders or controls text (shared/display.ts). Where it is shown may
 * take more than that for something else than text: notification-text.ts puts it into the form that the
 * system shows as this very text.
 */
export interface Announcement {
  readonly title: string;
  readonly body: string;
}

const MAX_TITLE_CHARACTERS = 80;
const MAX_BODY_CHARACTERS = 200;

function shorten(text: string, characters: number): string {
  const all = Array.from(text);
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`;
}

function announcement(title: string, body: string): Announcement {
  return { title: shorten(title, MAX_TITLE_CHARACTERS), body: shorten(body, MAX_BODY_CHARACTERS) };
}

function describe(transfer: TransferView): string {
  const size = `${formatCount(transfer.totalFiles, 'file')}, ${formatBytes(transfer.totalBytes)}`;
  return `${itemsText(namesOf(transfer), transfer.itemCount)} (${size})`;
}

/** With what a person should know before a yes. */
function describeOffer(transfer: TransferView): string {
  const folders = foldersWithin({ ...transfer, folders: transfer.totalFolders });
  // In front of names: those can be so long that what stands behind them is not shown.
  const parts = [folders === 0 ? undefined : formatCount(folders, 'folder'), markedText(transfer)];
  const contained = parts.filter((part) => part !== undefined).join(', ');
  return contained === '' ? describe(transfer) : `Contains ${contained}. ${describe(transfer)}`;
}

/** What is announced in one where there are several of one device. */
export type Gathered = 'offers' | 'ends' | 'stuck';

/** One notification in the place of one for each of these transfers with one device. */
export function announceGathered(what: Gathered, transfers: readonly TransferView[]): Announcement {
  const device = displayText(transfers.at(-1)?.device.name ?? '');
  const count = transfers.length;
  switch (what) {
    case 'offers':
      return announcement(`${device}: ${formatCount(count, 'more offer')}`, 'Open Sealane to answer.');
    case 'ends':
      return announcement(`${device}: ${formatCount(count, 'transfer')} ended`, endsText(transfers));
    case 'stuck':
      return announcement(`${device}: ${formatCount(count, 'more transfer')} cannot be saved`, MEND);
    default:
      return unreachable(what);
  }
}

/** What became of them: `12 received; 1 not sent.` */
function endsText(transfers: readonly TransferView[]): string {
  const count = (direction: TransferView['direction'], outcome: 'done' | 'incomplete' | undefined) =>
    transfers.filter(({ direction: way, state: { kind } }) => {
      const is = kind === 'done' || kind === 'incomplete' ? kind : undefined;
      return way === direction && is === outcome;
    }).length;
  const parts = [
    [count('receive', 'done'), 'received'],
    [count('send', 'done'), 'sent'],
    [count('receive', 'incomplete'), 'received, but not all of it'],
    [count('send', 'incomplete'), 'sent, but not all of it'],
    [count('receive', undefined), 'not received'],
    [count('send', undefined), 'not sent'],
  ] as const;
  const told = parts
    .filter(([number]) => number > 0)
    .map(([number, words]) => `${formatNumber(number)} ${words}`);
  return `${told.join('; ')}.`;
}

const MEND = 'Make room, or make its folder usable again: then it goes on by itself.';

/** What keeps a receiver waiting until a person mends it on this computer, and what to do about it. */
const STUCK: { readonly [Code in ErrorCode]?: string } = {
  'no-space': 'Once you have made room, it goes on by itself.',
  'destination-unusable':
    'The folder for received files cannot be written. Once it can, it goes on by itself.',
  'destination-changed':
    'The folder for received files was moved, replaced or removed. Once there is one again, it goes on by itself.',
};

/** Whether a transfer waits for something that only a person can mend here. */
export function isStuck({ direction, state }: TransferView): boolean {
  return direction === 'receive' && state.kind === 'waiting' && STUCK[state.error.code] !== undefined;
}

/** What of it is not in `STUCK` the error says: how much room is needed, and how much there is. */
function stuckText({ code, message }: ErrorView): string {
  const mend = STUCK[code] ?? MEND;
  return code === 'no-space' ? `${message} ${mend}` : mend;
}

function announce(transfer: TransferView): Announcement | undefined {
  const device = displayText(transfer.device.name);
  const received = transfer.direction === 'receive';
  switch (transfer.state.kind) {
    case 'offered':
      return received
        ? announcement(`${device} wants to send you files`, describeOffer(transfer))
        : undefined;
    case 'done':
      return announcement(
        received ? `Received from ${device}` : `${device} has received everything`,
        describe(transfer),
      );
    case 'incomplete':
      return announcement(
        received ? `Received from ${device}, but not everything` : `${device} has not received everything`,
        `${formatCount(transfer.state.leftOut.skippedCount, 'item')} did not arrive. ${describe(transfer)}`,
      );
    case 'failed':
      return announcement(
        received ? `Not received from ${device}` : `Not sent to ${device}`,
        transfer.state.error.message,
      );
    case 'waiting':
      return isStuck(transfer)
        ? announcement(
            `Files from ${device} cannot be saved`,
            `${stuckText(transfer.state.error)} ${describe(transfer)}`,
          )
        : undefined;
    case 'preparing':
    case 'connecting':
    case 'running':
    case 'paused':
    case 'finishing':
    case 'declined':
    case 'cancelled':
      return undefined;
    default:
      return unreachable(transfer.state);
  }
}

/** How many ended transfers are remembered: an end that is told once more comes soon after the first time. */
const ENDED_KEPT = 64;

/**
 * Which state of each transfer was announced last: of those that go on, and of the last ones that have ended.
 */
export class AnnouncedStates {
  readonly #current = new Map<TransferId, TransferState['kind']>();
  readonly #ended = new Set<TransferId>();

  /** How many transfers it remembers. */
  get size(): number {
    return this.#current.size + this.#ended.size;
  }

  /** Notes a state; false when it is the one that was noted last. */
  note(id: TransferId, state: TransferState): boolean {
    if (isOver(state)) {
      this.#current.delete(id);
      if (this.#ended.has(id)) return false;
      this.#ended.add(id);
      for (const oldest of this.#ended) {
        if (this.#ended.size <= ENDED_KEPT) break;
        this.#ended.delete(oldest);
      }
      return true;
    }
    this.#ended.delete(id);
    if (this.#current.get(id) === state.kind) return false;
    this.#current.set(id, state.kind);
    return true;
  }
}

/**
 * Makes a function that is told every engine event and says which deserve a notification: an offer that waits for this user,
 * a transfer that waits for a person here, and one that came to its end by itself. Each state of a transfer is announced once.
 */
export function createAnnouncer(
  states = new AnnouncedStates(),
): (event: EngineEvent) => Announcement | undefined {
  const stuck = new Set<TransferId>();
  return (event) => {
    if (event.type !== 'transfer') return undefined;
    const { id, state } = event.transfer;
    if (!states.note(id, state)) return undefined;
    if (isOver(state)) stuck.delete(id);
    // Between two tries it waits again and again: that it does is told once.
    if (isStuck(event.transfer) && stuck.has(id)) return undefined;
    if (isStuck(event.transfer)) stuck.add(id);
    return announce(event.transfer);
  };
}

import { displayText } from '../../shared/display.ts';
import { formatBytes, formatCount } from '../../shared/format.ts';
import { unreachable } from '../../shared/unreachable.ts';
import { isOver } from '../../shared/views.ts';
import type { EngineEvent, TransferId, TransferState, TransferView } from '../../shared/views.ts';
import { itemsText, markedText, namesOf } from '../../shared/words.ts';

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
  const marked = markedText(transfer);
  return marked === undefined ? describe(transfer) : `Contains ${marked}. ${describe(transfer)}`;
}

/** What peers can cause to be announced. */
export type Gathered = 'offers' | 'ends';

/** One notification in the place of `count` more of one device. */
export function announceGathered(deviceName: string, what: Gathered, count: number): Announcement {
  const device = displayText(deviceName);
  switch (what) {
    case 'offers':
      return announcement(`${device}: ${formatCount(count, 'more offer')}`, 'Open Sealane to answer.');
    case 'ends':
      return announcement(
        `${device}: ${formatCount(count, 'more transfer')} ended`,
        'Open Sealane to see what became of each.',
      );
    default:
      return unreachable(what);
  }
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
    case 'preparing':
    case 'connecting':
    case 'running':
    case 'waiting':
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
 * and a transfer that came to its end by itself. Each state of a transfer is announced once.
 */
export function createAnnouncer(
  states = new AnnouncedStates(),
): (event: EngineEvent) => Announcement | undefined {
  return (event) => {
    if (event.type !== 'transfer') return undefined;
    const { id, state } = event.transfer;
    return states.note(id, state) ? announce(event.transfer) : undefined;
  };
}

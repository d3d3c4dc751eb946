import { displayText } from '../../shared/display.ts';
import { formatBytes, formatCount } from '../../shared/format.ts';
import { unreachable } from '../../shared/unreachable.ts';
import type { EngineEvent, TransferId, TransferView } from '../../shared/views.ts';
import { itemsText } from '../../shared/words.ts';

/** What a system notification says about a transfer. Nothing in it can mislead or control: names from elsewhere are escaped. */
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
  return `${itemsText(transfer.items, transfer.itemCount)} (${size})`;
}

function announce(transfer: TransferView): Announcement | undefined {
  const device = displayText(transfer.device.name);
  const received = transfer.direction === 'receive';
  switch (transfer.state.kind) {
    case 'offered':
      return received ? announcement(`${device} wants to send you files`, describe(transfer)) : undefined;
    case 'done': {
      const title = received ? `Received from ${device}` : `${device} has received everything`;
      const missing = transfer.state.outcome.skippedCount;
      if (missing === 0) return announcement(title, describe(transfer));
      const incomplete = received ? title : `${device} has received most of it`;
      return announcement(
        incomplete,
        `${formatCount(missing, 'file')} did not arrive. ${describe(transfer)}`,
      );
    }
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

/**
 * Makes a function that is told every engine event and says which deserve a notification: an offer that waits for this user,
 * and a transfer that came to its end by itself. Each state of a transfer is announced once.
 */
export function createAnnouncer(): (event: EngineEvent) => Announcement | undefined {
  const states = new Map<TransferId, string>();
  return (event) => {
    if (event.type !== 'transfer') return undefined;
    const { id, state } = event.transfer;
    if (states.get(id) === state.kind) return undefined;
    states.set(id, state.kind);
    return announce(event.transfer);
  };
}

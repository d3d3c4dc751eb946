import { displayText } from './display.ts';
import { unreachable } from './unreachable.ts';
import { formatCount, formatNumber } from './format.ts';
import type { ItemView, Notice, Renamed, SkipReason, TransferView } from './views.ts';

/**
 * What people read about things that have a code: the same words in the window and in the terminal. Names from elsewhere come
 * out of here already escaped.
 */

/** Why a file did not arrive, to follow its name: `photo.jpg: changed while it was being sent`. */
export function skipReasonText(reason: SkipReason): string {
  switch (reason) {
    case 'vanished':
      return 'was gone before it could be sent';
    case 'unreadable':
      return 'could not be read on the sending device';
    case 'changed':
      return 'changed while it was being sent';
    case 'link-outside':
      return 'is a link to something outside of what was sent';
    case 'link-loop':
      return 'is a link that leads back to itself';
    case 'special-file':
      return 'is not a file or folder, but a device, socket or pipe';
    case 'name-reserved':
      return 'has a name that the receiving device cannot use';
    case 'name-too-long':
      return 'has a name or path that is too long for the receiving device';
    case 'not-writable':
      return 'could not be written on the receiving device';
    case 'came-later':
      return 'came after this transfer had begun; send again to include it';
    case 'size-unknown':
      return 'has a size that is not true, as what the system makes up when it is read; copy it, and send the copy';
    case 'own-files':
      return 'belongs to Sealane itself: its key and settings, or what it is still receiving';
    case 'name-encoding':
      return 'has a name that is not valid UTF-8; rename it to send it';
    case 'taken-away':
      return 'was removed or changed on the receiving device by something else there, perhaps a virus scanner';
    default:
      return unreachable(reason);
  }
}

/** What is to be known of files that grew while they were sent, to stand above their names. */
export function grownTitle(count: number): string {
  return `${formatCount(count, 'file')} grew meanwhile; what was there when it was offered has arrived`;
}

/** How much did not arrive, to stand above its names. */
export function leftOutTitle(count: number): string {
  return `${formatCount(count, 'item')} did not arrive`;
}

/** What is to be known of things that are not called what they were sent as, to stand above their names. */
export function renamedTitle(count: number): string {
  return count === 1
    ? '1 item arrived under another name'
    : `${formatCount(count, 'item')} arrived under other names`;
}

/** One of these things: `photo.jpg as photo (2).jpg`. Names are escaped. */
export function renamedText({ from, to }: Renamed): string {
  return `${displayText(from)} as ${displayText(to)}`;
}

/** What is different from the usual, in a sentence. */
export function noticeText(notice: Notice): string {
  switch (notice.kind) {
    case 'slow-cipher':
      return 'The fast encryption could not be loaded on this computer. Everything works and is just as safe, only slower.';
    case 'port-changed':
      return `The usual port was taken by another program, so this device listens on port ${String(notice.port)}.`;
    case 'already-running':
      return `Sealane is running for this profile already, and other devices reach it on port ${String(notice.port)}.`;
    case 'key-in-file':
      return 'This computer offers no keychain, so this device’s key is kept in a file that only your user account can read.';
    case 'no-sandbox':
      return 'This computer does not let the window run in a sandbox, so one layer of protection is missing. Sealane as a deb or rpm package has it.';
    case 'records-lost':
      return `Part of what this device had stored was damaged or missing, and is lost: ${notice.records.map(recordsText).join(', ')}. Damaged files were kept.`;
    default:
      return unreachable(notice);
  }
}

function recordsText(records: Extract<Notice, { kind: 'records-lost' }>['records'][number]): string {
  switch (records) {
    case 'devices':
      return 'the paired devices';
    case 'invites':
      return 'the open invites';
    case 'settings':
      return 'the settings';
    case 'history':
      return 'the list of past transfers';
    default:
      return unreachable(records);
  }
}

/** A longer name is shown without its middle: its end tells what kind of file it is. In characters. */
const NAME_SHOWN = 96;
const NAME_HEAD = 60;
const NAME_TAIL = 32;

/** A file's name to be read: escaped, and without its middle when it is very long. */
export function nameShown(name: string): string {
  const characters = Array.from(displayText(name));
  if (characters.length <= NAME_SHOWN) return characters.join('');
  return `${characters.slice(0, NAME_HEAD).join('')}…${characters.slice(-NAME_TAIL).join('')}`;
}

/** What an item is beside a plain file, in words to stand beside its name. */
export function markWords({ kind, hidden, program }: ItemView): readonly string[] {
  return [
    ...(kind === 'folder' ? ['folder'] : []),
    ...(hidden ? ['hidden'] : []),
    ...(program ? ['program'] : []),
  ];
}

/** What an offer or a transfer holds, in numbers. */
interface Amounts {
  readonly items: readonly ItemView[];
  readonly itemCount: number;
  readonly files: number;
  readonly folders: number;
}

/** How many folders there are, where there are more than top-level ones; else 0. */
export function foldersWithin({ items, itemCount, folders }: Omit<Amounts, 'files'>): number {
  const top = items.filter(({ kind }) => kind === 'folder').length + Math.max(0, itemCount - items.length);
  return folders > top ? folders : 0;
}

/** How much of something there is: `2,004 files`, or, where there are folders below the top, `2,004 files in 36 folders`. */
export function filesText(amounts: Amounts): string {
  const folders = foldersWithin(amounts);
  const files = formatCount(amounts.files, 'file');
  return folders === 0 ? files : `${files} in ${formatCount(folders, 'folder')}`;
}

type Marked = Pick<TransferView, 'hiddenCount' | 'programCount'>;

/**
 * How much of a transfer is hidden or runs when it is opened: `3 hidden items and 1 program`; undefined for
 * nothing of either.
 */
export function markedText({ hiddenCount, programCount }: Marked): string | undefined {
  const parts = [
    ...(hiddenCount > 0 ? [formatCount(hiddenCount, 'hidden item')] : []),
    ...(programCount > 0 ? [formatCount(programCount, 'program')] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(' and ');
}

/** As `markedText`, unless the marks of the `shown` items say it all. */
export function unshownMarksText(marked: Marked, shown: readonly ItemView[]): string | undefined {
  const isSaid =
    shown.filter(({ hidden }) => hidden).length >= marked.hiddenCount &&
    shown.filter(({ program }) => program).length >= marked.programCount;
  return isSaid ? undefined : markedText(marked);
}

/** What a transfer holds, by its first names: `Holiday`, `Holiday and notes.txt`, `Holiday and 3 more`. Names are escaped. */
export function itemsText(names: readonly string[], itemCount: number): string {
  const [first, second] = names;
  if (first === undefined) return formatCount(itemCount, 'item');
  if (itemCount <= 1) return displayText(first);
  if (itemCount === 2 && second !== undefined) return `${displayText(first)} and ${displayText(second)}`;
  return `${displayText(first)} and ${formatNumber(itemCount - 1)} more`;
}

/** The names of the top-level items that a transfer shows. Raw: escape before showing. */
export function namesOf({ items }: Pick<TransferView, 'items'>): readonly string[] {
  return items.map(({ name }) => name);
}

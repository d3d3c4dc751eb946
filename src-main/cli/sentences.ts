import { displayText } from '../../shared/display.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatElapsed,
  formatNumber,
} from '../../shared/format.ts';
import { ERRORS } from '../../shared/errors.ts';
import { MAX_OFFER_NAMES } from '../../shared/limits.ts';
import { unreachable } from '../../shared/unreachable.ts';
import type { LeftOut } from '../../shared/views.ts';
import {
  filesText,
  foldersWithin,
  grownTitle,
  itemsText,
  leftOutTitle,
  markWords,
  markedText,
  nameShown,
  renamedText,
  renamedTitle,
  skipReasonText,
  unshownMarksText,
} from '../../shared/words.ts';
import { formatWhen } from '../../shared/when.ts';
import { qrLines } from './qr-code.ts';
import type {
  CancelledReport,
  DeviceReport,
  DoneReport,
  ErrorReport,
  ExpiryReport,
  IncompleteReport,
  InviteStateReport,
  NewInviteReport,
  OfferReport,
  ProgressReport,
  Report,
  TransferReport,
  UnlistedReport,
} from './report.ts';
import type { Style } from './style.ts';

export interface Context {
  readonly style: Style;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Undefined when the output is no terminal. */
  readonly terminalColumns: number | undefined;
  /** What was offered, for a transfer that is done. */
  readonly offer: OfferReport | undefined;
}

/** A report as lines for people, everything foreign in it escaped. Errors and progress are not lines: the output shows them in its own way. */
export function sentences(
  report: Exclude<Report, ErrorReport | ProgressReport>,
  context: Context,
): readonly string[] {
  const { style } = context;
  switch (report.event) {
    case 'id':
      return [`Name  ${style.bold(displayText(report.name))}`, `Id    ${report.id}`];
    case 'device':
      return deviceLines(report, context);
    case 'ready':
      return [`Listening on port ${report.port} as ${style.bold(displayText(report.name))}.`];
    case 'invite':
      return 'link' in report ? newInviteLines(report, context) : inviteStateLines(report, context);
    case 'code':
      return ['', `Code  ${style.bold(report.code)}`, ''];
    case 'paired':
      return [
        style.green(`Paired with ${displayText(report.device.name)}.`),
        style.dim(report.device.id),
        ...(report.knownAs === null
          ? []
          : [`It was known already, as ${displayText(report.knownAs)}: nothing was added.`]),
      ];
    case 'offer':
      return offerLines(report, context);
    case 'waiting':
      return [`${report.message} ${retryText(report.retryAt, context.now)}`];
    case 'paused':
      return [report.by === 'me' ? 'Paused here.' : ERRORS.paused.message];
    case 'done':
    case 'incomplete':
      return arrivalLines(report, context);
    case 'transfer':
      return transferLines(report, context);
    case 'cancelled':
      return cancelledLines(report);
    case 'moved':
      return [
        `It goes into ${displayText(report.into)} from now on, all of it anew, once the other device sends on.`,
        ...(report.isClean
          ? []
          : ['What had arrived lies on a medium that is not there, and could not be removed.']),
      ];
    case 'removed':
      return ['It is removed from the list.'];
    case 'expiry':
      return [expiryText(report)];
    case 'skipped':
      return [`  ${displayText(report.path)}: ${skipReasonText(report.reason)}`];
    case 'renamed':
      return [`  ${renamedText(report)}`];
    case 'unlisted':
      return unlistedLines(report);
    case 'notice':
    case 'turned-away':
    case 'other-address':
      return [report.message];
    default:
      return unreachable(report);
  }
}

function deviceLines(report: DeviceReport, { style, now }: Context): readonly string[] {
  const facts = [
    ...(report.hasForgotten ? ['has removed its pairing with this device'] : []),
    report.accept === 'always' ? 'always accepted' : 'asks every time',
    ...(report.into === null ? [] : [`into ${displayText(report.into)}`]),
    report.lastSeen === null ? 'not seen yet' : `seen ${formatWhen(report.lastSeen, now)}`,
  ];
  return [`${style.bold(displayText(report.label))}  ${facts.join(', ')}`, `  ${style.dim(report.id)}`];
}

function newInviteLines(
  report: NewInviteReport,
  { style, now, terminalColumns }: Context,
): readonly string[] {
  const lifetime = formatElapsed((report.expires - now) / 1000);
  const lines = [`Invite, good for ${lifetime} and for one device:`, '', report.link, ''];
  if (terminalColumns === undefined) return lines;
  const code = qrLines(report.link, terminalColumns, style.colours);
  if (code === undefined)
    return [...lines, style.dim('(Make this window wider to see it as a QR code.)'), ''];
  return [...lines, ...code, ''];
}

function inviteStateLines(report: InviteStateReport, { style, now }: Context): readonly string[] {
  const made = `made ${formatWhen(report.created, now)}`;
  const left = `good for another ${formatElapsed((report.expires - now) / 1000)}`;
  return [
    `${style.bold(report.id)}  ${report.state === 'open' ? `${made}, ${left}` : `${made}, ${report.state}`}`,
  ];
}

type Content = Pick<OfferReport, 'itemCount' | 'files' | 'bytes'> & { readonly names: readonly string[] };

/** `2,001 files, 300 MB`, `2,001 files in 36 folders, 300 MB`; of a single file that lies in no folder only its size. */
function sizeText(report: OfferReport): string {
  const { itemCount, files, folders, bytes } = report;
  const isOneFile = itemCount === 1 && files === 1 && folders === 0;
  return isOneFile ? formatBytes(bytes) : `${filesText(report)}, ${formatBytes(bytes)}`;
}

/** `Holiday (2,001 files, 300 MB)`; where there are no files, or it was never looked for them, only the names. */
function itemsLine({ names, ...report }: Content): string {
  if (report.files === 0) return itemsText(names, report.itemCount);
  const size = `${formatCount(report.files, 'file')}, ${formatBytes(report.bytes)}`;
  return `${itemsText(names, report.itemCount)} (${size})`;
}

/** What is offered; and, where this side is to answer, which of it is hidden or runs when it is opened. */
function offerLines(report: OfferReport, { style }: Context): readonly string[] {
  const name = displayText(report.device.name);
  const names = report.items.map((item) => item.name);
  const line =
    foldersWithin(report) === 0
      ? itemsLine({ ...report, names })
      : `${itemsText(names, report.itemCount)} (${filesText(report)}, ${formatBytes(report.bytes)})`;
  if (report.direction === 'send') return [`Offered to ${name}: ${line}`];
  const marked = report.items.filter(({ hidden, program }) => hidden || program);
  const all = unshownMarksText({ hiddenCount: report.hidden, programCount: report.programs }, report.items);
  return [
    `${name} would like to send: ${line}`,
    ...marked.map((item) => `  ${style.bold(markWords(item).join(', '))}: ${displayText(item.name)}`),
    ...(all === undefined ? [] : [`  ${style.bold(`Contains ${all}.`)}`]),
  ];
}

/**
 * The question whether to accept an offer, by its name: `Accept “letter.txt” (10 bytes) from Bob?`. The
 * quotation marks are no characters of a name, and a very long name is shown without its middle.
 */
export function offerQuestion(report: OfferReport): string {
  const [first, second] = report.items.map(({ name }) => `“${nameShown(name).replaceAll(/[“”]/g, '"')}”`);
  const others = report.itemCount - 1;
  const what =
    first === undefined || others <= 0
      ? (first ?? formatCount(report.itemCount, 'item'))
      : `${first} and ${others === 1 && second !== undefined ? second : `${formatNumber(others)} more`}`;
  const marked = markedText({ hiddenCount: report.hidden, programCount: report.programs });
  const about = [sizeText(report), ...(marked === undefined ? [] : [marked])].join('; ');
  return `Accept ${what} (${about}) from ${displayText(report.device.name)}?`;
}

function retryText(retryAt: number | null, now: number): string {
  if (retryAt === null) return 'It goes on by itself when the other device is back.';
  return `It goes on by itself; next try in ${formatDuration((retryAt - now) / 1000)}.`;
}

function arrivalLines(report: DoneReport | IncompleteReport, { style, offer }: Context): readonly string[] {
  const what = arrivedText(report, offer);
  const verb = report.into === null ? 'Sent' : 'Received';
  const peer =
    offer === undefined ? '' : ` ${report.into === null ? 'to' : 'from'} ${displayText(offer.device.name)}`;
  const all = `${verb} ${what}${peer} in ${formatElapsed(report.seconds)}`;
  // The two must not look alike: who reads no further than the first line has read it all the same.
  const lines = [report.event === 'done' ? style.green(`${all}.`) : style.red(`${all}, but not everything.`)];
  if (report.into !== null && report.names.length > 0) {
    const count = countOfNames(report, offer);
    const names = count === undefined ? 'very many items' : itemsText(report.names, count);
    lines.push(`In ${displayText(report.into)}: ${names}`);
  }
  if (report.resentCount > 0) {
    lines.push(`${formatCount(report.resentCount, 'file')} had changed meanwhile and went across once more:`);
    for (const path of report.resent) lines.push(`  ${displayText(path)}`);
    lines.push(...unlisted(report.resentCount - report.resent.length));
  }
  if (report.grownCount > 0) {
    lines.push(`${grownTitle(report.grownCount)}:`);
    for (const path of report.grown) lines.push(`  ${displayText(path)}`);
    lines.push(...unlisted(report.grownCount - report.grown.length));
  }
  if (report.renamedCount > 0) {
    lines.push(`${renamedTitle(report.renamedCount)}:`);
    for (const renamed of report.renamed) lines.push(`  ${renamedText(renamed)}`);
    lines.push(...unlisted(report.renamedCount - report.renamed.length));
  }
  if (report.event === 'done') return lines;
  const [headline = '', ...leftOut] = leftOutLines(report);
  return [...lines, style.red(headline), ...leftOut];
}

/** `2,001 files, 300 MB`; where no file came, what there was instead: `Holiday and 2 more (no files)`. */
function arrivedText(
  { files, bytes }: DoneReport | IncompleteReport,
  offer: OfferReport | undefined,
): string {
  if (files > 0 || offer === undefined) return `${formatCount(files, 'file')}, ${formatBytes(bytes)}`;
  const names = offer.items.map(({ name }) => name);
  return `${itemsText(names, offer.itemCount)} (no files)`;
}

/** What did not arrive, and why: how much it is, and then each thing that is listed. */
export function leftOutLines({ skipped, skippedCount }: Pick<LeftOut, 'skipped' | 'skippedCount'>) {
  return [
    `${leftOutTitle(skippedCount)}:`,
    ...skipped.map(({ path, reason }) => `  ${displayText(path)}: ${skipReasonText(reason)}`),
    ...unlisted(skippedCount - skipped.length),
  ];
}

/** How many names there are now, of which the first are listed; undefined where that cannot be known. */
function countOfNames(
  { event, names }: DoneReport | IncompleteReport,
  offer: OfferReport | undefined,
): number | undefined {
  if (names.length < MAX_OFFER_NAMES) return names.length;
  return event === 'done' ? offer?.itemCount : undefined;
}

/** What is counted and not kept. */
function unlistedLines({ skippedCount, renamedCount }: UnlistedReport): readonly string[] {
  return [
    ...(skippedCount > 0 ? [`and ${formatCount(skippedCount, 'other')} that did not arrive`] : []),
    ...(renamedCount > 0 ? [`and ${formatCount(renamedCount, 'other')} under another name`] : []),
  ];
}

function unlisted(count: number): readonly string[] {
  return count > 0 ? [`  and ${formatCount(count, 'other')}`] : [];
}

/** `To laptop: Holiday (2,001 files, 300 MB), done, 3 hours ago`. */
function transferLines(report: TransferReport, { style, now }: Context): readonly string[] {
  const peer = `${report.direction === 'send' ? 'To' : 'From'} ${style.bold(displayText(report.device.name))}`;
  const when = formatWhen(report.created, now);
  const line = `${peer}: ${itemsLine(report)}, ${stateWords(report)}, ${style.dim(when)}`;
  return [line, `  ${style.dim(report.transfer)}`, ...partialLines(report)];
}

/** Where what has arrived lies, for who wonders what takes up the disk. */
function partialLines({ unfinished, partial }: TransferReport): readonly string[] {
  if (partial === null) return unfinished ? ['  unfinished'] : [];
  const folder = displayText(partial.folder);
  if (!unfinished)
    return [`  what had arrived is still in ${folder}${partial.isThere ? '' : ', which is not there now'}`];
  return [
    partial.isThere
      ? `  unfinished; ${formatBytes(partial.bytes)} of it in ${folder}`
      : `  unfinished; what has arrived is in ${folder}, which is not there now`,
  ];
}

function cancelledLines({
  direction,
  device,
  names,
  itemCount,
  told,
  partial,
}: CancelledReport): readonly string[] {
  const peer = displayText(device.name);
  const lines = [
    `Cancelled: ${itemsText(names, itemCount)} ${direction === 'send' ? 'to' : 'from'} ${peer}.`,
  ];
  if (!told) lines.push(`${peer} cannot be reached now, and is told when the two devices meet next.`);
  if (partial !== null)
    lines.push(
      `What had arrived cannot be removed now: it is in ${displayText(partial.folder)}. Sealane removes it when it starts and that can be reached.`,
    );
  return lines;
}

function expiryText({ afterDays }: ExpiryReport): string {
  if (afterDays === null) return 'Unfinished transfers are never given up by themselves.';
  return `Unfinished transfers are given up after ${formatCount(afterDays, 'day')} on which nothing happens to them.`;
}

function stateWords({ state, skippedCount }: TransferReport): string {
  switch (state) {
    case 'preparing':
    case 'connecting':
      return 'about to start';
    case 'offered':
      return 'not answered yet';
    case 'running':
    case 'finishing':
      return 'under way';
    case 'waiting':
      return 'to be continued';
    case 'incomplete':
      return `done, but ${formatCount(skippedCount, 'item')} did not arrive`;
    case 'paused':
    case 'done':
    case 'declined':
    case 'cancelled':
    case 'failed':
      return state;
    default:
      return unreachable(state);
  }
}

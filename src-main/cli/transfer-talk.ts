import { ERRORS } from '../../shared/errors.ts';
import type { ErrorCode, ExitClass } from '../../shared/errors.ts';
import { displayText } from '../../shared/display.ts';
import { formatBytes } from '../../shared/format.ts';
import { unreachable } from '../../shared/unreachable.ts';
import type {
  ErrorView,
  LeftOut,
  OfferDigest,
  Progress,
  TransferState,
  TransferView,
} from '../../shared/views.ts';
import { exitOfTransfer } from './exit.ts';
import type { Output } from './output.ts';
import { doneReport, incompleteReport, offerReport, progressReport, factsOf } from './report.ts';

/**
 * Says what happens to one transfer, in either direction: each offer once, progress, and how it ended, once.
 */
export class TransferTalk {
  readonly #output: Output;
  #last: TransferView['state']['kind'] | undefined;
  #offerWasTold = false;
  /** Of the offer that was told last, while it was to be answered. */
  #told: OfferDigest | undefined;
  /** What was said last about waiting. */
  #waiting: { readonly code: ErrorCode; readonly retryAt: number | null } | undefined;
  #wayOutWasTold = false;
  #whyDeclined: string | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  /** What to say when the transfer turns out as declined, instead of the usual sentence. */
  explainDeclining(message: string): void {
    this.#whyDeclined = message;
  }

  /** Takes the transfer's newest state; gives how it ended once it has, after which it is not called again. */
  see(view: TransferView): ExitClass | undefined {
    const { state } = view;
    const before = this.#last;
    this.#last = state.kind;
    if (state.kind !== 'waiting' && state.kind !== 'connecting') this.#waiting = undefined;
    switch (state.kind) {
      case 'preparing':
        if (before !== 'preparing') this.#output.remark('Looking at what is to be sent.');
        break;
      case 'connecting':
        if (before !== 'connecting') this.#output.remark(`Connecting to ${displayText(view.device.name)}.`);
        break;
      case 'offered':
        this.#expectOffer(view.direction, state.offer);
        this.#tellOffer(view);
        break;
      case 'running':
        this.#tellOffer(view);
        this.#output.report(progressReport(view, state.progress));
        break;
      case 'waiting':
        if (before === undefined && isTakenUp(view)) {
          this.#output.remark(takenUpText(view, state.progress));
          break;
        }
        this.#tellOffer(view);
        this.#tellWaiting(view, state.error, state.retryAt);
        this.#tellWayOut(view.id, state.error);
        break;
      case 'paused':
        if (before !== 'paused') this.#output.report({ event: 'paused', transfer: view.id, by: state.by });
        break;
      case 'finishing':
        this.#tellOffer(view);
        break;
      case 'done':
        this.#tellOffer(view);
        this.#output.report(doneReport(view.id, state.outcome));
        break;
      case 'incomplete':
        this.#tellOffer(view);
        this.#output.report(incompleteReport(view.id, state.outcome, state.leftOut));
        break;
      case 'declined':
        this.#error(view, { code: 'declined', message: this.#whyDeclined ?? declinedText(view.direction) });
        break;
      case 'cancelled':
        this.#error(view, {
          code: 'cancelled',
          message: state.by === 'me' ? ERRORS.cancelled.message : 'The other device cancelled the transfer.',
        });
        break;
      case 'failed':
        this.#error(view, state.error, state.leftOut);
        break;
      default:
        return unreachable(state);
    }
    return exitOfTransfer(state);
  }

  /** What is to be received may be another offer under the same id: it is told like the first. */
  #expectOffer(direction: TransferView['direction'], offer: OfferDigest): void {
    if (direction === 'receive' && this.#told !== undefined && this.#told !== offer)
      this.#offerWasTold = false;
    this.#told = offer;
  }

  #tellOffer(view: TransferView): void {
    if (this.#offerWasTold) return;
    this.#offerWasTold = true;
    this.#output.report(offerReport(view));
  }

  /** Each try that fails is told to scripts; the output decides how much of it people want to read. */
  #tellWaiting({ id: transfer, direction }: TransferView, error: ErrorView, retryAt: number | null): void {
    const { code } = error;
    const message = messageOf(direction, error);
    if (retryAt === this.#waiting?.retryAt && code === this.#waiting.code) return;
    this.#waiting = { code, retryAt };
    this.#output.report({ event: 'waiting', transfer, code, message, retryAt, ...factsOf(error) });
  }

  /** Who has another folder for it is told how, once: an option of the next command is no word about this transfer. */
  #tellWayOut(transfer: TransferView['id'], { folder }: ErrorView): void {
    if (folder === undefined || this.#wayOutWasTold) return;
    this.#wayOutWasTold = true;
    this.#output.remark(
      `It stays meant for this folder. To have it elsewhere, end this command; then: sealane transfers move ${transfer.slice(0, 8)} --into FOLDER`,
    );
  }

  #error(view: TransferView, error: ErrorView, leftOut?: LeftOut): void {
    const { code } = error;
    const message = messageOf(view.direction, error);
    this.#output.report({ event: 'error', code, message, transfer: view.id, ...leftOut, ...factsOf(error) });
  }
}

const ELSEWHERE = 'If it has moved to another address, send this again with --to HOST:PORT.';

/** What went wrong, and what can be done about it in a terminal. */
function messageOf(direction: TransferView['direction'], { code, message }: ErrorView): string {
  return direction === 'send' && code === 'unreachable' ? `${message} ${ELSEWHERE}` : message;
}

function declinedText(direction: TransferView['direction']): string {
  return direction === 'send' ? ERRORS.declined.message : 'The offer was declined here.';
}

/** Whether a `send` has just found it where an earlier one had left it: it does not wait, it goes on. */
function isTakenUp({ direction, state }: TransferView): boolean {
  return direction === 'send' && state.kind === 'waiting' && state.error.code === 'interrupted';
}

function takenUpText({ totalBytes }: TransferView, { bytes }: Progress): string {
  const amount = `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`;
  return `An earlier send of this was left off, and is gone on with: ${amount} are across.`;
}

/** Whether it waits for a better time or is paused: then it can be left for later, and nothing has to be cancelled. */
export function isStanding(state: TransferState): boolean {
  return state.kind === 'waiting' || state.kind === 'paused';
}

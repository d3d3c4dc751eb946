import { basename } from 'node:path';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import { MAX_OFFER_NAMES, PROGRESS_INTERVAL_MS } from '../../../shared/limits.ts';
import { NoSpace } from '../../../shared/no-space.ts';
import { FolderError } from '../../../shared/received-folder.ts';
import { isOver } from '../../../shared/views.ts';
import { waitingSentence } from '../../../shared/waiting-words.ts';
import { isBundleName, isHiddenName, isProgramName } from '../../../shared/marks.ts';
import type { ErrorView, OfferDigest, Progress, TransferView } from '../../../shared/views.ts';
import { Unsendable } from '../files/unsendable.ts';
import { boundState } from '../store/view-bytes.ts';
import type { Offer } from './greeting.ts';
import { Meter } from './meter.ts';
import { stepTransfer } from './state.ts';
import type { Arrival, TransferEvent } from './state.ts';

/** What all transfers of this device have in common, from the outside: a view that changes, and a way to end it. */
export class LiveTransfer {
  readonly #onChange: (view: TransferView) => void;
  readonly #ending = new AbortController();
  #view: TransferView;
  #meter: Meter | undefined;
  #progress: Progress = { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null };
  #lastTold = -Infinity;

  constructor(view: TransferView, onChange: (view: TransferView) => void) {
    this.#view = view;
    this.#onChange = onChange;
    if ('progress' in view.state) this.#progress = view.state.progress;
  }

  /** Tells of the transfer for the first time. */
  announce(): void {
    this.#tell();
  }

  get view(): TransferView {
    return this.#view;
  }

  /** As far as the state says it. */
  get bytesAcross(): number {
    const { state } = this.#view;
    return 'progress' in state ? state.progress.bytes : 0;
  }

  /** What is still to come. */
  get missingBytes(): number {
    return this.#view.totalBytes - this.#progress.bytes;
  }

  get isOver(): boolean {
    return isOver(this.#view.state);
  }

  /** Aborted by `end`, with the error as its reason. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Ends the transfer from this side: `cancelled` by the user, `device-forgotten`, `interrupted` by closing the engine. */
  end(reason: SealaneError): void {
    this.#ending.abort(reason);
  }

  /** What is known of the content after looking at it. */
  describe(facts: OfferFacts): void {
    this.#view = { ...this.#view, ...facts };
  }

  /** The other device is shown as this from now on. */
  nameDevice(name: string): void {
    const { device } = this.#view;
    if (device.name === name || this.isOver) return;
    this.#view = { ...this.#view, device: { ...device, name } };
    this.#tell();
  }

  /** From now on the history has it: this device's user or policy has had its part in it. */
  record(): void {
    this.#view = { ...this.#view, recorded: true };
  }

  /** The history does not have it after all: it ends without an accept, and the sender may offer it anew. */
  takeBack(): void {
    this.#view = { ...this.#view, recorded: false };
  }

  scanned(files: number, bytes: number): void {
    if (this.#view.state.kind === 'preparing') this.#apply({ kind: 'scanned', files, bytes });
  }

  connecting(): void {
    this.#apply({ kind: 'connect' });
  }

  offered(offer: OfferDigest): void {
    this.#apply({ kind: 'offer', offer });
  }

  /** The user's yes could not be followed: the offer is asked about once more. `undefined`: there is a new yes. */
  askAgain(problem: SealaneError | undefined): void {
    const { state } = this.#view;
    const before = 'problem' in state ? state.problem : undefined;
    if (before === undefined && problem === undefined) return;
    this.#apply({ kind: 'ask-again', ...(problem === undefined ? {} : { problem: viewOf(problem) }) });
    this.#tell();
  }

  /** Nothing of it is here any more: it begins anew. */
  restart(): void {
    this.#meter = undefined;
    this.#progress = { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null };
  }

  /** Content flows, or flows again: speed and time left are judged anew from here. */
  begin(bytes: number, files: number): void {
    this.#meter = new Meter(this.#view.totalBytes, performance.now(), bytes);
    this.progress(bytes, files);
  }

  /** Counts since the beginning of the transfer. A peer can say what it likes: nobody is shown more than there is. */
  progress(bytes: number, files: number): void {
    const now = performance.now();
    const { totalBytes, totalFiles } = this.#view;
    const shownBytes = Math.max(0, Math.min(bytes, totalBytes));
    this.#meter ??= new Meter(totalBytes, now, shownBytes);
    this.#progress = this.#meter.progress(shownBytes, Math.max(0, Math.min(files, totalFiles)), now);
    this.#apply({ kind: 'progress', progress: this.#progress });
  }

  allAcross(): void {
    this.#apply({ kind: 'all-across' });
  }

  /** All that could arrive has. */
  complete(arrival: Arrival): void {
    this.#apply({ kind: 'complete', arrival: boundState(arrival, this.#view.items) });
  }

  /** Giving it up came too late: everything is under its name. */
  publish(arrival: Arrival): void {
    this.#apply({ kind: 'published', arrival: boundState(arrival, this.#view.items) });
  }

  /** `retryAt` in milliseconds since 1970. */
  wait(error: SealaneError, retryAt: number | null): void {
    const known = this.#withNeed(error);
    const view = { ...viewOf(known), message: waitingSentence(known) };
    this.#apply({ kind: 'wait', error: view, retryAt, progress: this.#standing() });
  }

  /** The engine is closed. What is paused stays so. */
  interrupt(reason: SealaneError): void {
    if (this.#view.state.kind !== 'paused') this.wait(reason, null);
  }

  pause(by: 'me' | 'peer'): void {
    this.#apply({ kind: 'pause', by, progress: this.#standing() });
  }

  /** Ends the view with what ended the transfer; the first reason counts. */
  fail(error: unknown): void {
    if (this.isOver) return;
    const reason = this.#withNeed(asSealaneError(error));
    const { code, fromPeer } = reason;
    const { direction, state } = this.#view;
    // A no is the receiver's to say. In a sender's mouth it is another word for giving up.
    const isReceivers = fromPeer === (direction === 'send');
    if (code === 'declined' && isReceivers && state.kind === 'offered') this.#apply({ kind: 'decline' });
    else if (code === 'cancelled' || (code === 'declined' && !isReceivers))
      this.#apply({ kind: 'cancel', by: fromPeer ? 'peer' : 'me' });
    else if (reason instanceof Unsendable)
      this.#apply({ kind: 'fail', error: viewOf(reason), leftOut: reason.leftOut });
    else this.#apply({ kind: 'fail', error: viewOf(reason) });
  }

  /** What the other device has no room for, this one knows: what is still to come. How much is free there is not said. */
  #withNeed(reason: SealaneError): SealaneError {
    if (reason.code !== 'no-space' || !reason.fromPeer) return reason;
    return new NoSpace({ needed: this.missingBytes, free: null }, { fromPeer: true });
  }

  /** Where it stands while nothing moves. */
  #standing(): Progress {
    return { ...this.#progress, bytesPerSecond: 0, secondsLeft: null };
  }

  #apply(event: TransferEvent): void {
    const before = this.#view.state.kind;
    this.#view = { ...this.#view, state: stepTransfer(this.#view.state, event) };
    const isUrgent = this.#view.state.kind !== before;
    if (isUrgent || performance.now() - this.#lastTold >= PROGRESS_INTERVAL_MS) this.#tell();
  }

  #tell(): void {
    this.#lastTold = performance.now();
    this.#onChange(this.#view);
  }
}

/** What a view shows of an offer. */
type OfferFacts = Pick<
  TransferView,
  'items' | 'itemCount' | 'totalBytes' | 'totalFiles' | 'totalFolders' | 'hiddenCount' | 'programCount'
>;

/** What is shown before anything was looked at, and if that never happens: what the user chose, by its names. */
export function factsOfPaths(paths: readonly string[]): OfferFacts {
  return {
    items: paths.slice(0, MAX_OFFER_NAMES).map((path) => {
      const name = basename(path) || path;
      // Which of them are folders is not known yet.
      return { name, kind: 'file', hidden: isHiddenName(name), program: false };
    }),
    itemCount: paths.length,
    totalBytes: 0,
    totalFiles: 0,
    totalFolders: 0,
    hiddenCount: 0,
    programCount: 0,
  };
}

/** What is shown of an offer. */
export function factsOf(offer: Offer): OfferFacts {
  return {
    items: offer.items.map(({ name, kind, program }) => ({
      name,
      kind,
      hidden: isHiddenName(name),
      // The sender's word is enough for a yes to be one, never for a no.
      program: program || (kind === 'file' ? isProgramName(name) : isBundleName(name)),
    })),
    itemCount: offer.itemCount,
    totalBytes: offer.bytes,
    totalFiles: offer.files,
    totalFolders: offer.folders,
    hiddenCount: offer.hidden,
    programCount: offer.programs,
  };
}

function viewOf(error: SealaneError): ErrorView {
  const { code, message } = error;
  return {
    code,
    message,
    ...((error instanceof NoSpace || error instanceof FolderError) && error.space !== undefined
      ? { space: error.space }
      : {}),
    ...(error instanceof FolderError ? { folder: error.folder } : {}),
  };
}

/** The reason a signal was aborted with, as an error of ours. */
export function reasonOf(signal: AbortSignal): SealaneError {
  return signal.reason instanceof SealaneError ? signal.reason : new SealaneError('cancelled');
}

import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import { PROGRESS_INTERVAL_MS } from '../../../shared/limits.ts';
import { isOver } from '../../../shared/views.ts';
import type { TransferView } from '../../../shared/views.ts';
import { Meter } from './meter.ts';
import { stepTransfer } from './state.ts';
import type { TransferEvent } from './state.ts';

/** What the transfers of one device have in common, from the outside: a view that changes, and a way to end it. */
export class LiveTransfer {
  readonly #onChange: (view: TransferView) => void;
  readonly #ending = new AbortController();
  #view: TransferView;
  #meter: Meter | undefined;
  #lastTold = -Infinity;

  constructor(view: TransferView, onChange: (view: TransferView) => void) {
    this.#view = view;
    this.#onChange = onChange;
  }

  /** Tells of the transfer for the first time. */
  announce(): void {
    this.#tell();
  }

  get view(): TransferView {
    return this.#view;
  }

  get isOver(): boolean {
    return isOver(this.#view.state);
  }

  /** Aborted by `end`, with the error as its reason. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Ends the transfer from this side: `cancelled` by the user, `device-forgotten`, and so on. */
  end(reason: SealaneError): void {
    this.#ending.abort(reason);
  }

  /** What is known of the content after looking at it. */
  describe(facts: Pick<TransferView, 'items' | 'itemCount' | 'totalBytes' | 'totalFiles'>): void {
    this.#view = { ...this.#view, ...facts };
  }

  apply(event: TransferEvent): void {
    const before = this.#view.state.kind;
    this.#view = { ...this.#view, state: stepTransfer(this.#view.state, event) };
    const isUrgent = this.#view.state.kind !== before;
    if (isUrgent || performance.now() - this.#lastTold >= PROGRESS_INTERVAL_MS) this.#tell();
  }

  /** Counts since the beginning of the transfer. */
  progress(bytes: number, files: number): void {
    const now = performance.now();
    this.#meter ??= new Meter(this.#view.totalBytes, now, bytes);
    this.apply({ kind: 'progress', progress: this.#meter.progress(bytes, files, now) });
  }

  /** Ends the view with what ended the transfer; the first reason counts. */
  fail(error: unknown): void {
    if (this.isOver) return;
    const { code, message, fromPeer } = asSealaneError(error);
    if (code === 'declined' && this.#view.state.kind === 'offered') this.apply({ kind: 'decline' });
    else if (code === 'cancelled') this.apply({ kind: 'cancel', by: fromPeer ? 'peer' : 'me' });
    else this.apply({ kind: 'fail', error: { code, message } });
  }

  #tell(): void {
    this.#lastTold = performance.now();
    this.#onChange(this.#view);
  }
}

/** The reason a signal was aborted with, as an error of ours. */
export function reasonOf(signal: AbortSignal): SealaneError {
  return signal.reason instanceof SealaneError ? signal.reason : new SealaneError('cancelled');
}

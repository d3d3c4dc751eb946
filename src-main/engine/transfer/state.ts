import { SealaneError } from '../../../shared/errors.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import { isOver } from '../../../shared/views.ts';
import type { ErrorView, LeftOut, OfferDigest, Progress, TransferState } from '../../../shared/views.ts';

/** What a transfer that was not given up came to: everything arrived, some of it, or nothing at all. */
export type Arrival = Extract<TransferState, { kind: 'done' | 'incomplete' | 'failed' }>;

/**
 * The states of a transfer as people see them, a pure state machine for both sides (the receiver begins at `offered`):
 *
 *     preparing ─► connecting ─► offered ─► running ─► finishing ─► done, incomplete, failed
 *                      ▲  ╰───────────┴────────┴──────────╯ ╲
 *                      │       line lost, disk full, paused   ╲ (the receiver had finished before its last word was lost)
 *                      ╰──── waiting ◄──► paused
 *
 * The sender leaves `waiting` and `paused` by connecting anew, and `running` where files were rewritten meanwhile, which come
 * over another connection; the receiver leaves the two by running on. Every state but the ended ones may end
 * in `cancelled` or `failed`, or, where it is given up too late, in what it came to; `offered` may also end in
 * `declined`. What has ended never changes again.
 */
export type TransferEvent =
  | { readonly kind: 'scanned'; readonly files: number; readonly bytes: number }
  | { readonly kind: 'connect' }
  | { readonly kind: 'offer'; readonly offer: OfferDigest }
  /** Receiver: the folder that the user had said yes with could not be used, or there is a new yes. */
  | { readonly kind: 'ask-again'; readonly problem?: ErrorView }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'all-across' }
  | { readonly kind: 'complete'; readonly arrival: Arrival }
  /** The receiver was giving up, and found that everything was being put under its name: now it is. */
  | { readonly kind: 'published'; readonly arrival: Arrival }
  | {
      readonly kind: 'wait';
      readonly error: ErrorView;
      readonly retryAt: number | null;
      readonly progress: Progress;
    }
  | { readonly kind: 'pause'; readonly by: 'me' | 'peer'; readonly progress: Progress }
  | { readonly kind: 'decline' }
  | { readonly kind: 'cancel'; readonly by: 'me' | 'peer' }
  /** `leftOut`: why nothing could be sent. */
  | { readonly kind: 'fail'; readonly error: ErrorView; readonly leftOut?: LeftOut };

/** The next state. Throws `internal` for an event that cannot come in `state`: a defect of the caller, never of the peer. */
export function stepTransfer(state: TransferState, event: TransferEvent): TransferState {
  const next = isOver(state) ? undefined : follow(state, event);
  if (next === undefined) throw new SealaneError('internal', { detail: `${event.kind} in ${state.kind}` });
  return next;
}

function follow(state: TransferState, event: TransferEvent): TransferState | undefined {
  switch (event.kind) {
    case 'scanned':
      return state.kind === 'preparing'
        ? { kind: 'preparing', files: event.files, bytes: event.bytes }
        : undefined;
    case 'connect':
      return isOneOf(state, ['preparing', 'waiting', 'paused', 'running'])
        ? { kind: 'connecting' }
        : undefined;
    case 'offer':
      return state.kind === 'connecting' ? { kind: 'offered', offer: event.offer } : undefined;
    case 'ask-again': {
      if (state.kind !== 'offered') return undefined;
      const { problem } = event;
      return { kind: 'offered', offer: state.offer, ...(problem === undefined ? {} : { problem }) };
    }
    case 'progress':
      // The receiver's last reports may arrive after everything was sent.
      if (state.kind === 'finishing') return state;
      return isOneOf(state, ['offered', 'running', 'waiting', 'paused'])
        ? { kind: 'running', progress: event.progress }
        : undefined;
    case 'all-across':
      return state.kind === 'running' ? { kind: 'finishing' } : undefined;
    case 'complete':
      return isOneOf(state, ['finishing', 'offered']) ? event.arrival : undefined;
    case 'published':
      return event.arrival;
    case 'wait':
      return { kind: 'waiting', error: event.error, retryAt: event.retryAt, progress: event.progress };
    case 'pause':
      return { kind: 'paused', by: event.by, progress: event.progress };
    case 'decline':
      return state.kind === 'offered' ? { kind: 'declined' } : undefined;
    case 'cancel':
      return { kind: 'cancelled', by: event.by };
    case 'fail':
      return {
        kind: 'failed',
        error: event.error,
        ...(event.leftOut === undefined ? {} : { leftOut: event.leftOut }),
      };
    default:
      return unreachable(event);
  }
}

function isOneOf(state: TransferState, kinds: readonly TransferState['kind'][]): boolean {
  return kinds.includes(state.kind);
}

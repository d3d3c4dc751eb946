import { SealaneError } from '../../../shared/errors.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import { isOver } from '../../../shared/views.ts';
import type { ErrorView, Outcome, Progress, TransferState } from '../../../shared/views.ts';

/**
 * The states of a transfer as people see them, a pure state machine for both sides (the receiver begins at `offered`):
 *
 *     preparing ─► connecting ─► offered ─► running ─► finishing ─► done
 *
 * and from each of the first five to `declined`, `cancelled` or `failed`, which, like `done`, never change again.
 */
export type TransferEvent =
  | { readonly kind: 'scanned'; readonly files: number; readonly bytes: number }
  | { readonly kind: 'connect' }
  | { readonly kind: 'offer' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'all-across' }
  | { readonly kind: 'complete'; readonly outcome: Outcome }
  | { readonly kind: 'decline' }
  | { readonly kind: 'cancel'; readonly by: 'me' | 'peer' }
  | { readonly kind: 'fail'; readonly error: ErrorView };

/** The next state. Throws `internal` for an event that cannot come in `state`: a defect of the caller, never of the peer. */
export function stepTransfer(state: TransferState, event: TransferEvent): TransferState {
  const next = isOver(state) ? undefined : follow(state, event);
  if (next === undefined) throw new SealaneError('internal', { detail: `${event.kind} in ${state.kind}` });
  return next;
}

function follow(state: TransferState, event: TransferEvent): TransferState | undefined {
  switch (event.kind) {
    case 'scanned':
      if (state.kind !== 'preparing') return undefined;
      return { kind: 'preparing', files: event.files, bytes: event.bytes };
    case 'connect':
      return state.kind === 'preparing' ? { kind: 'connecting' } : undefined;
    case 'offer':
      return state.kind === 'connecting' ? { kind: 'offered' } : undefined;
    case 'progress':
      // The receiver's last reports may arrive after everything was sent.
      if (state.kind === 'finishing') return state;
      if (state.kind !== 'offered' && state.kind !== 'running') return undefined;
      return { kind: 'running', progress: event.progress };
    case 'all-across':
      return state.kind === 'running' ? { kind: 'finishing' } : undefined;
    case 'complete':
      return state.kind === 'finishing' ? { kind: 'done', outcome: event.outcome } : undefined;
    case 'decline':
      return state.kind === 'offered' ? { kind: 'declined' } : undefined;
    case 'cancel':
      return { kind: 'cancelled', by: event.by };
    case 'fail':
      return { kind: 'failed', error: event.error };
    default:
      return unreachable(event);
  }
}

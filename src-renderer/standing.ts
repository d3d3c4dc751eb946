import type { Progress, TransferState, TransferView } from '../shared/views.ts';

/**
 * Between two connections a transfer goes from waiting to connecting and back every few seconds. What it looked like before is
 * kept, so that its row stays calm: the same words, and the same progress, until something moves.
 */

/** A state that says how far a transfer has come. */
export type Standing = Extract<TransferState, { kind: 'running' | 'waiting' | 'paused' }>;

/** The state itself, when it is one that says how far the transfer has come. */
export function standingOf(state: TransferState): Standing | undefined {
  return state.kind === 'running' || state.kind === 'waiting' || state.kind === 'paused' ? state : undefined;
}

export interface Shown {
  /** With the state that its row shows. */
  readonly transfer: TransferView;
  /** How far it has come, while that can be said. */
  readonly progress: Progress | undefined;
}

/** What the row of a transfer shows. `before`: the last standing that was heard of. */
export function shownTransfer(transfer: TransferView, before: Standing | undefined): Shown {
  const { state, direction } = transfer;
  if (before !== undefined && direction === 'send' && isBetween(state, before)) {
    const { progress } = before;
    // What waits for the other device goes on doing so while it tries. What was resumed is on its way.
    const waits = before.kind === 'waiting' || (before.kind === 'paused' && before.by === 'peer');
    return waits
      ? { transfer: { ...transfer, state: before }, progress }
      : { transfer: { ...transfer, state: { kind: 'connecting' } }, progress };
  }
  return { transfer, progress: standingOf(state)?.progress };
}

/** Whether it only looks for its way back. An offer of which nothing came across yet waits for an answer. */
function isBetween(state: TransferState, before: Standing): boolean {
  return state.kind === 'connecting' || (state.kind === 'offered' && hasBegun(before.progress));
}

/** Whether anything has come across yet. */
export function hasBegun({ bytes, files }: Progress): boolean {
  return bytes > 0 || files > 0;
}

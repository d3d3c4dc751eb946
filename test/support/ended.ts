import { leftOutOf } from '../../shared/views.ts';
import type { LeftOut, Outcome, TransferState } from '../../shared/views.ts';

/** What is there at the end of a transfer, and its exceptions beside it, of which there may be none. */
export interface CameTo extends Outcome {
  readonly skipped: LeftOut['skipped'];
  readonly skippedCount: number;
}

/** What an ended transfer came to. Throws for one of which nothing is there. */
export function cameTo({ state }: { readonly state: TransferState }): CameTo {
  if (!('outcome' in state)) throw new Error(`it ended as ${JSON.stringify(state)}`);
  return { ...state.outcome, ...(leftOutOf(state) ?? { skipped: [], skippedCount: 0 }) };
}

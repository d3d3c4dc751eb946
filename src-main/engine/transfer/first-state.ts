import { SealaneError } from '../../../shared/errors.ts';
import type { TransferView } from '../../../shared/views.ts';
import type { Offer } from './greeting.ts';
import type { Job } from './jobs.ts';

/** How a transfer stands before it runs here; `before` is what the history knows of it. */
export function firstState(
  job: Pick<Job, 'direction'> & { readonly paused?: boolean | undefined },
  offer: Offer | null,
  before: TransferView | undefined,
): TransferView['state'] {
  const progress =
    before !== undefined && 'progress' in before.state
      ? { ...before.state.progress, bytesPerSecond: 0, secondsLeft: null }
      : { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null };
  if (job.paused === true) return { kind: 'paused', by: 'me', progress };
  if (job.direction === 'send' && offer === null) return { kind: 'preparing', files: 0, bytes: 0 };
  if (job.direction === 'receive' && job.paused === undefined) return { kind: 'offered' };
  // Only over there can it be resumed; this device learns of it when the other one is back.
  if (before?.state.kind === 'paused' && before.state.by === 'peer') return { ...before.state, progress };
  const { code, message } = new SealaneError('interrupted');
  return { kind: 'waiting', error: { code, message }, retryAt: null, progress };
}

import { SealaneError } from '../../../shared/errors.ts';
import type { TransferView } from '../../../shared/views.ts';
import { waitingSentence } from '../../../shared/waiting-words.ts';
import type { ContentProgress } from '../content/contract.ts';
import { offerDigest } from './consent.ts';
import type { Offer } from './greeting.ts';
import type { Job } from './job.ts';

const NOTHING: ContentProgress = { bytes: 0, files: 0 };

/**
 * How a transfer stands before it runs here; `before` is what the history knows of it, and `noted` how far it had come: newer than
 * the history, where the process was killed.
 */
export function firstState(
  job: Pick<Job, 'direction'> & { readonly paused?: boolean | undefined },
  offer: Offer | null,
  before: TransferView | undefined,
  noted: ContentProgress | undefined,
): TransferView['state'] {
  const shown = before !== undefined && 'progress' in before.state ? before.state.progress : NOTHING;
  const { bytes, files } = noted ?? shown;
  const progress = { bytes, files, bytesPerSecond: 0, secondsLeft: null };
  if (job.paused === true) return { kind: 'paused', by: 'me', progress };
  if (job.direction === 'send' && offer === null) return { kind: 'preparing', files: 0, bytes: 0 };
  if (job.direction === 'receive' && job.paused === undefined && offer !== null)
    return { kind: 'offered', offer: offerDigest(offer) };
  // Only over there can it be resumed; this device learns of it when the other one is back.
  if (before?.state.kind === 'paused' && before.state.by === 'peer') return { ...before.state, progress };
  const error = new SealaneError('interrupted');
  const view = { code: error.code, message: waitingSentence(error) };
  return { kind: 'waiting', error: view, retryAt: null, progress };
}

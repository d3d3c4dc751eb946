import { SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { TransferState } from '../../../shared/views.ts';
import { detailsFile, finishPublishing } from '../content/leftover.ts';
import type { Store } from '../store/contract.ts';
import type { TransferClaim } from '../store/transfer-claim.ts';
import { TIME_UNKNOWN, received } from './arrival.ts';
import { viewOfJob } from './job-view.ts';
import type { Job } from './job.ts';

/**
 * Notes, in the history, the end that an earlier process had decided on when it was killed: what it had begun to put under its name is
 * there, which the journal says, and what it had given up is given up. Gives whether there is such an end. Throws `profile-unusable`.
 */
export async function noteDecidedEnd(store: Store, claim: TransferClaim, job: Job): Promise<boolean> {
  const published = job.direction === 'receive' ? await finishPublishing(claim.folder) : null;
  const farewell = await store.farewells.get(job.id);
  let state: TransferState;
  if (published !== null) state = received(published, TIME_UNKNOWN);
  else if (farewell?.device === job.device) state = givenUp(farewell.reason);
  else return false;
  if (published !== null) await store.details.take(job.id, detailsFile(claim.folder));
  const known = store.history.find({ ...job, device: { id: job.device } }) ?? viewOfJob(store, job);
  await store.history.put({ ...known, recorded: true, state });
  return true;
}

/** How a transfer has ended that this device has given up. */
export function givenUp(reason: ErrorCode): TransferState {
  if (reason === 'cancelled') return { kind: 'cancelled', by: 'me' };
  const { code, message } = new SealaneError(reason);
  return { kind: 'failed', error: { code, message } };
}

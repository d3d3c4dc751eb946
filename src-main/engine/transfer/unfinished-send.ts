import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError } from '../../../shared/errors.ts';
import type { TransferView } from '../../../shared/views.ts';
import type { Store } from '../store/contract.ts';
import type { TransferClaim } from '../store/transfer-claim.ts';
import { newSendJob } from './job.ts';
import { listJobs, loadOrRelease, saveJob } from './jobs.ts';
import type { SendJob } from './job.ts';

export interface ClaimedSend {
  readonly claim: TransferClaim;
  readonly job: SendJob;
  /** How an earlier try has ended, in the place of which this one comes. */
  readonly replaced: TransferView | undefined;
}

/**
 * The sending of these things (absolute paths) to this device, as its user wants it now. What was left
 * unfinished of the same and is claimed nowhere is gone on with where the receiver has accepted it, and then
 * looks for what is new. Where it has never accepted, everything is looked at anew; under a new id, if it may
 * have the old offer, which is then taken back. `now` in milliseconds since 1970. Throws `profile-unusable`.
 */
export async function claimSend(
  store: Store,
  device: DeviceId,
  paths: readonly string[],
  now: number,
): Promise<ClaimedSend> {
  const fresh = newSendJob(device, paths, now);
  const earlier = await claimUnfinished(store, fresh);
  if (earlier === undefined) return { claim: await claimNew(store, fresh), job: fresh, replaced: undefined };
  const { claim, job } = earlier;
  if (job.accepted) return { claim, job: { ...job, looksForNew: true }, replaced: undefined };
  // As long as there is something to take back, nothing was offered.
  if (job.offer === null || job.takesBack !== null)
    return { claim, job: { ...job, offer: null }, replaced: undefined };
  try {
    return await replace(store, earlier, { ...fresh, takesBack: job.offer });
  } finally {
    await claim.release();
  }
}

type Unfinished = Omit<ClaimedSend, 'replaced'>;

/** What was left unfinished of the same. */
async function claimUnfinished(
  store: Store,
  { device, paths }: Pick<SendJob, 'device' | 'paths'>,
): Promise<Unfinished | undefined> {
  const isSame = (job: { readonly device: DeviceId; readonly paths: readonly string[] }) =>
    job.device === device && asOne(job.paths) === asOne(paths);
  for (const found of await listJobs(store)) {
    if (found.direction !== 'send' || !isSame(found)) continue;
    const claim = await store.claimTransfer(found.id);
    if (claim === undefined) continue;
    const job = await loadOrRelease(store, claim);
    if (job?.direction === 'send' && isSame(job)) return { claim, job };
    await claim.release();
  }
  return undefined;
}

async function claimNew(store: Store, { id }: SendJob): Promise<TransferClaim> {
  const claim = await store.claimTransfer(id);
  if (claim === undefined) throw new SealaneError('internal', { detail: 'transfer-id' });
  return claim;
}

/**
 * Puts `job` in the place of an earlier try: noted first, so that what is to be taken back is never
 * forgotten.
 */
async function replace(store: Store, earlier: Unfinished, job: SendJob): Promise<ClaimedSend> {
  const claim = await claimNew(store, job);
  try {
    await saveJob(claim, job);
    const replaced = await endEarlier(store, earlier);
    return { claim, job, replaced };
  } catch (error) {
    await claim.release();
    throw error;
  }
}

async function endEarlier(store: Store, { claim, job }: Unfinished): Promise<TransferView | undefined> {
  const { id, direction, device } = job;
  const known = store.history.find({ id, direction, device: { id: device } });
  const ended =
    known === undefined ? undefined : { ...known, state: { kind: 'cancelled' as const, by: 'me' as const } };
  if (ended !== undefined) await store.history.put(ended);
  await claim.discard();
  return ended;
}

/** In whatever order they were given. */
function asOne(paths: readonly string[]): string {
  return JSON.stringify([...paths].sort());
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceId } from '../../../shared/device-id.ts';
import { isOver } from '../../../shared/views.ts';
import type { TransferId } from '../../../shared/views.ts';
import { discardJournaled, hasAllArrived } from '../content/leftover.ts';
import { errnoOf, profileError } from '../files/disk.ts';
import type { Store } from '../store/contract.ts';
import type { TransferClaim } from '../store/transfer-claim.ts';
import { completeOf } from './arrival.ts';
import { noteDecidedEnd } from './decided-end.ts';
import { jobSchema } from './job.ts';
import type { Job } from './job.ts';

const JOB_FILE = 'job.json';

/** Writes the job of a claimed transfer; it is on disk when this resolves. Throws `profile-unusable`. */
export async function saveJob(claim: TransferClaim, job: Job): Promise<void> {
  await claim.write(JOB_FILE, JSON.stringify(job));
}

/**
 * All unfinished transfers of this profile, as they are found: another process may work on one, or end it, a
 * moment later. Who wants to go on with one claims it and loads it again. A folder without a readable job
 * holds nothing to go on with, and is left out; so is one whose job cannot be read now, which `loadJob` tells
 * apart. Where the history knows the end of one, or that was decided on, what was left of it could not be removed then, by a
 * disk that was full or a process that was killed: it is now.
 */
export async function listJobs(store: Store): Promise<readonly Job[]> {
  const ids = await store.transferIds();
  const jobs = await Promise.all(ids.map((id) => readJob(store.transferFolder(id)).catch(() => undefined)));
  const unfinished: Job[] = [];
  for (const job of jobs) {
    if (job === undefined) continue;
    const mayHaveEnded = hasEnded(store, job) || (await isDecided(store, job));
    const hasGone = mayHaveEnded && (await removeEnded(store, job).catch(() => false));
    if (!hasGone && !hasEnded(store, job)) unfinished.push(job);
  }
  return unfinished;
}

/**
 * The job of a claimed transfer; undefined when there is none to go on with, or when it has ended: an end that an earlier process had
 * decided on is noted before. Throws `profile-unusable` where it cannot be read now, which says nothing about whether there is one.
 */
export async function loadJob(store: Store, claim: TransferClaim): Promise<Job | undefined> {
  const job = await readJob(claim.folder);
  if (job === undefined || job.id !== claim.id || hasEnded(store, job)) return undefined;
  return (await noteDecidedEnd(store, claim, job)) ? undefined : job;
}

/** As `loadJob`; releases the claim when it throws. */
export async function loadOrRelease(store: Store, claim: TransferClaim): Promise<Job | undefined> {
  try {
    return await loadJob(store, claim);
  } catch (error) {
    await claim.release();
    throw error;
  }
}

async function readJob(folder: string): Promise<Job | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, JOB_FILE), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw profileError(error);
  }
  try {
    return jobSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * How a transfer with a device stands that this one has given up, as far as can be read now. Giving it up came too late for what had
 * arrived. Its end may be noted a moment later, by another process.
 */
export async function standingOf(
  store: Store,
  { transfer, device }: { readonly transfer: TransferId; readonly device: DeviceId },
): Promise<'unfinished' | 'arrived' | 'given-up'> {
  await store.history.refresh();
  const known = store.history.list().find((view) => view.id === transfer && view.device.id === device);
  if (known !== undefined) {
    if (!isOver(known.state)) return 'unfinished';
    return completeOf(known.state) === undefined ? 'given-up' : 'arrived';
  }
  const job = await readJob(store.transferFolder(transfer));
  return job?.device === device ? 'unfinished' : 'given-up';
}

/**
 * Removes what is left of a claimed transfer that has ended, and releases it. Where the medium with what had
 * arrived is not there now, the journal that names it stays, to be removed by a later start, and nothing to go
 * on with. Gives whether all is gone. Throws `profile-unusable`.
 */
export async function discardEnded(claim: TransferClaim): Promise<boolean> {
  const isGone = await discardJournaled(claim.folder);
  if (isGone) await claim.discard();
  else await claim.remove(JOB_FILE);
  return isGone;
}

function hasEnded({ history }: Pick<Store, 'history'>, { device, ...job }: Job): boolean {
  const known = history.find({ ...job, device: { id: device } });
  return known !== undefined && known.created === job.created && isOver(known.state);
}

/** Whether an end was decided on, as far as can be read now: a process that still works on it is about to note it. */
async function isDecided(store: Store, { id, device, direction }: Job): Promise<boolean> {
  if ((await store.farewells.get(id))?.device === device) return true;
  return direction === 'receive' && (await hasAllArrived(store.transferFolder(id)));
}

/** Gives whether it has ended. */
async function removeEnded(store: Store, job: Job): Promise<boolean> {
  const claim = await store.claimTransfer(job.id);
  if (claim === undefined) return false;
  try {
    // Looked at again, now that no other process works on it.
    if ((await loadJob(store, claim)) !== undefined) return false;
    // Of what was published nothing is: only what no journal would name any more.
    await discardEnded(claim);
    return true;
  } finally {
    await claim.release();
  }
}

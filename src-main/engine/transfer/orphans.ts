import { readdir } from 'node:fs/promises';
import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/views.ts';
import type { TransferId, TransferView } from '../../../shared/views.ts';
import { detailsFile, finishPublishing } from '../content/leftover.ts';
import type { Store } from '../store/contract.ts';
import type { TransferClaim } from '../store/transfer-claim.ts';
import { TIME_UNKNOWN, received } from './arrival.ts';
import { discardEnded, listJobs, loadJob } from './jobs.ts';
import type { Job } from './job.ts';

/**
 * Ends, in the history, what an earlier process left unfinished and nobody can go on with: what was noted of
 * it is damaged or gone, or its device is no longer trusted. Otherwise it would be shown as waiting for ever.
 * What it left in its destination goes, as far as a journal still vouches for it. An offer that nobody had
 * answered is no transfer, and just goes; its sender asks anew. So does a folder of the profile that holds no job and that no process
 * has claimed, with what its journal names. Where the disk does not allow it now, it is
 * left for the next start: that keeps nobody from starting.
 */
export async function settleOrphans(store: Store): Promise<void> {
  const jobs = new Map((await listJobs(store)).map((job) => [job.id, job]));
  for (const view of store.history.list()) {
    if (isOver(view.state) || canGoOn(store, jobs.get(view.id))) continue;
    await settle(store, view).catch(() => undefined);
  }
  for (const id of await store.transferIds()) {
    if (!canGoOn(store, jobs.get(id))) await sweep(store, id).catch(() => undefined);
  }
}

/**
 * Ends, in the history, what was left unfinished with a device that is no longer trusted, and removes what is
 * left of it. What another process works on is ended by that one. Never rejects: what the disk does not allow
 * now is left for the next start.
 */
export async function settleForgotten(store: Store, device: DeviceId): Promise<void> {
  for (const view of store.history.list()) {
    if (view.device.id === device && !isOver(view.state)) await settle(store, view).catch(() => undefined);
  }
  const jobs = await listJobs(store).catch(() => []);
  for (const job of jobs) if (job.device === device) await sweep(store, job.id).catch(() => undefined);
}

/**
 * Removes what is kept of a transfer that no record speaks of: a process that is killed behind its yes, before that is noted, leaves
 * a staging folder that only its journal names, and its sender may never come back.
 */
async function sweep(store: Store, id: TransferId): Promise<void> {
  const claim = await store.claimTransfer(id);
  if (claim === undefined) return;
  try {
    // Another process may have begun or ended it since it was listed. One that is shown as unfinished could not be ended above.
    await store.history.refresh();
    const known = store.history.list().find((view) => view.id === id);
    const isShown = known !== undefined && !isOver(known.state);
    if (isShown || canGoOn(store, await loadJob(store, claim))) return;
    // What has ended otherwise, as on a medium that was not there then, is not put under its name behind its user's back.
    if (known === undefined) await finishPublishing(claim.folder);
    await discardEnded(claim);
  } finally {
    await claim.release();
  }
}

function canGoOn(store: Store, job: Job | undefined): boolean {
  return job !== undefined && store.devices.get(job.device) !== undefined;
}

async function settle(store: Store, view: TransferView): Promise<void> {
  const claim = await store.claimTransfer(view.id);
  if (claim === undefined) return;
  try {
    // Looked at again, now that no other process works on it: one that ended it meanwhile has written so
    // before its claim ended.
    await store.history.refresh();
    const known = store.history.find(view);
    const job = await loadJob(store, claim);
    if (known === undefined || isOver(known.state) || canGoOn(store, job)) return;
    const reason = job === undefined ? 'record-lost' : 'device-forgotten';
    const published = await finishPublishing(claim.folder);
    if (published !== null) {
      await store.details.take(known.id, detailsFile(claim.folder));
      await store.history.put({ ...known, state: received(published, TIME_UNKNOWN) });
    } else if (job !== undefined || (await hadBegun(known, claim)))
      await store.history.put(failed(known, reason));
    else await store.history.remove([known]);
    await discardEnded(claim);
  } finally {
    await claim.release();
  }
}

/** A receiver notes nothing of an offer until it was accepted. */
async function hadBegun({ direction, state }: TransferView, { folder }: TransferClaim): Promise<boolean> {
  if (direction === 'send') return true;
  if ('progress' in state && state.progress.bytes > 0) return true;
  return (await readdir(folder)).length > 0;
}

function failed(view: TransferView, reason: ErrorCode): TransferView {
  const { code, message } = new SealaneError(reason);
  return { ...view, state: { kind: 'failed', error: { code, message } } };
}

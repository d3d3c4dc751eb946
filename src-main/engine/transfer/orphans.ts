import { readdir } from 'node:fs/promises';
import { SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/views.ts';
import type { TransferView } from '../../../shared/views.ts';
import { discardJournaled } from '../content/leftover.ts';
import type { Store } from '../store/contract.ts';
import { loadJobs } from './jobs.ts';
import { OWNER_FILE, isClaimed } from './owner.ts';

/**
 * Ends, in the history, what an earlier process left unfinished and nobody can go on with: what was noted of it is damaged or gone,
 * or its device is no longer trusted. Otherwise it would be shown as waiting for ever. What it left in its destination goes, as far
 * as a journal still vouches for it. An offer that nobody had answered is no transfer, and just goes; its sender asks anew.
 * Where the disk does not allow it now, it is left for the next start: that keeps nobody from starting.
 */
export async function settleOrphans(store: Store): Promise<void> {
  const jobs = new Map((await loadJobs(store)).map((job) => [job.id, job.device]));
  for (const view of store.history.list()) {
    if (isOver(view.state)) continue;
    const device = jobs.get(view.id);
    if (device !== undefined && store.devices.get(device) !== undefined) continue;
    await settle(store, view, device === undefined ? 'record-lost' : 'device-forgotten').catch(
      () => undefined,
    );
  }
}

async function settle(
  store: Store,
  view: TransferView,
  reason: 'record-lost' | 'device-forgotten',
): Promise<void> {
  const folder = await store.transferFolder(view.id);
  if (await isClaimed(folder)) return;
  const isTransfer = reason === 'device-forgotten' || (await hadBegun(view, folder));
  if (isTransfer) await store.history.put(failed(view, reason));
  else await store.history.remove([view.id]);
  await discardJournaled(folder);
  await store.removeTransferFolder(view.id);
}

/** A receiver notes nothing of an offer until it was accepted. */
async function hadBegun({ direction, state }: TransferView, folder: string): Promise<boolean> {
  if (direction === 'send') return true;
  if ('progress' in state && state.progress.bytes > 0) return true;
  return (await readdir(folder)).some((name) => name !== OWNER_FILE);
}

function failed(view: TransferView, reason: ErrorCode): TransferView {
  const { code, message } = new SealaneError(reason);
  return { ...view, state: { kind: 'failed', error: { code, message } } };
}

import type { DeviceId } from '../../../shared/device-id.ts';
import type { TransferId } from '../../../shared/views.ts';
import type { Store } from '../store/contract.ts';
import { loadJobs } from './jobs.ts';
import type { SendJob } from './jobs.ts';
import { isClaimedByAnother } from './owner.ts';

/** What an earlier process, or this one, has not finished sending, if it is the same: these things (absolute paths) to this device. */
export async function unfinishedSend(
  store: Store,
  device: DeviceId,
  paths: readonly string[],
  isRunning: (id: TransferId) => boolean,
): Promise<SendJob | undefined> {
  const wanted = asOne(paths);
  for (const job of await loadJobs(store)) {
    if (job.direction !== 'send' || job.device !== device || asOne(job.paths) !== wanted) continue;
    if (isRunning(job.id) || (await isClaimedByAnother(await store.transferFolder(job.id)))) continue;
    return job;
  }
  return undefined;
}

/** In whatever order they were given. */
function asOne(paths: readonly string[]): string {
  return JSON.stringify([...paths].sort());
}

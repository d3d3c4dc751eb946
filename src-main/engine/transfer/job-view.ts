import type { TransferView } from '../../../shared/views.ts';
import { labelOf } from '../devices.ts';
import type { Store } from '../store/contract.ts';
import { firstState } from './first-state.ts';
import type { Job } from './job.ts';
import { factsOf, factsOfPaths } from './live-transfer.ts';
import { notedProgress } from './progress-note.ts';

/** How a transfer is shown of which nothing but its job is there. */
export function viewOfJob(store: Pick<Store, 'devices' | 'transferFolder'>, job: Job): TransferView {
  const { id, direction, created, offer } = job;
  const record = store.devices.get(job.device);
  const name = record === undefined ? job.device : labelOf(record, store.devices.list());
  return {
    id,
    direction,
    device: { id: job.device, name },
    ...(offer === null ? factsOfPaths(job.direction === 'send' ? job.paths : []) : factsOf(offer)),
    created,
    recorded: true,
    state: firstState(job, offer, undefined, notedProgress(store.transferFolder(id))),
  };
}

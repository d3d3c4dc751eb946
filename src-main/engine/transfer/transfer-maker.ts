import { join } from 'node:path';
import type { DeviceId } from '../../../shared/device-id.ts';
import type { TransferView } from '../../../shared/views.ts';
import type { ContentWorkers } from '../content/content-workers.ts';
import { discardJournaled } from '../content/leftover.ts';
import type { Address, DeviceRecord, Store } from '../store/contract.ts';
import { firstState } from './first-state.ts';
import type { Offer } from './greeting.ts';
import { Incoming } from './incoming.ts';
import { newReceiveJob, saveJob } from './jobs.ts';
import type { Job, ReceiveJob, SendJob } from './jobs.ts';
import type { Lines } from './lines.ts';
import { LiveTransfer } from './live-transfer.ts';
import { Outgoing } from './outgoing.ts';
import { claim } from './owner.ts';
import { notedProgress, noteProgress } from './progress-note.ts';

export interface TransferMakerOptions {
  readonly store: Store;
  readonly lines: Lines;
  readonly workers: ContentWorkers;
  readonly now: () => number;
  readonly onChange: (view: TransferView) => void;
  readonly onCipher: (kind: 'native' | 'wasm') => void;
  /** Tells a device that it may go on with what it sends. */
  readonly wakeSender: (device: DeviceId) => void;
}

/** Makes transfers, with all that they need of this device: a folder in the profile, a worker, a line. They do not run yet. */
export class TransferMaker {
  readonly #options: TransferMakerOptions;

  constructor(options: TransferMakerOptions) {
    this.#options = options;
  }

  /** `to`: an address to try first. Throws `profile-unusable`. */
  async outgoing(
    record: DeviceRecord,
    job: SendJob,
    { waitsForReceiver, to }: { readonly waitsForReceiver: boolean; readonly to: Address | undefined },
  ): Promise<Outgoing> {
    const { store, lines, workers, onCipher, now } = this.#options;
    const folder = await this.#open(job);
    await saveJob(store, job);
    return new Outgoing({
      job,
      manifestFile: join(folder, 'manifest'),
      live: this.#live(record, job, job.offer, folder),
      createContent: () => workers.sender(),
      connect: (signal) => lines.dial(job.device, to, signal),
      ports: () => lines.ports(),
      onCipher,
      save: (changed) => saveJob(store, changed),
      waitsForReceiver,
      now,
    });
  }

  /** `job`: what is known of it from before. Throws like `outgoing`. */
  async incoming(record: DeviceRecord, job: ReceiveJob | undefined, offer: Offer): Promise<Incoming> {
    const { store, lines, workers, now, wakeSender } = this.#options;
    const folder = await this.#open({ id: offer.transfer });
    const created = job?.created ?? now();
    const facts = { id: offer.transfer, direction: 'receive' as const, created, paused: job?.paused };
    return new Incoming({
      live: this.#live(record, facts, offer, folder),
      job,
      jobFor: (agreed, destination) => newReceiveJob(record.id, agreed, destination, created),
      wakeAddress: () => lines.wakeAddress(record.id),
      journalFolder: folder,
      createContent: () => workers.receiver(),
      save: (changed) => saveJob(store, changed),
      discardLeftover: () => discardJournaled(folder),
      wakeSender: () => {
        wakeSender(record.id);
      },
    });
  }

  async #open({ id }: Pick<Job, 'id'>): Promise<string> {
    const folder = await this.#options.store.transferFolder(id);
    await claim(folder);
    return folder;
  }

  #live(
    { id: device, name }: DeviceRecord,
    job: Pick<Job, 'id' | 'direction' | 'created'> & { readonly paused?: boolean | undefined },
    offer: Offer | null,
    folder: string,
  ): LiveTransfer {
    const { store, onChange } = this.#options;
    const before = store.history.list().find(({ id }) => id === job.id);
    const view: TransferView = {
      id: job.id,
      direction: job.direction,
      device: { id: device, name },
      items: offer?.names ?? [],
      itemCount: offer?.itemCount ?? 0,
      totalBytes: offer?.bytes ?? 0,
      totalFiles: offer?.files ?? 0,
      created: job.created,
      state: firstState(job, offer, before, notedProgress(folder)),
    };
    return new LiveTransfer(view, (changed) => {
      // What cannot be written now stays to be written.
      void store.history.put(changed).catch(() => undefined);
      if (changed.state.kind === 'running') noteProgress(folder, changed.state.progress);
      onChange(changed);
    });
  }
}

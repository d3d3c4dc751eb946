import { dirname, join } from 'node:path';
import type { DeviceId } from '../../../shared/device-id.ts';
import type { OtherAddressView, TransferId, TransferView } from '../../../shared/views.ts';
import type { ContentWorkers } from '../content/content-workers.ts';
import { detailsFile, discardJournaled, finishPublishing } from '../content/leftover.ts';
import { labelOf } from '../devices.ts';
import type { Address, DeviceRecord, Store } from '../store/contract.ts';
import type { TransferClaim } from '../store/transfer-claim.ts';
import type { Farewells } from './farewells.ts';
import { firstState } from './first-state.ts';
import type { Offer } from './greeting.ts';
import { Incoming } from './incoming.ts';
import { newReceiveJob } from './job.ts';
import { saveJob } from './jobs.ts';
import type { Job, ReceiveJob, SendJob } from './job.ts';
import type { Lines } from './lines.ts';
import { LiveTransfer, factsOf, factsOfPaths } from './live-transfer.ts';
import type { MissedAddress } from './missed-address.ts';
import { Outgoing } from './outgoing.ts';
import type { OutgoingOptions } from './outgoing.ts';
import { takeNewFolder } from './new-folder.ts';
import { notedProgress, noteProgress } from './progress-note.ts';

export interface TransferMakerOptions {
  readonly store: Store;
  readonly lines: Lines;
  readonly workers: ContentWorkers;
  readonly now: () => number;
  readonly onChange: (view: TransferView) => void;
  readonly onCipher: (kind: 'native' | 'wasm') => void;
  /** Told once of each transfer whose receiver was reached, but not at the address that was given for it. */
  readonly onOtherAddress: (view: OtherAddressView) => void;
  readonly farewells: Farewells;
  /** Tells a device that it may go on with what it sends. */
  readonly wakeSender: (device: DeviceId) => void;
}

/** How something is sent. */
export interface Sending {
  /** Whether a receiver that cannot be reached at the very beginning is waited for. */
  readonly waitsForReceiver: boolean;
  /** An address to try first. */
  readonly to?: Address | undefined;
  /** The transfer in the place of which this one comes: it had ended at the receiver before. */
  readonly replaces?: TransferId | undefined;
  /** As in `OutgoingOptions`. */
  readonly beginAnew?: OutgoingOptions['beginAnew'];
}

/**
 * Makes transfers, with all that they need of this device: a folder in the profile, a worker, a line. They do not run yet. Nothing
 * here waits for anything, so what a caller has just found true (that the device is trusted, say) is true of the transfer.
 */
export class TransferMaker {
  readonly #options: TransferMakerOptions;

  constructor(options: TransferMakerOptions) {
    this.#options = options;
  }

  outgoing(
    record: DeviceRecord,
    claim: TransferClaim,
    job: SendJob,
    { waitsForReceiver, to, replaces, beginAnew }: Sending,
  ): Outgoing {
    const { store, lines, workers, onCipher, onOtherAddress, now, farewells } = this.#options;
    const { folder } = claim;
    const first = to === undefined ? [] : [to];
    const live = this.#live(record, { ...job, replaces }, job.offer, folder);
    let isToldOfMissed = false;
    const onMissed = (missed: MissedAddress) => {
      // Once, and not with each connection.
      if (!isToldOfMissed) onOtherAddress({ transfer: job.id, device: live.view.device, ...missed });
      isToldOfMissed = true;
    };
    return new Outgoing({
      job,
      manifestFile: join(folder, 'manifest'),
      // Where `transfers/ID` is.
      profile: dirname(dirname(folder)),
      live,
      createContent: () => workers.sender(),
      connect: (signal) => lines.dial(job.device, to, signal, onMissed),
      greet: async (channel) => {
        await lines.greet(job.device, channel);
        farewells.meet(job.device);
      },
      takeBack: (transfer, signal) => lines.cancel({ device: job.device, transfer }, first, signal),
      noteGivenUp: (given, reason) => farewells.noteJob(given, reason, to),
      beginAnew,
      onCipher,
      save: (changed) => saveJob(claim, changed),
      keepDetails: (details) => store.details.put(job.id, details),
      waitsForReceiver,
      now,
    });
  }

  /** `job`: what is known of it from before. */
  incoming(record: DeviceRecord, claim: TransferClaim, job: ReceiveJob | undefined, offer: Offer): Incoming {
    const { store, lines, workers, now, wakeSender, farewells } = this.#options;
    const { folder } = claim;
    const created = job?.created ?? now();
    const facts = { id: offer.transfer, direction: 'receive' as const, created, paused: job?.paused };
    const live = this.#live(record, facts, offer, folder);
    return new Incoming({
      live,
      offer,
      job,
      jobFor: (consent) => newReceiveJob(record.id, consent, created),
      wakeAddress: () => lines.wakeAddress(record.id),
      journalFolder: folder,
      createContent: () => workers.receiver(),
      save: (changed) => saveJob(claim, changed),
      noteEnd: async () => {
        await store.details.take(live.view.id, detailsFile(folder));
        await store.history.put(live.view);
      },
      details: () => store.details.pages(live.view.id),
      finishPublishing: () => finishPublishing(folder),
      discardLeftover: async () => {
        await discardJournaled(folder);
      },
      noteGivenUp: (given, reason) => farewells.noteJob(given, reason),
      takeNewFolder: (into, note) => takeNewFolder({ into, bytes: offer.bytes, journalFolder: folder }, note),
      wakeSender: () => {
        wakeSender(record.id);
      },
    });
  }

  #live(
    record: DeviceRecord,
    job: Pick<Job, 'id' | 'direction' | 'created'> & {
      readonly paused?: boolean | undefined;
      readonly paths?: readonly string[];
      readonly replaces?: TransferId | undefined;
    },
    offer: Offer | null,
    folder: string,
  ): LiveTransfer {
    const { store, onChange } = this.#options;
    const device = { id: record.id, name: labelOf(record, store.devices.list()) };
    const before = store.history.find({ ...job, device });
    const view: TransferView = {
      id: job.id,
      direction: job.direction,
      device,
      ...(offer === null ? factsOfPaths(job.paths ?? []) : factsOf(offer)),
      created: job.created,
      ...(job.replaces === undefined ? {} : { replaces: job.replaces }),
      recorded: job.direction === 'send' || job.paused !== undefined,
      state: firstState(job, offer, before, notedProgress(folder)),
    };
    return new LiveTransfer(view, (changed) => {
      // What cannot be written now stays to be written.
      if (changed.recorded) void store.history.put(changed).catch(() => undefined);
      if (changed.state.kind === 'running') noteProgress(folder, changed.state.progress);
      onChange(changed);
    });
  }
}

import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import { isOver } from '../../../shared/views.ts';
import type { TransferId, TransferView } from '../../../shared/views.ts';
import type { SendRequest } from '../api.ts';
import type { ContentWorkers } from '../content/content-workers.ts';
import type { PeerStream } from '../net/transport.ts';
import type { Address, DeviceRecord, Store } from '../store/contract.ts';
import { answerFromHistory } from './answer-from-history.ts';
import { Beginnings } from './beginnings.ts';
import type { Offer, TransferChannel } from './greeting.ts';
import type { Decision, Incoming } from './incoming.ts';
import { loadJob, loadJobs, newSendJob } from './jobs.ts';
import type { Job } from './jobs.ts';
import { prepareKem } from './key-schedule.ts';
import type { Lines } from './lines.ts';
import type { LiveTransfer } from './live-transfer.ts';
import type { Outgoing } from './outgoing.ts';
import { isClaimedByAnother, release } from './owner.ts';
import { TransferMaker } from './transfer-maker.ts';
import { Turns } from './turns.ts';
import { unfinishedSend } from './unfinished-send.ts';
import { Waker } from './waker.ts';

/** Transfers one device may have open towards this one. */
const MAX_INBOUND_PER_DEVICE = 8;

export interface TransfersOptions {
  readonly store: Store;
  readonly lines: Lines;
  readonly workers: ContentWorkers;
  readonly now: () => number;
  /** Opens a port if there is none, so that a peer that comes back can say so. */
  readonly listen: () => Promise<unknown>;
  /** Whether devices that may send without asking are accepted by themselves. */
  readonly autoAccept: boolean;
  /** Whether offers of new transfers are taken at all. */
  readonly takesOffers: boolean;
  /** Where received files go unless the device says otherwise. */
  readonly downloads: () => string;
  readonly onChange: (view: TransferView) => void;
  readonly onCipher: (kind: 'native' | 'wasm') => void;
}

interface Running {
  readonly transfer: Outgoing | Incoming;
  readonly ended: Promise<void>;
}

/** All transfers of this device: those under way, and through the store those that have ended. */
export class Transfers {
  readonly #options: TransfersOptions;
  readonly #running = new Map<TransferId, Running>();
  readonly #closing = new AbortController();
  readonly #beginnings = new Beginnings(this.#closing.signal);
  readonly #waker: Waker;
  readonly #turns = new Turns<TransferId>();
  readonly #maker: TransferMaker;

  constructor(options: TransfersOptions) {
    this.#options = options;
    this.#waker = new Waker({
      isWaitingFor: (device) => this.#incoming(device).some((transfer) => transfer.isWaiting),
      wake: (device) => options.lines.wake(device, this.#wakeAddresses(device), this.#closing.signal),
      signal: this.#closing.signal,
    });
    this.#maker = new TransferMaker({
      ...options,
      wakeSender: (device) => {
        this.#waker.call(device);
      },
    });
  }

  /** Newest first. */
  views(): readonly TransferView[] {
    const running = [...this.#running.values()].map(({ transfer }) => transfer.live.view);
    const ended = this.#options.store.history.list().filter(({ id }) => !this.#running.has(id));
    return [...running, ...ended].sort((a, b) => b.created - a.created);
  }

  /** Goes on with what an earlier process left: what others send once they dial, and, if `sends`, what this device sends. */
  resumeUnfinished({ sends }: { readonly sends: boolean }): Promise<void> {
    return this.#beginnings.run(() => this.#resumeUnfinished(sends));
  }

  async #resumeUnfinished(sends: boolean): Promise<void> {
    const { store } = this.#options;
    for (const job of await loadJobs(store)) {
      if (this.#running.has(job.id) || store.devices.get(job.device) === undefined) continue;
      if (job.direction === 'send' && !sends) continue;
      // Where the disk allows nothing now, it stays as it is: others are found by their next offer, or at the next start.
      await this.#resume(job).catch(() => undefined);
    }
  }

  /** Tells the devices whose transfers wait here that this one can be reached again. */
  wakeSenders(): void {
    for (const device of new Set(this.#incoming().map(({ live }) => live.view.device.id)))
      this.#waker.call(device);
  }

  /** Throws `interrupted` once everything is being closed. */
  send(record: DeviceRecord, request: SendRequest): Promise<TransferId> {
    return this.#beginnings.run(() => this.#send(record, request));
  }

  async #send(record: DeviceRecord, request: SendRequest): Promise<TransferId> {
    const { store, now } = this.#options;
    this.#options.workers.expectSend();
    const isRunning = (id: TransferId) => this.#running.has(id);
    const job =
      (await unfinishedSend(store, record.id, request.paths, isRunning)) ??
      newSendJob(record.id, request.paths, now());
    // Without a port everything works but being told that the receiver is back.
    await this.#options.listen().catch(() => undefined);
    await this.#startFrom({ ...job, paused: false }, request.whenUnreachable === 'wait', request.to);
    return job.id;
  }

  /** A device dialled on the transfer protocol. Its key is looked up before anything of it is read. Never rejects. */
  async accept(stream: PeerStream): Promise<void> {
    await this.#beginnings
      .run(() => this.#accept(stream))
      .catch(() => {
        stream.socket.destroy();
      });
  }

  async #accept(stream: PeerStream): Promise<void> {
    const opening = await this.#options.lines.receive(stream, () => {
      if (this.#options.takesOffers) this.#expectOffer();
    });
    if (opening === undefined) return;
    const { device, channel, offer } = opening;
    for (const transfer of this.#outgoing(device)) transfer.wake();
    if (offer === undefined) {
      await channel.close();
      return;
    }
    try {
      // A sender that dials anew while its first offer is still being looked into must not become a second transfer.
      await this.#turns.take(offer.transfer, () => this.#offered(device, channel, offer));
    } catch (error) {
      // A channel that nobody reads would keep the sender waiting for ever.
      await channel.refuse(asSealaneError(error));
    }
  }

  answer(id: TransferId, decision: Decision | 'default-folder'): void {
    const transfer = this.#find(id);
    if (transfer.direction !== 'receive' || transfer.live.view.state.kind !== 'offered') {
      throw new SealaneError('unknown-transfer');
    }
    const destination = () => this.#destination(transfer.live.view.device.id);
    transfer.decide(decision === 'default-folder' ? { accept: true, destination: destination() } : decision);
  }

  cancel(id: TransferId): void {
    this.#find(id).live.end(new SealaneError('cancelled'));
  }

  pause(id: TransferId): Promise<void> {
    return this.#find(id).pause();
  }

  async resume(id: TransferId): Promise<void> {
    await this.#find(id).resume();
  }

  /** Removes ended transfers from the history. */
  async clearHistory(): Promise<void> {
    const { history } = this.#options.store;
    const ended = history.list().filter(({ id, state }) => isOver(state) && !this.#running.has(id));
    await history.remove(ended.map(({ id }) => id));
  }

  /** Ends everything that has to do with devices that are no longer trusted. */
  dropUntrusted(): void {
    const { store, lines } = this.#options;
    const isTrusted = (device: DeviceId) => store.devices.get(device) !== undefined;
    for (const { transfer } of this.#running.values()) {
      if (!isTrusted(transfer.live.view.device.id)) transfer.live.end(new SealaneError('device-forgotten'));
    }
    lines.dropUntrusted(isTrusted);
  }

  /** Lets everything stand as it is, to be gone on with. */
  async closeAll(): Promise<void> {
    this.#closing.abort();
    this.#options.lines.close();
    await this.#interruptAll();
    // One that was about to begin has begun since then, and was interrupted as it did.
    await this.#beginnings.settled();
    await this.#interruptAll();
    await this.#options.workers.close();
  }

  /** Whoever has dialled may be about to offer something. */
  #expectOffer(): void {
    this.#options.workers.expectOffer();
    void prepareKem();
  }

  async #interruptAll(): Promise<void> {
    for (const { transfer } of this.#running.values()) transfer.live.end(new SealaneError('interrupted'));
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  async #offered(device: DeviceId, channel: TransferChannel, offer: Offer): Promise<void> {
    const { store } = this.#options;
    const record = store.devices.get(device);
    if (record === undefined) return channel.refuse(new SealaneError('device-forgotten'));
    // One that has just ended is in the history once it is tidied up.
    if (this.#running.get(offer.transfer)?.transfer.live.isOver === true)
      await this.#running.get(offer.transfer)?.ended;
    const known = this.#running.get(offer.transfer)?.transfer;
    if (known !== undefined) {
      const isItsOwn =
        known.direction === 'receive' && known.live.view.device.id === device && !known.live.isOver;
      if (isItsOwn) known.join({ channel, offer });
      else await channel.refuse(new SealaneError('busy'));
      return;
    }
    const before = store.history
      .list()
      .find(({ id, direction }) => id === offer.transfer && direction === 'receive');
    if (before?.device.id === device && isOver(before.state)) {
      if (await answerFromHistory(before, channel)) return;
    }
    const open = this.#incoming(device).filter(({ live }) => !live.isOver);
    if (!this.#options.takesOffers || open.length >= MAX_INBOUND_PER_DEVICE) {
      return channel.refuse(new SealaneError('busy'));
    }
    const job = await loadJob(store, offer.transfer);
    // One that does not run here may be another process's, or one of our own sends: nobody may take its place.
    if (job !== undefined && !(await this.#isLeftOver(job, device))) {
      return channel.refuse(new SealaneError('busy'));
    }
    const earlier = job?.direction === 'receive' ? job : undefined;
    const incoming = this.#track(await this.#maker.incoming(record, earlier, offer));
    incoming.join({ channel, offer });
    // Whom nobody is asked about is heard of once something arrives.
    if (earlier === undefined && this.#options.autoAccept && record.accept === 'always')
      incoming.decide({ accept: true, destination: this.#destination(device) });
    else incoming.live.announce();
  }

  async #resume(job: Job): Promise<void> {
    if (await isClaimedByAnother(await this.#options.store.transferFolder(job.id))) return;
    await this.#startFrom(job, true);
  }

  /** Whether this device was receiving it from `device`, in a process that has ended since this one began. */
  async #isLeftOver(job: Job, device: DeviceId): Promise<boolean> {
    if (job.direction !== 'receive' || job.device !== device) return false;
    return !(await isClaimedByAnother(await this.#options.store.transferFolder(job.id)));
  }

  async #startFrom(job: Job, waitsForReceiver: boolean, to?: Address): Promise<void> {
    const record = this.#options.store.devices.get(job.device);
    if (record === undefined) throw new SealaneError('device-unknown');
    switch (job.direction) {
      case 'send':
        this.#track(await this.#maker.outgoing(record, job, { waitsForReceiver, to })).live.announce();
        break;
      case 'receive':
        this.#track(await this.#maker.incoming(record, job, job.offer)).live.announce();
        break;
      default:
        unreachable(job);
    }
  }

  /** Runs a transfer, and tidies up after it if it is over. */
  #track<Kind extends Outgoing | Incoming>(transfer: Kind): Kind {
    const { live } = transfer;
    const { id } = live.view;
    // A turn later, so that whoever hears of the transfer can already act on it.
    const ended = Promise.resolve()
      .then(() => transfer.run())
      .then(() => this.#tidyUp(live))
      .finally(() => this.#running.delete(id));
    this.#running.set(id, { transfer, ended });
    if (this.#closing.signal.aborted) live.end(new SealaneError('interrupted'));
    return transfer;
  }

  /** Never rejects: what the disk does not allow now stays to be done, by the history's next write and by the next start. */
  async #tidyUp({ view, isOver: isAtEnd }: LiveTransfer): Promise<void> {
    const { store } = this.#options;
    try {
      await store.history.put(view);
      if (isAtEnd) {
        await store.removeTransferFolder(view.id);
        return;
      }
    } catch {
      // As said above.
    }
    // Also where the history could not be written: what nobody works on any more is not to be taken for unfinished.
    await store
      .transferFolder(view.id)
      .then(release)
      .catch(() => undefined);
  }

  #find(id: TransferId): Outgoing | Incoming {
    const transfer = this.#running.get(id)?.transfer;
    if (transfer === undefined || transfer.live.isOver) throw new SealaneError('unknown-transfer');
    return transfer;
  }

  #incoming(device?: DeviceId): readonly Incoming[] {
    return [...this.#running.values()].flatMap(({ transfer }) =>
      transfer.direction === 'receive' && (device === undefined || transfer.live.view.device.id === device)
        ? [transfer]
        : [],
    );
  }

  #outgoing(device: DeviceId): readonly Outgoing[] {
    return [...this.#running.values()].flatMap(({ transfer }) =>
      transfer.direction === 'send' && transfer.live.view.device.id === device ? [transfer] : [],
    );
  }

  #wakeAddresses(device: DeviceId): readonly Address[] {
    return this.#incoming(device).flatMap(({ job }) => (job?.wake ? [job.wake] : []));
  }

  #destination(device: DeviceId): string {
    return this.#options.store.devices.get(device)?.into ?? this.#options.downloads();
  }
}

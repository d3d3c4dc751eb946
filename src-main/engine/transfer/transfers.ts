import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import type { OfferDigest, OtherAddressView, TransferId, TransferView } from '../../../shared/views.ts';
import { newestFirst } from '../../../shared/when.ts';
import type { SendRequest } from '../api.ts';
import type { ContentWorkers } from '../content/content-workers.ts';
import { labelOf } from '../devices.ts';
import type { PeerStream } from '../net/transport.ts';
import type { Address, DeviceRecord } from '../store/contract.ts';
import type { TransferClaim } from '../store/transfer-claim.ts';
import { devicesToTell, tellEach } from './announcement.ts';
import { Beginnings } from './beginnings.ts';
import { GivingUp } from './giving-up.ts';
import type { TransferChannel } from './greeting.ts';
import { listJobs, loadOrRelease, saveJob } from './jobs.ts';
import type { Job } from './job.ts';
import { prepareKem } from './key-schedule.ts';
import type { Lines, OpeningMessage } from './lines.ts';
import { Offers } from './offers.ts';
import type { Answer, OffersOptions } from './offers.ts';
import { PacedWakes } from './paced-wakes.ts';
import { watchRemovals } from './removals.ts';
import { RunningTransfers } from './running.ts';
import { clearHistory } from './take-from-history.ts';
import { TransferMaker } from './transfer-maker.ts';
import type { Sending } from './transfer-maker.ts';
import { Turns } from './turns.ts';
import { claimSend } from './unfinished-send.ts';
import { Waker } from './waker.ts';

export interface TransfersOptions extends OffersOptions {
  readonly lines: Lines;
  readonly workers: ContentWorkers;
  readonly now: () => number;
  /** Opens a port if there is none, so that a peer that comes back can say so. */
  readonly listen: () => Promise<unknown>;
  readonly onChange: (view: TransferView) => void;
  /** Told of those that the history has no more. */
  readonly onRemoved: (ids: readonly TransferId[]) => void;
  readonly onCipher: (kind: 'native' | 'wasm') => void;
  readonly onOtherAddress: (view: OtherAddressView) => void;
}

/** All transfers of this device: those under way, and through the store those that have ended. */
export class Transfers {
  readonly #options: TransfersOptions;
  readonly #closing = new AbortController();
  readonly #running: RunningTransfers;
  readonly #beginnings = new Beginnings(this.#closing.signal);
  readonly #waker: Waker;
  readonly #turns = new Turns<TransferId>();
  readonly #maker: TransferMaker;
  readonly #offers: Offers;
  /** For what is to end before all of it is there. */
  readonly #givingUp: GivingUp;
  readonly #wakes = new PacedWakes((device) => {
    for (const transfer of this.#running.all())
      if (transfer.direction === 'send' && transfer.live.view.device.id === device) transfer.wake();
  }, this.#closing.signal);

  constructor(options: TransfersOptions) {
    this.#options = options;
    this.#running = new RunningTransfers({
      store: options.store,
      closing: this.#closing.signal,
      onEnd: (transfer) => this.#givingUp.tell(transfer),
    });
    const isRunning = (id: TransferId) => this.#running.has(id);
    const unwatch = watchRemovals(options.store.history, isRunning, options.onRemoved);
    this.#closing.signal.addEventListener('abort', unwatch);
    this.#waker = new Waker({
      isWaitingFor: (device) => this.#running.incoming(device).some((transfer) => transfer.isWaiting),
      wake: (device) => options.lines.wake(device, this.#wakeAddresses(device), this.#closing.signal),
      signal: this.#closing.signal,
    });
    this.#givingUp = new GivingUp({ ...options, running: this.#running, closing: this.#closing.signal });
    this.#maker = new TransferMaker({
      ...options,
      farewells: this.#givingUp.farewells,
      wakeSender: (device) => {
        this.#waker.call(device);
      },
    });
    this.#offers = new Offers(options, { running: this.#running, maker: this.#maker, turns: this.#turns });
  }

  /** Newest first. */
  views(): readonly TransferView[] {
    const running = this.#running.all().map(({ live }) => live.view);
    const ended = this.#options.store.history.list().filter(({ id }) => !this.#running.has(id));
    return [...running, ...ended].sort(newestFirst(this.#options.now()));
  }

  isConnected(device: DeviceId): boolean {
    return this.#options.lines.isConnected(device);
  }

  /** Goes on with what an earlier process left: what others send once they dial, and, if `sends`, what this device sends. */
  resumeUnfinished({ sends }: { readonly sends: boolean }): Promise<void> {
    return this.#beginnings.run(() => this.#resumeUnfinished(sends));
  }

  async #resumeUnfinished(sends: boolean): Promise<void> {
    const { store } = this.#options;
    for (const job of await listJobs(store)) {
      if (this.#running.has(job.id) || store.devices.get(job.device) === undefined) continue;
      if (job.direction === 'send' && !sends) continue;
      // Where the disk allows nothing now, it stays as it is: others are found by their next offer, or at the next start.
      await this.#resume(job).catch(() => undefined);
    }
  }

  /** Tells the devices whose transfers wait here that this one can be reached again. */
  wakeSenders(): void {
    for (const device of new Set(this.#running.incoming().map(({ live }) => live.view.device.id)))
      this.#waker.call(device);
  }

  /** Tells all devices, once, that this one can be reached: what waits there to be sent to it begins. */
  announce(): void {
    const { store, lines } = this.#options;
    const { signal } = this.#closing;
    const isCalled = (device: DeviceId) => this.#running.incoming(device).some(({ isWaiting }) => isWaiting);
    const devices = devicesToTell(store.devices.list(), isCalled);
    void tellEach(devices, (device, patience) => lines.announce(device, patience), signal);
  }

  /**
   * Looks for a device where its user says it is. Where it is that device, the address is kept, it hears that this one is there, and what
   * waits for it goes on. Throws `device-unknown`, and what ended the line.
   */
  async lookFor(device: DeviceId, address: Address): Promise<void> {
    await this.#options.lines.lookFor(device, address, this.#closing.signal);
    this.#wakes.sign(device);
  }

  /** Throws `interrupted` once everything is being closed. */
  send(record: DeviceRecord, request: SendRequest): Promise<TransferId> {
    return this.#beginnings.run(() => this.#send(record, request));
  }

  async #send(record: DeviceRecord, request: SendRequest): Promise<TransferId> {
    this.#options.workers.expectSend();
    // Without a port everything works but being told that the receiver is back.
    await this.#options.listen().catch(() => undefined);
    return await this.#claimAndStart(record.id, request);
  }

  /** `replaces`: a transfer that had ended at the receiver before. */
  async #claimAndStart(device: DeviceId, request: SendRequest, replaces?: TransferId): Promise<TransferId> {
    const { store, now } = this.#options;
    const { claim, job, replaced } = await claimSend(store, device, request.paths, now());
    if (replaced !== undefined) this.#options.onChange(replaced);
    const beginAnew = async (isWanted: () => boolean) => {
      const anew = await this.#beginnings.run(() => this.#claimAndStart(device, request, job.id));
      if (!isWanted()) await this.cancel(anew);
    };
    await this.#startFrom(
      claim,
      { ...job, paused: false },
      {
        waitsForReceiver: request.whenUnreachable === 'wait',
        to: request.to,
        replaces,
        // What is new altogether has not ended anywhere.
        beginAnew: job.accepted ? beginAnew : undefined,
      },
    );
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
    const { device, channel, message } = opening;
    this.#wakes.sign(device);
    this.#givingUp.farewells.meet(device);
    try {
      await this.#take(device, channel, message);
    } catch (error) {
      // A channel that nobody reads would keep the sender waiting for ever.
      await channel.refuse(asSealaneError(error));
    }
  }

  async #take(device: DeviceId, channel: TransferChannel, message: OpeningMessage): Promise<void> {
    if (message.type === 'offer') return this.#offers.take(device, channel, message.body);
    if (message.type === 'wake') return channel.close();
    const { transfer } = message.body;
    await this.#turns.take(transfer, () => this.#givingUp.byPeer(device, transfer));
    await this.#givingUp.farewells.heardFrom(device, transfer);
    // It is over here as well.
    await channel.refuse(new SealaneError('cancelled'));
  }

  /** The user's answer to the offer with the digest `offer`. Throws `offer-changed`, `unknown-transfer`. */
  answer(id: TransferId, offer: OfferDigest, answer: Answer): void {
    this.#offers.answer(id, offer, answer);
  }

  /** Resolves once it is noted, for one that this process works on; what comes of that is seen. Otherwise as `givingUp.cancel`. */
  async cancel(id: TransferId): Promise<void> {
    if (this.#running.has(id)) await this.#givingUp.give(this.#running.find(id), 'cancelled');
    else await this.#givingUp.cancel(id);
  }

  get givingUp(): GivingUp {
    return this.#givingUp;
  }

  /** As `views`, with those that are only found in the profile's folders. */
  async allViews(): Promise<readonly TransferView[]> {
    const unlisted = await this.#givingUp.unlisted();
    return [...this.views(), ...unlisted].sort(newestFirst(this.#options.now()));
  }

  pause(id: TransferId): Promise<void> {
    return this.#running.find(id).pause();
  }

  async resume(id: TransferId): Promise<void> {
    await this.#running.find(id).resume();
  }

  /** As `Engine.clearHistory`. */
  async clearHistory(): Promise<void> {
    await clearHistory(this.#options.store, (id) => this.#running.has(id));
  }

  /** Ends everything that has to do with devices that are no longer trusted; what goes on has their names of now. */
  devicesChanged(): void {
    const { store, lines } = this.#options;
    const devices = store.devices.list();
    const find = (id: DeviceId) => devices.find((device) => device.id === id);
    for (const transfer of this.#running.all()) {
      const device = find(transfer.live.view.device.id);
      if (device === undefined) transfer.live.end(new SealaneError('device-forgotten'));
      else transfer.live.nameDevice(labelOf(device, devices));
    }
    lines.dropUntrusted((device) => find(device) !== undefined);
  }

  /** Lets everything stand as it is, to be gone on with. */
  async closeAll(): Promise<void> {
    await this.#running.endings();
    await this.#givingUp.farewells.lastWords();
    this.#closing.abort();
    this.#offers.close();
    await this.#givingUp.settled();
    this.#options.lines.close();
    await this.#running.interruptAll();
    // One that was about to begin has begun since then, and was interrupted as it did.
    await this.#beginnings.settled();
    await this.#running.interruptAll();
    await this.#options.workers.close();
  }

  /** Whoever has dialled may be about to offer something. */
  #expectOffer(): void {
    this.#options.workers.expectOffer();
    void prepareKem();
  }

  async #resume({ id }: Job): Promise<void> {
    const claim = await this.#options.store.claimTransfer(id);
    if (claim === undefined) return;
    // Read again under the claim: another process may have ended it since it was listed.
    const job = await loadOrRelease(this.#options.store, claim);
    if (job === undefined) await claim.release();
    else await this.#startFrom(claim, job, { waitsForReceiver: true });
  }

  /** Releases the claim when it throws. */
  async #startFrom(claim: TransferClaim, job: Job, sending: Sending): Promise<void> {
    try {
      if (job.direction === 'send') await saveJob(claim, job);
      // Nothing is awaited from here to `track`: trust is as it is used.
      const record = this.#options.store.devices.get(job.device);
      if (record === undefined) {
        // Nothing goes to a device that was forgotten, now or later.
        if (job.direction === 'send') await claim.discard();
        throw new SealaneError('device-unknown');
      }
      const transfer =
        job.direction === 'send'
          ? this.#maker.outgoing(record, claim, job, sending)
          : this.#maker.incoming(record, claim, job, job.offer);
      this.#running.track(transfer, claim).live.announce();
    } catch (error) {
      await claim.release();
      throw error;
    }
  }

  #wakeAddresses(device: DeviceId): readonly Address[] {
    return this.#running.incoming(device).flatMap(({ job }) => (job?.wake ? [job.wake] : []));
  }
}

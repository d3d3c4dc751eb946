import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import { OFFERS_PER_SECOND, OFFER_BURST } from '../../../shared/limits.ts';
import { isOver } from '../../../shared/views.ts';
import type { OfferDigest, TransferId, TransferView } from '../../../shared/views.ts';
import { newestFirst } from '../../../shared/when.ts';
import type { SendRequest } from '../api.ts';
import type { ContentWorkers } from '../content/content-workers.ts';
import { labelOf } from '../devices.ts';
import type { PeerStream } from '../net/transport.ts';
import type { Address, DeviceRecord, Store } from '../store/contract.ts';
import type { TransferClaim } from '../store/transfer-claim.ts';
import { answerFromHistory } from './answer-from-history.ts';
import { Beginnings } from './beginnings.ts';
import { discardJournaled } from '../content/leftover.ts';
import { Consent, checkShown } from './consent.ts';
import { DeviceRates } from './device-rates.ts';
import type { Offer, TransferChannel } from './greeting.ts';
import type { Incoming } from './incoming.ts';
import { listJobs, loadJob, loadOrRelease, saveJob } from './jobs.ts';
import type { Job } from './jobs.ts';
import { prepareKem } from './key-schedule.ts';
import type { Lines, OpeningMessage } from './lines.ts';
import type { LiveTransfer } from './live-transfer.ts';
import type { Outgoing } from './outgoing.ts';
import { PacedWakes } from './paced-wakes.ts';
import { checkAgain, checkNew } from './room.ts';
import { TransferMaker } from './transfer-maker.ts';
import { Turns } from './turns.ts';
import { claimSend } from './unfinished-send.ts';
import { Waker } from './waker.ts';

/** What a user answers to an offer; `into` is an absolute folder instead of the one that is set for the device. */
export type Answer =
  | { readonly accept: true; readonly into?: string | undefined }
  | { readonly accept: false; readonly into?: undefined };

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

/** An offer of a transfer that this process may work on. */
interface ClaimedOffer {
  readonly device: DeviceId;
  readonly channel: TransferChannel;
  readonly offer: Offer;
  readonly claim: TransferClaim;
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
  readonly #offerRates = new DeviceRates({ burst: OFFER_BURST, perSecond: OFFERS_PER_SECOND });
  readonly #wakes = new PacedWakes((device) => {
    for (const { transfer } of this.#running.values())
      if (transfer.direction === 'send' && transfer.live.view.device.id === device) transfer.wake();
  }, this.#closing.signal);

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
    // Without a port everything works but being told that the receiver is back.
    await this.#options.listen().catch(() => undefined);
    const { claim, job, replaced } = await claimSend(store, record.id, request.paths, now());
    if (replaced !== undefined) this.#options.onChange(replaced);
    await this.#startFrom(claim, { ...job, paused: false }, request.whenUnreachable === 'wait', request.to);
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
    try {
      await this.#take(device, channel, message);
    } catch (error) {
      // A channel that nobody reads would keep the sender waiting for ever.
      await channel.refuse(asSealaneError(error));
    }
  }

  async #take(device: DeviceId, channel: TransferChannel, message: OpeningMessage): Promise<void> {
    if (message.type === 'offer') {
      const { body: offer } = message;
      checkShown(offer);
      // A sender that dials anew while its first offer is still being looked into must not become a second transfer.
      return this.#turns.take(offer.transfer, () => this.#offered(device, channel, offer));
    }
    if (message.type === 'cancel')
      await this.#turns.take(message.body.transfer, () => this.#cancelled(device, message.body.transfer));
    await channel.close();
  }

  /** The other side of a transfer has given it up. What is another device's is none of its business. */
  #cancelled(device: DeviceId, id: TransferId): Promise<void> {
    const live = this.#running.get(id)?.transfer.live;
    if (live?.view.device.id === device) live.end(new SealaneError('cancelled', { fromPeer: true }));
    return Promise.resolve();
  }

  /** The user's answer to the offer with the digest `offer`. Throws `offer-changed`, `unknown-transfer`. */
  answer(id: TransferId, offer: OfferDigest, answer: Answer): void {
    const transfer = this.#find(id);
    const { state, device } = transfer.live.view;
    if (transfer.direction !== 'receive' || state.kind !== 'offered') {
      throw new SealaneError('unknown-transfer');
    }
    if (state.offer !== offer) throw new SealaneError('offer-changed');
    const consent = () => Consent.given(transfer.offer, answer.into ?? this.#destination(device.id));
    transfer.decide(answer.accept ? { accept: true, consent: consent() } : { accept: false });
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
    await history.remove(ended);
  }

  /** Ends everything that has to do with devices that are no longer trusted; what goes on has their names of now. */
  devicesChanged(): void {
    const { store, lines } = this.#options;
    const devices = store.devices.list();
    const find = (id: DeviceId) => devices.find((device) => device.id === id);
    for (const { transfer } of this.#running.values()) {
      const device = find(transfer.live.view.device.id);
      if (device === undefined) transfer.live.end(new SealaneError('device-forgotten'));
      else transfer.live.nameDevice(labelOf(device, devices));
    }
    lines.dropUntrusted((device) => find(device) !== undefined);
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
    // One that has just ended is in the history once it is tidied up.
    if (this.#running.get(offer.transfer)?.transfer.live.isOver === true)
      await this.#running.get(offer.transfer)?.ended;
    const known = this.#running.get(offer.transfer)?.transfer;
    if (known !== undefined) {
      const isItsOwn =
        known.direction === 'receive' && known.live.view.device.id === device && !known.live.isOver;
      if (!isItsOwn) throw new SealaneError('busy');
      checkAgain(known, this.#incoming(device));
      known.join({ channel, offer });
      return;
    }
    const claim = await store.claimTransfer(offer.transfer);
    // Another process works on it.
    if (claim === undefined) return channel.refuse(new SealaneError('busy'));
    try {
      if (await answerFromHistory(store.history, { device, id: offer.transfer }, channel))
        await claim.release();
      else await this.#beginReceive({ device, channel, offer, claim });
    } catch (error) {
      await claim.release();
      throw error;
    }
  }

  /**
   * Throws `busy`, `too-many-unfinished`, `cancelled`, `device-forgotten`, `profile-unusable`; then nothing runs, and the claim is
   * still the caller's.
   */
  async #beginReceive({ device, channel, offer, claim }: ClaimedOffer): Promise<void> {
    const earlier = await loadJob(this.#options.store, claim);
    // One of our own sends, or another device's: it keeps its place.
    if (earlier !== undefined && (earlier.direction !== 'receive' || earlier.device !== device))
      throw new SealaneError('busy');
    // Taken back before anybody has seen it: a sender does that with what this device may have agreed to, and
    // has not.
    if (earlier === undefined && channel.isRefused) throw new SealaneError('cancelled');
    if (earlier === undefined && !this.#offerRates.take(device)) throw new SealaneError('busy');
    // What was agreed to is what is shown, whatever is offered in its place: that is judged when it joins.
    const shown = earlier?.offer ?? offer;
    // Nothing is awaited from here to `#track`: trust and the number of open transfers are as they are used.
    const record = this.#admit(device, earlier !== undefined);
    const incoming = this.#track(this.#maker.incoming(record, claim, earlier, shown), claim);
    incoming.join({ channel, offer });
    // What no user is asked about is heard of once something arrives.
    if (earlier === undefined && this.#options.autoAccept && record.accept === 'always') {
      const destination = record.into ?? this.#options.downloads();
      incoming.decide({ accept: true, consent: Consent.given(offer, destination) });
    } else incoming.live.announce();
  }

  /** The device's record, if it may begin one more transfer now. Throws `device-forgotten`, `busy`, `too-many-unfinished`. */
  #admit(device: DeviceId, isAgreed: boolean): DeviceRecord {
    const record = this.#options.store.devices.get(device);
    if (record === undefined) throw new SealaneError('device-forgotten');
    if (!this.#options.takesOffers) throw new SealaneError('busy');
    if (isAgreed) checkAgain({ isAgreed }, this.#incoming(device));
    else checkNew(this.#incoming(device));
    return record;
  }

  async #resume({ id }: Job): Promise<void> {
    const claim = await this.#options.store.claimTransfer(id);
    if (claim === undefined) return;
    // Read again under the claim: another process may have ended it since it was listed.
    const job = await loadOrRelease(this.#options.store, claim);
    if (job === undefined) await claim.release();
    else await this.#startFrom(claim, job, true);
  }

  /** Releases the claim when it throws. */
  async #startFrom(claim: TransferClaim, job: Job, waitsForReceiver: boolean, to?: Address): Promise<void> {
    try {
      if (job.direction === 'send') await saveJob(claim, job);
      // Nothing is awaited from here to `#track`: trust is as it is used.
      const record = this.#options.store.devices.get(job.device);
      if (record === undefined) {
        // Nothing goes to a device that was forgotten, now or later.
        if (job.direction === 'send') await claim.discard();
        throw new SealaneError('device-unknown');
      }
      const transfer =
        job.direction === 'send'
          ? this.#maker.outgoing(record, claim, job, { waitsForReceiver, to })
          : this.#maker.incoming(record, claim, job, job.offer);
      this.#track(transfer, claim).live.announce();
    } catch (error) {
      await claim.release();
      throw error;
    }
  }

  /** Runs a transfer, tidies up after it if it is over, and releases it. */
  #track<Kind extends Outgoing | Incoming>(transfer: Kind, claim: TransferClaim): Kind {
    const { live } = transfer;
    const { id } = live.view;
    // A turn later, so that whoever hears of the transfer can already act on it.
    const ended = Promise.resolve()
      .then(() => transfer.run())
      .then(() => this.#tidyUp(live, claim))
      .finally(() => claim.release())
      .finally(() => this.#running.delete(id));
    this.#running.set(id, { transfer, ended });
    if (this.#closing.signal.aborted) live.end(new SealaneError('interrupted'));
    return transfer;
  }

  /** Never rejects: what the disk does not allow now stays to be done, by the history's next write and by the next start. */
  async #tidyUp({ view, isOver: isAtEnd }: LiveTransfer, claim: TransferClaim): Promise<void> {
    try {
      if (view.recorded) await this.#options.store.history.put(view);
      // Before the claim is gone: whoever goes on with it then writes later than this.
      await this.#options.store.history.flush();
      if (!isAtEnd) return;
      // The folder alone says what is left elsewhere.
      await discardJournaled(claim.folder);
      await claim.discard();
    } catch {
      // As said above.
    }
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

  #wakeAddresses(device: DeviceId): readonly Address[] {
    return this.#incoming(device).flatMap(({ job }) => (job?.wake ? [job.wake] : []));
  }

  #destination(device: DeviceId): string {
    return this.#options.store.devices.get(device)?.into ?? this.#options.downloads();
  }
}

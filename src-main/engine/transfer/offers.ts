import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError } from '../../../shared/errors.ts';
import { OFFERS_PER_SECOND, OFFER_BURST } from '../../../shared/limits.ts';
import type { OfferDigest, TransferId } from '../../../shared/views.ts';
import { mountPointOf } from '../../mount-points.ts';
import type { DeviceRecord, Store } from '../store/contract.ts';
import type { TransferClaim } from '../store/transfer-claim.ts';
import { answerFromHistory } from './answer-from-history.ts';
import { Consent, checkShown } from './consent.ts';
import type { ChosenFolder } from './consent.ts';
import { DeviceRates } from './device-rates.ts';
import type { Offer, TransferChannel } from './greeting.ts';
import { loadJob } from './jobs.ts';
import type { Job } from './job.ts';
import { checkAgain, checkNew } from './room.ts';
import type { RunningTransfers } from './running.ts';
import type { TransferMaker } from './transfer-maker.ts';
import { TurnedAway } from './turned-away.ts';
import type { TurnedAwayOffers } from './turned-away.ts';
import type { Turns } from './turns.ts';

/** What a user answers to an offer; `into` is an absolute folder instead of the one that is set for the device. */
export type Answer =
  | {
      readonly accept: true;
      readonly into?: string | undefined;
      /** What `mountPointOf` said of `into` when it was chosen. Default: what it says now. */
      readonly mountPoint?: string | null | undefined;
      /** Where that folder cannot be used: asks again (default), or waits until it can. */
      readonly whenUnusable?: 'ask' | 'wait' | undefined;
    }
  | { readonly accept: false; readonly into?: undefined };

export interface OffersOptions {
  readonly store: Store;
  /** Whether devices that may send without asking are accepted by themselves. */
  readonly autoAccept: boolean;
  /** Whether offers of new transfers are taken at all. */
  readonly takesOffers: boolean;
  /** Where received files go unless the device says otherwise. */
  readonly downloads: () => string;
  /** Told of new offers that nobody is asked about. */
  readonly onTurnedAway: (offers: TurnedAwayOffers) => void;
}

/** What everything that acts on transfers shares. */
interface Shared {
  readonly running: RunningTransfers;
  readonly maker: TransferMaker;
  /** One thing at a time happens to a transfer that a peer begins or ends. */
  readonly turns: Turns<TransferId>;
}

/** An offer of a transfer that this process may work on. */
interface ClaimedOffer {
  readonly device: DeviceId;
  readonly channel: TransferChannel;
  readonly offer: Offer;
  readonly claim: TransferClaim;
  /** What is known of it from before. */
  readonly earlier: Job | undefined;
}

/** What other devices offer, and what this device's user answers. */
export class Offers {
  readonly #options: OffersOptions;
  readonly #running: RunningTransfers;
  readonly #maker: TransferMaker;
  readonly #turns: Turns<TransferId>;
  readonly #turnedAway: TurnedAway;
  readonly #rates = new DeviceRates({ burst: OFFER_BURST, perSecond: OFFERS_PER_SECOND });

  constructor(options: OffersOptions, { running, maker, turns }: Shared) {
    this.#options = options;
    this.#running = running;
    this.#maker = maker;
    this.#turns = turns;
    this.#turnedAway = new TurnedAway(options.onTurnedAway);
  }

  /** Tells nothing more. */
  close(): void {
    this.#turnedAway.close();
  }

  /**
   * An offer that a device has sent, of a new transfer or of one to go on with. Throws what it is refused for:
   * `frame-malformed`, `busy`, `offers-open`, `too-fast`, `not-receiving`, `too-many-unfinished`, `cancelled`,
   * `device-forgotten`, `profile-unusable`.
   */
  take(device: DeviceId, channel: TransferChannel, offer: Offer): Promise<void> {
    checkShown(offer);
    // A sender that dials anew while its first offer is still being looked into must not become a second transfer.
    return this.#turns.take(offer.transfer, () => this.#offered(device, channel, offer));
  }

  /** The user's answer to the offer with the digest `offer`. Throws `offer-changed`, `unknown-transfer`. */
  answer(id: TransferId, offer: OfferDigest, answer: Answer): void {
    const transfer = this.#running.find(id);
    const { state, device } = transfer.live.view;
    if (transfer.direction !== 'receive' || state.kind !== 'offered') {
      throw new SealaneError('unknown-transfer');
    }
    if (state.offer !== offer) throw new SealaneError('offer-changed');
    if (!answer.accept) {
      transfer.decide({ accept: false });
      return;
    }
    const { into, mountPoint, whenUnusable = 'ask' } = answer;
    const chosen =
      into === undefined
        ? this.#folderFor(this.#options.store.devices.get(device.id))
        : { destination: into, mountPoint: mountPoint === undefined ? mountPointOf(into) : mountPoint };
    transfer.decide({ accept: true, consent: Consent.given(transfer.offer, chosen), whenUnusable });
  }

  async #offered(device: DeviceId, channel: TransferChannel, offer: Offer): Promise<void> {
    const { store } = this.#options;
    // One that has just ended is in the history once it is tidied up.
    if (this.#running.get(offer.transfer)?.live.isOver === true) await this.#running.ended(offer.transfer);
    const known = this.#running.get(offer.transfer);
    if (known !== undefined) {
      const isItsOwn =
        known.direction === 'receive' && known.live.view.device.id === device && !known.live.isOver;
      if (!isItsOwn) throw new SealaneError('busy');
      checkAgain(known, this.#running.incoming(device));
      known.join({ channel, offer });
      return;
    }
    const claim = await store.claimTransfer(offer.transfer);
    // Another process works on it.
    if (claim === undefined) return channel.refuse(new SealaneError('busy'));
    try {
      // First of all: an end that had been decided on is in the history after this.
      const earlier = await loadJob(store, claim);
      if (await answerFromHistory(store, { device, id: offer.transfer }, channel)) await claim.release();
      else this.#begin({ device, channel, offer, claim, earlier });
    } catch (error) {
      await claim.release();
      throw error;
    }
  }

  /** Throws what `#admit` throws, `busy`, `cancelled`; then nothing runs, and the claim is still the caller's. */
  #begin({ device, channel, offer, claim, earlier }: ClaimedOffer): void {
    // One of our own sends, or another device's: it keeps its place.
    if (earlier !== undefined && (earlier.direction !== 'receive' || earlier.device !== device))
      throw new SealaneError('busy');
    // Taken back before anybody has seen it: a sender does that with what this device may have agreed to, and
    // has not.
    if (earlier === undefined && channel.isRefused) throw new SealaneError('cancelled');
    // What was agreed to is what is shown, whatever is offered in its place: that is judged when it joins.
    const shown = earlier?.offer ?? offer;
    // Nothing here is awaited: trust and the number of open transfers are as they are used.
    const record =
      earlier === undefined
        ? this.#turnedAway.watch(device, offer.transfer, () => this.#admit(device, false))
        : this.#admit(device, true);
    const incoming = this.#running.track(this.#maker.incoming(record, claim, earlier, shown), claim);
    incoming.join({ channel, offer });
    // What no user is asked about is heard of once something arrives.
    if (earlier === undefined && this.#options.autoAccept && record.accept === 'always') {
      const consent = Consent.given(offer, this.#folderFor(record));
      incoming.decide({ accept: true, consent, whenUnusable: 'wait' });
    } else incoming.live.announce();
  }

  /**
   * The device's record, if it may begin one more transfer now. Throws `device-forgotten`, `not-receiving`,
   * `too-fast`, `busy`, `offers-open`, `too-many-unfinished`.
   */
  #admit(device: DeviceId, isAgreed: boolean): DeviceRecord {
    const record = this.#options.store.devices.get(device);
    if (record === undefined) throw new SealaneError('device-forgotten');
    if (!this.#options.takesOffers) throw new SealaneError('not-receiving');
    if (!isAgreed && !this.#rates.take(device)) throw new SealaneError('too-fast');
    if (isAgreed) checkAgain({ isAgreed }, this.#running.incoming(device));
    else checkNew(this.#running.incoming(device));
    return record;
  }

  #folderFor(record: DeviceRecord | undefined): ChosenFolder {
    if (record === undefined || record.into === null) return { destination: this.#options.downloads() };
    return { destination: record.into, mountPoint: record.mountPoint ?? null };
  }
}

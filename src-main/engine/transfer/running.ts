import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError } from '../../../shared/errors.ts';
import type { TransferId } from '../../../shared/views.ts';
import type { Store } from '../store/contract.ts';
import type { TransferClaim } from '../store/transfer-claim.ts';
import type { Incoming } from './incoming.ts';
import { discardEnded } from './jobs.ts';
import type { LiveTransfer } from './live-transfer.ts';
import type { Outgoing } from './outgoing.ts';

interface Running {
  readonly transfer: Outgoing | Incoming;
  readonly ended: Promise<void>;
}

export interface RunningOptions {
  readonly store: Store;
  /** What begins once this is aborted is interrupted as it does. */
  readonly closing: AbortSignal;
  /** Told of each transfer that has ended, once that is noted: the other device may have to hear of it. Never rejects. */
  readonly onEnd: (transfer: Outgoing | Incoming) => Promise<unknown>;
}

/** The transfers that this process works on, each from its beginning until what it leaves is tidied up. */
export class RunningTransfers {
  readonly #options: RunningOptions;
  readonly #running = new Map<TransferId, Running>();
  /** What is done about the ends of transfers that are no longer running. */
  readonly #afterwards = new Set<Promise<unknown>>();

  constructor(options: RunningOptions) {
    this.#options = options;
  }

  all(): readonly (Outgoing | Incoming)[] {
    return [...this.#running.values()].map(({ transfer }) => transfer);
  }

  /** Those that are received, of one device or of all. */
  incoming(device?: DeviceId): readonly Incoming[] {
    return this.all().flatMap((transfer) =>
      transfer.direction === 'receive' && (device === undefined || transfer.live.view.device.id === device)
        ? [transfer]
        : [],
    );
  }

  has(id: TransferId): boolean {
    return this.#running.has(id);
  }

  get(id: TransferId): Outgoing | Incoming | undefined {
    return this.#running.get(id)?.transfer;
  }

  /** One that is not over. Throws `unknown-transfer`. */
  find(id: TransferId): Outgoing | Incoming {
    const transfer = this.get(id);
    if (transfer === undefined || transfer.live.isOver) throw new SealaneError('unknown-transfer');
    return transfer;
  }

  /** Resolves once it is tidied up; at once where there is none. */
  async ended(id: TransferId): Promise<void> {
    await this.#running.get(id)?.ended;
  }

  /** Runs a transfer, tidies up after it if it is over, and releases its claim. */
  track<Kind extends Outgoing | Incoming>(transfer: Kind, claim: TransferClaim): Kind {
    const { live } = transfer;
    const { id } = live.view;
    // A turn later, so that whoever hears of the transfer can already act on it.
    const ended = Promise.resolve()
      .then(() => transfer.run())
      .then(() => this.#tidyUp(live, claim))
      .finally(() => claim.release())
      .finally(() => this.#running.delete(id));
    this.#running.set(id, { transfer, ended });
    void ended.then(() => {
      if (live.isOver) this.#follow(this.#options.onEnd(transfer));
    });
    // One that was there before is of somebody who has given up waiting.
    void this.#options.store.wishes.remove(id);
    if (this.#options.closing.aborted) live.end(new SealaneError('interrupted'));
    return transfer;
  }

  /** Resolves once what has ended, or is ending, is tidied up, and what follows is done. Never rejects. */
  async endings(): Promise<void> {
    const ending = [...this.#running.values()].filter(
      ({ transfer: { live } }) => live.isOver || live.signal.aborted,
    );
    await Promise.all(ending.map(({ ended }) => ended));
    await Promise.all(this.#afterwards);
  }

  #follow(afterwards: Promise<unknown>): void {
    this.#afterwards.add(afterwards);
    void afterwards.finally(() => this.#afterwards.delete(afterwards));
  }

  /** Lets all of them stand as they are, to be gone on with. */
  async interruptAll(): Promise<void> {
    for (const { live } of this.all()) live.end(new SealaneError('interrupted'));
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /**
   * Never rejects: what the disk does not allow now stays to be done, by the history's next write and by the next
   * start.
   */
  async #tidyUp({ view, isOver: isAtEnd }: LiveTransfer, claim: TransferClaim): Promise<void> {
    try {
      if (view.recorded) await this.#options.store.history.put(view);
      // Before the claim is gone: whoever goes on with it then writes later than this.
      await this.#options.store.history.flush();
      if (!isAtEnd) return;
      // The folder alone says what is left elsewhere.
      await discardEnded(claim);
    } catch {
      // As said above.
    }
  }
}

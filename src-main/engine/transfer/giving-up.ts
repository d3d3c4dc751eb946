import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/views.ts';
import type { PartialData, TransferId, TransferView } from '../../../shared/views.ts';
import type { EndedUnfinished } from '../api.ts';
import type { Store } from '../store/contract.ts';
import type { WishedBy } from '../store/wishes.ts';
import { Expiry } from './expiry.ts';
import { Farewells } from './farewells.ts';
import type { Incoming } from './incoming.ts';
import type { Lines } from './lines.ts';
import type { Outgoing } from './outgoing.ts';
import { partialDataOf } from './partial-data.ts';
import type { RunningTransfers } from './running.ts';
import { takeFromHistory } from './take-from-history.ts';
import { Unfinished } from './unfinished.ts';

export interface GivingUpOptions {
  readonly store: Store;
  readonly lines: Lines;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onChange: (view: TransferView) => void;
  readonly running: RunningTransfers;
  /** Aborted when everything is being closed. */
  readonly closing: AbortSignal;
}

/**
 * Giving transfers up: by this device's user, by the other device's word, or because nothing happens to them any more; here, in whichever
 * other process has them, or where nobody does.
 */
export class GivingUp {
  readonly farewells: Farewells;
  readonly #options: GivingUpOptions;
  readonly #unfinished: Unfinished;
  readonly #expiry: Expiry;

  constructor(options: GivingUpOptions) {
    const { store, lines, now, closing } = options;
    this.#options = options;
    this.farewells = new Farewells({
      store,
      now,
      signal: closing,
      say: async ({ device, transfer, wake }, signal) => {
        await lines.cancel({ device, transfer }, wake === null ? [] : [wake], signal);
      },
    });
    this.#unfinished = new Unfinished({ ...options, farewells: this.farewells });
    this.#expiry = new Expiry({ store, now, signal: closing, end: (id) => this.#expire(id) });
    const stop = store.wishes.watch((id, by) => {
      this.#fulfil(id, by);
    });
    closing.addEventListener('abort', stop);
  }

  /** This process can be reached: it tells whom it has something to tell, and looks what has been idle for too long. */
  start(): void {
    this.farewells.meetAll();
    this.#expiry.start();
  }

  /** Resolves once nothing of this is under way. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all([this.farewells.settled(), this.#expiry.settled()]);
  }

  /** As `Engine.moveTransfer`. */
  async move(id: TransferId, into: string): Promise<boolean> {
    const transfer = this.#options.running.get(id);
    if (transfer === undefined) return await this.#unfinished.move(id, into);
    if (transfer.direction !== 'receive') throw new SealaneError('unknown-transfer');
    return await transfer.move(into);
  }

  /** As `Engine.cancelUnfinished`. */
  async cancel(id: TransferId): Promise<EndedUnfinished> {
    const { running } = this.#options;
    const transfer = running.get(id);
    if (transfer === undefined) return await this.#unfinished.cancel(id);
    await this.give(transfer, 'cancelled');
    await running.ended(id);
    return await this.#unfinished.told(transfer.live.view);
  }

  /**
   * Gives up a transfer that this process works on: noted before anybody hears of it. What comes of that is seen. Never rejects: what
   * cannot be noted is given up all the same.
   */
  async give(transfer: Outgoing | Incoming, reason: ErrorCode): Promise<void> {
    const { live } = transfer;
    await transfer.noteGivenUp(reason);
    if (!live.isOver) live.end(new SealaneError(reason));
    // It had ended by itself while that was written: where all had arrived, giving it up came too late.
    else await this.tell(transfer);
  }

  /** Tells the other device of the end of a transfer, where it has to hear of it, and can be reached now. Never rejects. */
  async tell(transfer: Outgoing | Incoming): Promise<void> {
    const { id } = transfer.live.view;
    const before = transfer.direction === 'send' ? transfer.job.takesBack : null;
    if (before !== null) await this.farewells.tell(before.transfer);
    if (transfer.direction === 'receive' && transfer.departure.hasTold) await this.farewells.forget(id);
    else await this.farewells.tell(id);
  }

  /**
   * The other device has given this up. What is another device's is none of its business. Resolves once that is noted here, or there was
   * nothing to end. Throws `busy` where that cannot be said now.
   */
  async byPeer(device: DeviceId, id: TransferId): Promise<void> {
    const { running } = this.#options;
    const live = running.get(id)?.live;
    if (live === undefined) {
      await this.#unfinished.endByPeer(device, id);
      return;
    }
    if (live.view.device.id !== device) return;
    live.end(new SealaneError('cancelled', { fromPeer: true }));
    // One that ends here at the same time tells the other device, which waits for this.
    if (!live.isOver) await running.ended(id);
    if (!live.isOver) throw new SealaneError('busy');
    await this.#options.store.history.flush();
  }

  /** As `Engine.partialData`. */
  async partialData(id: TransferId): Promise<PartialData | null> {
    return await partialDataOf(this.#options.store.transferFolder(id));
  }

  /** Those that are unfinished, and of which the history does not know. */
  async unlisted(): Promise<readonly TransferView[]> {
    const views = await this.#unfinished.unlisted();
    return views.filter(({ id }) => !this.#options.running.has(id));
  }

  /** As `Engine.removeTransfer`. */
  async remove(id: TransferId): Promise<void> {
    const { store, running } = this.#options;
    await store.history.refresh();
    const view = store.history.list().find((known) => known.id === id);
    if (running.has(id) || (view !== undefined && !isOver(view.state)))
      throw new SealaneError('transfer-unfinished');
    if (view === undefined) throw new SealaneError('unknown-transfer');
    await takeFromHistory(store, view);
  }

  /** Another process wishes that this one ends a transfer. */
  #fulfil(id: TransferId, by: WishedBy): void {
    const transfer = this.#options.running.get(id);
    if (transfer === undefined) return;
    void this.#options.store.wishes.remove(id);
    if (by === 'me') void this.give(transfer, 'cancelled');
    else transfer.live.end(new SealaneError('cancelled', { fromPeer: true }));
  }

  async #expire(id: TransferId): Promise<void> {
    const transfer = this.#options.running.get(id);
    if (transfer === undefined) {
      await this.#unfinished.expire(id);
      return;
    }
    const isIdle = () => ['waiting', 'paused'].includes(transfer.live.view.state.kind);
    if (!isIdle()) return;
    await transfer.noteGivenUp('expired');
    // It may have gone on while that was written.
    if (isIdle()) transfer.live.end(new SealaneError('expired'));
    else if (!transfer.live.isOver) await this.farewells.forget(id);
  }
}

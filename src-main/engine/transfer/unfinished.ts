import { setTimeout as delay } from 'node:timers/promises';
import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/views.ts';
import type { TransferId, TransferState, TransferView } from '../../../shared/views.ts';
import type { EndedUnfinished } from '../api.ts';
import { detailsFile, finishPublishing } from '../content/leftover.ts';
import type { Store } from '../store/contract.ts';
import type { TransferClaim } from '../store/transfer-claim.ts';
import { TIME_UNKNOWN, received } from './arrival.ts';
import type { Farewells } from './farewells.ts';
import { givenUp } from './decided-end.ts';
import { firstState } from './first-state.ts';
import { viewOfJob } from './job-view.ts';
import { discardEnded, listJobs, loadJob, saveJob } from './jobs.ts';
import type { Job } from './job.ts';
import { takeNewFolder } from './new-folder.ts';
import { partialDataOf } from './partial-data.ts';

/** How long another process may take to let go of a transfer that is to end, in ms: it tells the other device meanwhile. */
const RELEASE_MS = 15_000;
const LOOK_MS = 100;

export interface UnfinishedOptions {
  readonly store: Store;
  readonly farewells: Farewells;
  readonly onChange: (view: TransferView) => void;
  /** How long another process may take to react to a wish, in ms. Default: ten seconds. */
  readonly reactionMs?: number | undefined;
}

/** Why a transfer is ended that nobody works on: given up here, or by the other device, whose others are none of its business. */
type Ending = { readonly reason: ErrorCode } | { readonly byPeer: DeviceId };

/** Transfers that were left unfinished and that this process does not work on: they are listed and ended here. */
export class Unfinished {
  readonly #options: UnfinishedOptions;

  constructor(options: UnfinishedOptions) {
    this.#options = options;
  }

  /** Those of which the history does not know: their process was killed before it came to that. Throws `profile-unusable`. */
  async unlisted(): Promise<readonly TransferView[]> {
    const { store } = this.#options;
    const jobs = await listJobs(store);
    await store.history.refresh();
    const known = new Set(store.history.list().map(({ id }) => id));
    return jobs.filter(({ id }) => !known.has(id)).map((job) => viewOfJob(store, job));
  }

  /**
   * Ends a transfer as cancelled by this user, also one that another process has: that one is asked to. Throws `unknown-transfer`,
   * `transfer-held`, `profile-unusable`.
   */
  async cancel(id: TransferId): Promise<EndedUnfinished> {
    const claim = await this.#claimFromOthers(id);
    const view = claim === undefined ? this.#find(id) : await this.#end(claim, { reason: 'cancelled' });
    if (view === undefined) throw new SealaneError('unknown-transfer');
    return await this.told(view);
  }

  /**
   * Gives a transfer that is received another folder. Gives whether nothing is left in the old one. Throws `unknown-transfer`,
   * `transfer-held`, and what `takeNewFolder` throws.
   */
  async move(id: TransferId, into: string): Promise<boolean> {
    const { store, onChange } = this.#options;
    const claim = await store.claimTransfer(id);
    if (claim === undefined) throw new SealaneError('transfer-held');
    try {
      const job = await loadJob(store, claim);
      if (job?.direction !== 'receive') throw new SealaneError('unknown-transfer');
      const { bytes } = job.offer;
      const isClean = await takeNewFolder({ into, bytes, journalFolder: claim.folder }, (chosen) =>
        saveJob(claim, { ...job, ...chosen, moves: job.moves + 1 }),
      );
      const view = { ...viewOfJob(store, job), state: firstState(job, job.offer, undefined, undefined) };
      await store.history.put(view);
      onChange(view);
      return isClean;
    } finally {
      await claim.release();
    }
  }

  /** How a transfer has ended, and what there is still to be done about it. */
  async told(view: TransferView): Promise<EndedUnfinished> {
    const { store, farewells } = this.#options;
    const isTold = await farewells.tell(view.id);
    return { transfer: view, isTold, leftover: await partialDataOf(store.transferFolder(view.id)) };
  }

  /** Ends a transfer because nothing has happened to it for so long. Nothing is done where another process has it. Throws `profile-unusable`. */
  async expire(id: TransferId): Promise<void> {
    const claim = await this.#options.store.claimTransfer(id);
    if (claim === undefined) return;
    const view = await this.#end(claim, { reason: 'expired' });
    if (view !== undefined) await this.#options.farewells.tell(id);
  }

  /** The other device has given a transfer up. Throws `busy` where another process has it, which is asked to end it; `profile-unusable`. */
  async endByPeer(device: DeviceId, id: TransferId): Promise<void> {
    const { store } = this.#options;
    const claim = await store.claimTransfer(id);
    if (claim === undefined) {
      if (this.#find(id)?.device.id === device) await store.wishes.put(id, 'peer');
      throw new SealaneError('busy');
    }
    await this.#end(claim, { byPeer: device });
  }

  /** The right to end a transfer; undefined where another process has ended it, and still has it. Throws `transfer-held`. */
  async #claimFromOthers(id: TransferId): Promise<TransferClaim | undefined> {
    const { store, reactionMs = 10_000 } = this.#options;
    const begun = performance.now();
    try {
      for (let isAsked = false; ; isAsked = true) {
        const claim = await store.claimTransfer(id);
        if (claim !== undefined) return claim;
        await store.history.refresh();
        const known = this.#find(id);
        const hasEnded = known !== undefined && isOver(known.state);
        const waited = performance.now() - begun;
        if (hasEnded && waited > RELEASE_MS) return undefined;
        if (!hasEnded && isAsked && waited > reactionMs) throw new SealaneError('transfer-held');
        // Whoever takes it up in between takes back the wishes that were there before.
        if (!hasEnded) await store.wishes.put(id, 'me');
        await delay(LOOK_MS);
      }
    } finally {
      await store.wishes.remove(id);
    }
  }

  #find(id: TransferId): TransferView | undefined {
    return this.#options.store.history.list().find((view) => view.id === id);
  }

  /** Undefined where there is nothing to end; the view as it is where it has ended. Releases the claim. */
  async #end(claim: TransferClaim, ending: Ending): Promise<TransferView | undefined> {
    const { store, onChange } = this.#options;
    const { id } = claim;
    try {
      await store.history.refresh();
      const job = await loadJob(store, claim);
      const known = this.#find(id) ?? (job === undefined ? undefined : viewOfJob(store, job));
      if (known === undefined || ('byPeer' in ending && known.device.id !== ending.byPeer)) return undefined;
      if (isOver(known.state)) {
        await discardEnded(claim);
        return known;
      }
      // All of it had arrived, and was being put under its name: giving that up comes too late.
      const published = await finishPublishing(claim.folder);
      if (published !== null) await store.details.take(id, detailsFile(claim.folder));
      else if ('reason' in ending) await this.#noteFarewells(known, job, ending.reason);
      const state = published === null ? stateOf(ending) : received(published, TIME_UNKNOWN);
      const ended = { ...known, recorded: true, state };
      await store.history.put(ended);
      await discardEnded(claim);
      onChange(ended);
      return ended;
    } finally {
      await claim.release();
    }
  }

  async #noteFarewells({ id, device }: TransferView, job: Job | undefined, reason: ErrorCode): Promise<void> {
    const { farewells } = this.#options;
    if (job === undefined) await farewells.note({ transfer: id, device: device.id, reason, wake: null });
    else await farewells.noteJob(job, reason);
  }
}

function stateOf(ending: Ending): TransferState {
  return 'reason' in ending ? givenUp(ending.reason) : { kind: 'cancelled', by: 'peer' };
}

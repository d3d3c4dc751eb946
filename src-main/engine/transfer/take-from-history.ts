import { setTimeout as delay } from 'node:timers/promises';
import { SealaneError } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/views.ts';
import type { TransferId, TransferView } from '../../../shared/views.ts';
import type { Store } from '../store/contract.ts';
import type { TransferClaim } from '../store/transfer-claim.ts';
import { discardEnded } from './jobs.ts';

type Kept = Pick<Store, 'history' | 'claimTransfer' | 'transferIds'>;

/** How long what has a claim on a transfer that is over may take to let it go, and how often that is looked at, in ms. */
const RELEASE_MS = 2_000;
const LOOK_MS = 50;

async function claimOver(store: Kept, id: TransferId): Promise<TransferClaim> {
  const begun = performance.now();
  for (;;) {
    const claim = await store.claimTransfer(id);
    if (claim !== undefined) return claim;
    if (performance.now() - begun > RELEASE_MS) throw new SealaneError('transfer-held');
    await delay(LOOK_MS);
  }
}

/**
 * Takes a transfer that is over from the history, with what may be left of it: without its end in the history, that would be gone on
 * with. Throws `transfer-held`, `profile-unusable`; then it stays.
 */
export async function takeFromHistory(store: Kept, view: TransferView): Promise<void> {
  const claim = await claimOver(store, view.id);
  try {
    await discardEnded(claim);
    await store.history.remove([view]);
  } finally {
    await claim.release();
  }
}

/**
 * Takes all transfers that are over from the history, but for those that `isRunning`. Throws `transfer-held`, `profile-unusable`; then all
 * that could be taken is gone.
 */
export async function clearHistory(store: Kept, isRunning: (id: TransferId) => boolean): Promise<void> {
  await store.history.refresh();
  const ended = store.history.list().filter(({ id, state }) => isOver(state) && !isRunning(id));
  const leftovers = new Set(await store.transferIds());
  await store.history.remove(ended.filter(({ id }) => !leftovers.has(id)));
  const failures: unknown[] = [];
  for (const view of ended) {
    if (!leftovers.has(view.id)) continue;
    await takeFromHistory(store, view).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

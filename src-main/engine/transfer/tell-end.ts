import type { TransferDetail, TransferState } from '../../../shared/views.ts';
import { completeOf } from './arrival.ts';
import type { TransferChannel } from './greeting.ts';

/** All that was left out or renamed, some at a time. */
export type DetailPages = AsyncIterable<readonly TransferDetail[]>;

/**
 * Tells the sender how a transfer has ended here; where that lists not all that was left out or renamed, all of it first, as far as
 * it is kept. False where it did not come to its end by itself: then nothing was told. Throws what ended the line.
 */
export async function tellEnd(
  channel: TransferChannel,
  state: TransferState,
  pages: () => DetailPages,
): Promise<boolean> {
  const complete = completeOf(state);
  if (complete === undefined) return false;
  const { skipped, skippedCount, renamed, renamedCount } = complete;
  if (skipped.length < skippedCount || renamed.length < renamedCount) {
    for await (const details of pages())
      if (details.length > 0) await channel.send('listed', listed(details));
  }
  await channel.send('complete', complete);
  return true;
}

/** As `tellEnd`, and ends the line by it. Never rejects. */
export async function tellEndAndClose(
  channel: TransferChannel,
  state: TransferState,
  pages: () => DetailPages,
): Promise<void> {
  await tellEnd(channel, state, pages).catch(() => undefined);
  await channel.close();
}

function listed(details: readonly TransferDetail[]) {
  return {
    renamed: details.flatMap((each) => (each.kind === 'renamed' ? [{ from: each.from, to: each.to }] : [])),
    skipped: details.flatMap((each) =>
      each.kind === 'skipped' ? [{ path: each.path, reason: each.reason }] : [],
    ),
  };
}

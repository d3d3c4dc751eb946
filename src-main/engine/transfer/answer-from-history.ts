import { ERRORS, SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/views.ts';
import type { TransferState, TransferView } from '../../../shared/views.ts';
import type { TransferChannel } from './greeting.ts';
import { completeOf } from './arrival.ts';
import { canGoOn } from './retry.ts';

/**
 * The sender asks about a transfer that the history has. One that has ended stays as it is: no offer makes a new one under its id,
 * which would hide it, and take its place. True when it was answered, false when the transfer has not ended.
 */
export async function answerFromHistory({ state }: TransferView, channel: TransferChannel): Promise<boolean> {
  if (!isOver(state)) return false;
  const complete = completeOf(state);
  if (complete !== undefined) {
    await channel.send('complete', complete);
    await channel.close();
    return true;
  }
  await channel.refuse(new SealaneError(endingCode(state)));
  return true;
}

/** What ends the transfer for the sender, too: it would wait, and ask again for ever, after what may pass. */
function endingCode(state: TransferState): ErrorCode {
  if (state.kind === 'declined') return 'declined';
  if (state.kind !== 'failed') return 'cancelled';
  const { code } = state.error;
  if (canGoOn(new SealaneError(code, { fromPeer: true }))) return 'cancelled';
  return ERRORS[code].wire === undefined ? 'content-mismatch' : code;
}

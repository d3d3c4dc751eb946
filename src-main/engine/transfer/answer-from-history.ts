import type { DeviceId } from '../../../shared/device-id.ts';
import { ERRORS, SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/views.ts';
import type { TransferId, TransferState } from '../../../shared/views.ts';
import type { Store } from '../store/contract.ts';
import type { TransferChannel } from './greeting.ts';
import { canGoOn } from './retry.ts';
import { tellEnd } from './tell-end.ts';
import type { DetailPages } from './tell-end.ts';

/**
 * A device offers something under this id. Where the history has the end of that, it stays as it is: no offer makes a new one under its
 * id, which would hide it, and take its place. True when it was answered, false when there is nothing that has ended. Call under a
 * claim, which keeps other processes from ending it meanwhile. Throws `content-mismatch` for an id that is taken.
 */
export async function answerFromHistory(
  { history, details, farewells }: Pick<Store, 'history' | 'details' | 'farewells'>,
  { device, id }: { readonly device: DeviceId; readonly id: TransferId },
  channel: TransferChannel,
): Promise<boolean> {
  await history.refresh();
  const known = history.find({ id, direction: 'receive', device: { id: device } });
  // A transfer with another device, or one of our own: it stays what it was, and alone under its id.
  if (known === undefined && history.list().some((other) => other.id === id))
    throw new SealaneError('content-mismatch', { detail: 'an id that is taken' });
  const isGivenUp = (await farewells.get(id))?.device === device;
  if (known !== undefined) {
    if (!(await answerEnded(known.state, () => details.pages(id), channel))) return false;
  } else if (isGivenUp) {
    // Its user has cleared the history since.
    await channel.refuse(new SealaneError('cancelled'));
  } else return false;
  // It has asked, and should it forget the answer by a kill, it asks again.
  await farewells.remove(id);
  return true;
}

async function answerEnded(
  state: TransferState,
  pages: () => DetailPages,
  channel: TransferChannel,
): Promise<boolean> {
  if (!isOver(state)) return false;
  if (await tellEnd(channel, state, pages)) {
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
  // To the other device it makes no difference why this one has given it up.
  if (code === 'expired') return 'cancelled';
  if (canGoOn(new SealaneError(code, { fromPeer: true }))) return 'cancelled';
  return ERRORS[code].wire === undefined ? 'content-mismatch' : code;
}

import { SealaneError } from '../../../shared/errors.ts';
import type { TransferView } from '../../../shared/views.ts';
import type { TransferChannel } from './greeting.ts';
import { completeOf } from './incoming.ts';

/** The sender asks about a transfer that has ended here. True when it was answered. */
export async function answerFromHistory({ state }: TransferView, channel: TransferChannel): Promise<boolean> {
  if (state.kind === 'done') {
    await channel.send('complete', completeOf(state.outcome));
    await channel.close();
    return true;
  }
  if (state.kind === 'cancelled') {
    await channel.refuse(new SealaneError('cancelled'));
    return true;
  }
  return false;
}

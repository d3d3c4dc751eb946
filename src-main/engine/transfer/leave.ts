import { SealaneError } from '../../../shared/errors.ts';
import type { TransferState } from '../../../shared/views.ts';
import type { TransferChannel } from './greeting.ts';
import { canGoOn } from './retry.ts';

/** Ends a connection for a reason of this side, as the peer knows it. Being closed is no reason to tell: to the peer the line is lost, and it waits. */
export async function leave(channel: TransferChannel, reason: SealaneError): Promise<void> {
  if (reason.code === 'interrupted') await channel.close();
  else if (reason.code === 'expired') await channel.refuse(new SealaneError('cancelled'));
  else await channel.refuse(reason);
}

/** Whether a transfer is given up at its receiver of which everything may be under its name already. */
export function mayBeTooLate(state: TransferState, { code, fromPeer }: SealaneError): boolean {
  return state.kind === 'finishing' && code === 'cancelled' && !fromPeer;
}

/** Leaves connections of one transfer, and knows whether the peer was there to hear that it is over. */
export class Departure {
  #hasTold = false;

  get hasTold(): boolean {
    return this.#hasTold;
  }

  /** As `leave`. */
  async leave(channel: TransferChannel, reason: SealaneError): Promise<void> {
    // After anything else the transfer goes on.
    if (!canGoOn(reason)) this.#hasTold ||= channel.isOpen;
    await leave(channel, reason);
  }
}

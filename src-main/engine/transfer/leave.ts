import { SealaneError } from '../../../shared/errors.ts';
import type { TransferChannel } from './greeting.ts';

/** Ends a connection for a reason of this side, as the peer knows it. Being closed is no reason to tell: to the peer the line is lost, and it waits. */
export async function leave(channel: TransferChannel, reason: SealaneError): Promise<void> {
  if (reason.code === 'interrupted') await channel.close();
  else if (reason.code === 'expired') await channel.refuse(new SealaneError('cancelled'));
  else await channel.refuse(reason);
}

import type { SealaneError } from '../../../shared/errors.ts';
import type { TransferChannel } from './greeting.ts';

/** Ends a connection for a reason of this side. Being closed is no reason to tell: to the peer the line is lost, and it waits. */
export async function leave(channel: TransferChannel, reason: SealaneError): Promise<void> {
  if (reason.code === 'interrupted') await channel.close();
  else await channel.refuse(reason);
}

import type { Engine } from '../../src-main/engine/index.ts';
import type { TransferId } from '../../shared/views.ts';
import { acceptOffer, offerTo, transferIn } from './engines.ts';
import type { Proxy } from './proxy.ts';

interface HalfWay {
  readonly sender: Engine;
  readonly receiver: Engine;
  /** What the sender has begun to send through `line`. */
  readonly id: TransferId;
  readonly line: Proxy;
  /** How many bytes cross before the sender goes. */
  readonly bytes: number;
}

/** Accepts what is offered, and ends the sending engine with a part of it across: the receiver waits. */
export async function leaveHalfWay({ sender, receiver, id, line, bytes }: HalfWay): Promise<void> {
  const offer = await offerTo(receiver, id);
  const half = line.reached(line.forwarded + bytes);
  await acceptOffer(receiver, offer);
  await half;
  line.slow();
  const waiting = transferIn(receiver, ['waiting'], id);
  await sender.close();
  await waiting;
}

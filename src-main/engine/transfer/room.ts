import { SealaneError } from '../../../shared/errors.ts';
import type { Incoming } from './incoming.ts';

/** Transfers one device may have open towards this one: connected, or being asked about. Each takes a worker. */
export const MAX_INBOUND_PER_DEVICE = 8;

/**
 * Transfers from one device that may be unfinished here, open ones among them. What waits for its sender costs a record and what has
 * arrived of it, and is below what the history keeps of a device.
 */
export const MAX_UNFINISHED_PER_DEVICE = 100;

/** Throws `busy` where that is for what runs, and `offers-open` where it is for unanswered offers. */
function checkRoom(taken: readonly Incoming[]): void {
  if (taken.length < MAX_INBOUND_PER_DEVICE) return;
  throw new SealaneError(taken.some(({ isAgreed }) => !isAgreed) ? 'offers-open' : 'busy');
}

/**
 * Whether a connection to what a device has offered before may be taken up: however many wait, no more of them run at a time than may
 * be new. What was agreed to is not held up by unanswered questions. `incoming`: all of its transfers here. Throws
 * `busy`, `offers-open`.
 */
export function checkAgain(transfer: Pick<Incoming, 'isAgreed'>, incoming: readonly Incoming[]): void {
  const others = incoming.filter((other) => other !== transfer && other.isOpen);
  checkRoom(others.filter(({ isAgreed }) => isAgreed || !transfer.isAgreed));
}

/** Whether a device may begin one more transfer, with these of its own here. Throws `busy`, `offers-open`, `too-many-unfinished`. */
export function checkNew(incoming: readonly Incoming[]): void {
  checkRoom(incoming.filter(({ isOpen }) => isOpen));
  if (incoming.filter(({ live }) => !live.isOver).length >= MAX_UNFINISHED_PER_DEVICE)
    throw new SealaneError('too-many-unfinished');
}

import { SealaneError } from '../../../shared/errors.ts';
import type { Incoming } from './incoming.ts';

/** Transfers one device may have open towards this one: connected, or being asked about. Each takes a worker. */
export const MAX_INBOUND_PER_DEVICE = 8;

/**
 * Transfers from one device that may be unfinished here, open ones among them. What waits for its sender costs a record and what has
 * arrived of it, and is below what the history keeps of a device.
 */
export const MAX_UNFINISHED_PER_DEVICE = 100;

/** Whether one more connection of a device may be taken up. `others`: its other transfers. Throws `busy`. */
export function checkOpen(others: readonly Incoming[]): void {
  if (others.filter(({ isOpen }) => isOpen).length >= MAX_INBOUND_PER_DEVICE) throw new SealaneError('busy');
}

/** Whether a device may begin one more transfer, with these of its own here. Throws `busy`, `too-many-unfinished`. */
export function checkNew(incoming: readonly Incoming[]): void {
  checkOpen(incoming);
  if (incoming.filter(({ live }) => !live.isOver).length >= MAX_UNFINISHED_PER_DEVICE)
    throw new SealaneError('too-many-unfinished');
}

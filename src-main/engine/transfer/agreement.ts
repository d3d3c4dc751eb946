import { isDeepStrictEqual } from 'node:util';
import type { Offer } from './greeting.ts';

/** How often everything may be counted: each time that a connection is lost, all that changed meanwhile is counted once more. */
const MAX_TIMES = 8;

/** What files that changed may have grown by beyond that, in bytes. */
const GROWTH_BYTES = 1024 * 1024 * 1024;

/**
 * Whether an offer that goes on with a transfer still is the one that was agreed to. Files that changed meanwhile are counted once
 * more, and may have grown; but a yes to a letter is none to a library, whatever id that comes under.
 */
export function isWithinAgreement(agreed: Offer, offer: Offer): boolean {
  return (
    isDeepStrictEqual(offer.names, agreed.names) &&
    offer.itemCount === agreed.itemCount &&
    offer.folders === agreed.folders &&
    offer.files <= agreed.files * MAX_TIMES &&
    offer.bytes <= agreed.bytes * MAX_TIMES + GROWTH_BYTES
  );
}

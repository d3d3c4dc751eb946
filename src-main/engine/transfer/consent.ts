import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_OFFER_NAMES } from '../../../shared/limits.ts';
import { isHiddenName } from '../../../shared/marks.ts';
import { offerDigestSchema } from '../../../shared/views.ts';
import type { OfferDigest } from '../../../shared/views.ts';
import { encodeCbor } from '../codec/cbor.ts';
import { MAX_TIMES, maxGrown } from '../files/agreed-bounds.ts';
import type { Offer } from './greeting.ts';

/** SHA-256 over the offer's message body, in hexadecimal: the same for two offers only if they are the same in every field. */
export function offerDigest(offer: Offer): OfferDigest {
  return offerDigestSchema.parse(createHash('sha256').update(encodeCbor(offer)).digest('hex'));
}

/** A folder to receive into, as it was chosen. */
export interface ChosenFolder {
  /** Absolute path. */
  readonly destination: string;
  /** What `mountPointOf` said of it then. */
  readonly mountPoint?: string | null;
}

/** A yes, as the transfer's job has it. */
export interface KeptYes extends ChosenFolder {
  readonly offer: Offer;
  /** How often the user has given the transfer another folder since. */
  readonly moves: number;
}

/**
 * A yes: to this offer, into this folder. It is made where the user or the policy answers, from the offer that was looked at, and
 * again from the job that was saved with it. `permit` is the only way from an offer to a receive, so no code path can take a yes
 * to one offer for a yes to another, whatever happens between the answer and the accept.
 */
export class Consent {
  /** What was shown, or what the policy judged. */
  readonly offer: Offer;
  /** Absolute path of the folder to receive into. */
  readonly destination: string;
  /** Where the disk was mounted that the folder was on when it was chosen; null where that is not known. */
  readonly mountPoint: string | null;
  /** How often the user has given the transfer another folder since the yes. */
  readonly moves: number;
  /** Whether content may have come under this consent on an earlier connection, so that changed files are counted again. */
  readonly #begun: boolean;

  private constructor(
    offer: Offer,
    { destination, mountPoint = null }: ChosenFolder,
    { begun, moves }: { readonly begun: boolean; readonly moves: number },
  ) {
    this.offer = offer;
    this.destination = destination;
    this.mountPoint = mountPoint;
    this.moves = moves;
    this.#begun = begun;
  }

  /** The answer to an offer that is being asked about. */
  static given(offer: Offer, folder: ChosenFolder): Consent {
    return new Consent(offer, folder, { begun: false, moves: 0 });
  }

  /** The answer that was given before, as the transfer's job has it. */
  static kept(job: KeptYes): Consent {
    return new Consent(job.offer, job, { begun: true, moves: job.moves });
  }

  /**
   * Holds an offer against this consent, on every connection: the same offer, or, once content may have come, one that differs by
   * files that changed meanwhile. Throws `content-mismatch` for any other.
   */
  permit(offer: Offer): PermittedOffer {
    const isPermitted = this.#begun ? isWithin(this.offer, offer) : isDeepStrictEqual(this.offer, offer);
    if (!isPermitted) throw new SealaneError('content-mismatch', { detail: 'another offer' });
    return { [permitted]: true, offer, consent: this, maxKeptBytes: maxGrown(this.offer.bytes) };
  }
}

/** Only this module can name the key, so only `Consent.permit` can make a PermittedOffer. */
const permitted: unique symbol = Symbol('permitted');

/** An offer that `Consent.permit` has found to be covered. What receives content demands one. */
export interface PermittedOffer {
  readonly [permitted]: true;
  readonly offer: Offer;
  readonly consent: Consent;
  /** What may lie in the destination in the end, in bytes. */
  readonly maxKeptBytes: number;
}

/**
 * Whether an offer that goes on with a transfer is the one that was agreed to, with files that changed meanwhile counted once more.
 * The same items, folders, programs and hidden names: newer versions have the names and marks of the first ones.
 */
function isWithin(agreed: Offer, offer: Offer): boolean {
  return (
    isDeepStrictEqual(offer.items, agreed.items) &&
    offer.itemCount === agreed.itemCount &&
    offer.folders === agreed.folders &&
    offer.files <= agreed.files * MAX_TIMES &&
    offer.hidden === agreed.hidden &&
    offer.programs === agreed.programs &&
    offer.bytes <= maxGrown(agreed.bytes) * MAX_TIMES
  );
}

/**
 * An offer shows as many of its items as there is room for, so that none is only counted that could be shown; each of them is one of
 * its files and folders, and those that are shown as hidden or as programs are among the ones it counts. Throws `frame-malformed`.
 */
export function checkShown(offer: Offer): void {
  const { items, itemCount, files, folders, hidden, programs } = offer;
  if (items.length !== Math.min(itemCount, MAX_OFFER_NAMES)) throw malformed('items that are not shown');
  if (itemCount > files + folders) throw malformed('items that are neither files nor folders');
  if (hidden < items.filter(({ name }) => isHiddenName(name)).length)
    throw malformed('hidden items not counted');
  if (programs < items.filter(({ program }) => program).length) throw malformed('programs not counted');
}

function malformed(detail: string): SealaneError {
  return new SealaneError('frame-malformed', { detail });
}

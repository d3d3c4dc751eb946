import { SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { FOLDER_CODES } from '../../../shared/received-folder.ts';

/** The line or the other device is not there: it may come back. */
const LINE: readonly ErrorCode[] = [
  'unreachable',
  'connection-lost',
  'connection-stalled',
  'busy',
  'offers-open',
  'too-fast',
  'not-receiving',
  'interrupted',
];

/** A disk stands in the way, the receiver's or one with a profile on it: its user can do something about that. */
const DISK: readonly ErrorCode[] = [...FOLDER_CODES, 'profile-unusable'];

/** Somebody else answers where the other device was: it may come back, or be found elsewhere. Nothing was said to whoever it is. */
const OTHERS: readonly ErrorCode[] = ['peer-key-mismatch', 'tls-failed'];

/** What the other device alone can say. Where it was not the other device, it has not been said, and nothing is known. */
const ITS_WORD: readonly ErrorCode[] = ['not-trusted'];

/** Whether a transfer that content has flowed in, or may have, goes on by itself after this. */
export function canGoOn({ code, fromPeer }: SealaneError): boolean {
  if (ITS_WORD.includes(code)) return !fromPeer;
  return [...LINE, ...DISK, ...OTHERS, 'paused'].includes(code);
}

/** Whether a sender ends for what its receiver has said wrongly: such a one is not dialled only to hear of it. */
export function isFaultOfPeer({ code }: SealaneError): boolean {
  return code.startsWith('frame-') || code === 'content-mismatch';
}

/** Whether a peer that says this has the transfer, and it goes on: what is about the line or other transfers says nothing of it. */
export function isAboutTransfer({ code }: SealaneError): boolean {
  return code === 'paused' || DISK.includes(code);
}

/**
 * Whether a transfer of which no yes has come is offered again after this. A receiver that says what is wrong with its folder has said
 * yes, or it would be asking its user still. `mayBeAgreed`: a yes may have been lost on its way; then the receiver waits for whichever
 * disk it is, and is waited for.
 */
export function canOfferAgain(
  { code, fromPeer }: SealaneError,
  { mayBeAgreed }: { readonly mayBeAgreed: boolean },
): boolean {
  if (ITS_WORD.includes(code)) return !fromPeer;
  if (FOLDER_CODES.includes(code)) return fromPeer || mayBeAgreed;
  return [...LINE, ...OTHERS, 'paused'].includes(code) || (mayBeAgreed && DISK.includes(code));
}

/**
 * What a receiver's connection has ended with. Of this computer's folders and free space a sender knows nothing: what is in the way
 * when it says so is a disk of its own.
 */
export function ofSender(reason: SealaneError): SealaneError {
  if (!reason.fromPeer || !FOLDER_CODES.includes(reason.code)) return reason;
  return new SealaneError('profile-unusable', { cause: reason, fromPeer: true });
}

import type { ErrorCode } from '../../../shared/errors.ts';
import type { ContentReceiver, ReceiveSummary } from '../content/contract.ts';
import type { Address } from '../store/contract.ts';
import type { ChosenFolder, Consent } from './consent.ts';
import type { Offer, TransferChannel } from './greeting.ts';
import type { ReceiveJob } from './job.ts';
import type { LiveTransfer } from './live-transfer.ts';
import type { DetailPages } from './tell-end.ts';

/** The user's or the policy's answer: a yes holds the offer that it was given for. */
export type Decision =
  | {
      readonly accept: true;
      readonly consent: Consent;
      /** What follows where its folder cannot be used: whoever said yes is asked once more, or it waits until the folder can. */
      readonly whenUnusable: 'ask' | 'wait';
    }
  | { readonly accept: false };

/** A connection on which the sender has just made its offer. */
export interface Joined {
  readonly channel: TransferChannel;
  readonly offer: Offer;
}

export interface IncomingOptions {
  readonly live: LiveTransfer;
  /** What is asked about, or was agreed to. */
  readonly offer: Offer;
  /** What is known of it from before, if it was accepted before. */
  readonly job: ReceiveJob | undefined;
  /** The job for a new transfer that is accepted. */
  readonly jobFor: (consent: Consent) => Omit<ReceiveJob, 'wake'>;
  /** Where the process that is sending now could be told that this device is back; null when it did not say. */
  readonly wakeAddress: () => Address | null;
  readonly journalFolder: string;
  /** A fresh worker. */
  readonly createContent: () => ContentReceiver;
  /** Writes the job; it is on disk when this resolves. */
  readonly save: (job: ReceiveJob) => Promise<void>;
  /** Brings what was being put under its name to its end, and gives what it comes to; else null. */
  readonly finishPublishing: () => Promise<ReceiveSummary | null>;
  /** Removes what an interrupted connection left in the destination. */
  readonly discardLeftover: () => Promise<void>;
  /** Resolves once the history has the transfer's end on disk; rejects where that cannot be written. */
  readonly noteEnd: () => Promise<void>;
  /** All that was left out or renamed, as it is kept then. */
  readonly details: () => DetailPages;
  /** Notes that the job is given up, for the sender to hear of. Throws `profile-unusable`. */
  readonly noteGivenUp: (job: ReceiveJob, reason: ErrorCode) => Promise<void>;
  /** Gives the transfer another folder, and removes what is here: see `takeNewFolder`. */
  readonly takeNewFolder: (
    into: string,
    note: (chosen: Required<ChosenFolder>) => Promise<void>,
  ) => Promise<boolean>;
  /** Tells the sender that it may go on, when this side's user resumes. */
  readonly wakeSender: () => void;
}

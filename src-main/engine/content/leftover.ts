import { discardStagingAsync } from '../files/discard-staging.ts';
import { sideFiles } from '../files/staging.ts';
import { standingOf, sweepIntended } from '../files/staging-folder.ts';
import type { StagingPlace } from '../files/staging-folder.ts';
import type { ReceiveSummary } from './contract.ts';
import { Journal } from './journal.ts';
import type { ReceiveEvent, ReceiveNotice, ReceiveReply, ReceiveRequest } from './port-messages.ts';
import { WorkerLink } from './worker-link.ts';
import { workerUrl } from './worker-url.ts';

/**
 * Removes what an interrupted transfer left in its destination, as far as the journal in `journalFolder`
 * names it and it is still the same, and then the journal. Nothing else is ever deleted, what was published
 * least of all. Not while the transfer is running. Gives whether nothing is left: where the medium is not
 * there now, or does not allow it, all stays, and the journal with it, to be removed later. Rejects with
 * `profile-unusable` where the journal cannot be read now: then all stays, too.
 */
export async function discardJournaled(journalFolder: string): Promise<boolean> {
  const { header, intent } = Journal.peek(journalFolder);
  if (header !== undefined) {
    await discardStagingAsync(header.place);
    if (standingOf(header.place) !== 'gone') return false;
  }
  if (intent !== undefined) sweepIntended(intent);
  Journal.remove(journalFolder);
  return true;
}

/** Whether all of a transfer has arrived, and is being put under its name, or has been. */
export function hasAllArrived(journalFolder: string): Promise<boolean> {
  return Journal.hasBegunToPublish(journalFolder);
}

/** Where what has arrived of an unfinished transfer lies; undefined where nothing has. Throws `profile-unusable`. */
export function journaledPlace(journalFolder: string): StagingPlace | undefined {
  return Journal.peek(journalFolder).header?.place;
}

/** Where all that was left out or renamed is listed, once a transfer was published. */
export function detailsFile(journalFolder: string): string {
  return sideFiles(journalFolder).details;
}

/**
 * As `discardJournaled`, but leaves everything where it has begun to be put under its name: that is for
 * `finishPublishing`.
 */
export async function discardUnpublished(journalFolder: string): Promise<void> {
  if (!(await Journal.hasBegunToPublish(journalFolder))) await discardJournaled(journalFolder);
}

/**
 * Puts the rest of a transfer under its name, where that had begun: all of it had arrived, so giving it up
 * comes too late. Gives what it comes to, also where nothing was left to be done; null where it had not
 * begun, or cannot be brought to its end now. The journal stays. Not while the transfer is running. Never
 * rejects. A worker does it: the calls that it takes are as many as there are top-level items, and files.
 */
export async function finishPublishing(journalFolder: string): Promise<ReceiveSummary | null> {
  if (!(await Journal.hasBegunToPublish(journalFolder))) return null;
  const link = new WorkerLink<ReceiveRequest, ReceiveNotice, ReceiveReply, ReceiveEvent>(
    workerUrl('receive-worker'),
    { event: () => undefined, lost: () => undefined },
  );
  try {
    const { summary } = await link.request({ kind: 'finish', journalFolder }, (reply) =>
      reply.kind === 'finished' ? reply : undefined,
    );
    return summary;
  } catch {
    return null;
  } finally {
    await link.end();
  }
}

import { discardStagingAsync } from '../files/discard-staging.ts';
import { nodeDisk } from '../files/disk.ts';
import { findAgain, reopenPublication } from '../files/reopen.ts';
import { sideFiles } from '../files/staging.ts';
import { standingOf, sweepIntended } from '../files/staging-folder.ts';
import type { StagingPlace } from '../files/staging-folder.ts';
import type { ReceiveSummary } from './contract.ts';
import { Journal } from './journal.ts';
import type { OpenedJournal } from './journal.ts';
import { withoutLost } from './lost-since.ts';
import { endPublication } from './reception.ts';

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
 * rejects.
 */
export async function finishPublishing(journalFolder: string): Promise<ReceiveSummary | null> {
  try {
    if (!(await Journal.hasBegunToPublish(journalFolder))) return null;
    const opened = Journal.open(journalFolder);
    return opened === undefined ? null : await finish(opened);
  } catch {
    return null;
  }
}

/** Closes the journal. */
async function finish({ journal, state }: OpenedJournal): Promise<ReceiveSummary | null> {
  try {
    if (state.phase === 'published') return await endPublication(null, journal, state);
    const { place } = state.header;
    const folder = findAgain(place);
    const publication = folder === null ? null : reopenPublication(place, folder, nodeDisk);
    if (publication === null) return null;
    try {
      return await endPublication(publication, journal, withoutLost(publication, journal, state));
    } finally {
      publication.close();
    }
  } finally {
    journal.close();
  }
}

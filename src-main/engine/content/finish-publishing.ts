import { nodeDisk } from '../files/disk.ts';
import { findAgain, reopenPublication } from '../files/reopen.ts';
import type { ReceiveSummary } from './contract.ts';
import { Journal } from './journal.ts';
import type { OpenedJournal } from './journal.ts';
import { withoutLost } from './lost-since.ts';
import { endPublication } from './reception.ts';

/** As `finishPublishing`, in this thread, which hears of nothing else meanwhile. Never rejects. */
export async function finishHere(journalFolder: string): Promise<ReceiveSummary | null> {
  try {
    const opened = Journal.open(journalFolder);
    return opened === undefined ? null : await finish(opened);
  } catch {
    return null;
  }
}

/** Closes the journal. */
async function finish({ journal, state }: OpenedJournal): Promise<ReceiveSummary | null> {
  try {
    if (state.phase === 'receiving') return null;
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

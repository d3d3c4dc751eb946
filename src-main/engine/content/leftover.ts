import { discardStagingAsync } from '../files/staging-folder.ts';
import { Journal } from './journal.ts';

/**
 * Removes what an interrupted transfer left in its destination, as far as the journal in `journalFolder` names it and it is still
 * the same, and then the journal. Nothing else is ever deleted, what was published least of all. Not while the transfer is running.
 * Never rejects: what cannot be removed stays.
 */
export async function discardJournaled(journalFolder: string): Promise<void> {
  const header = Journal.peek(journalFolder);
  if (header !== undefined) await discardStagingAsync(header.place);
  Journal.remove(journalFolder);
}

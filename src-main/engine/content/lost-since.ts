import { nodeDisk, onDestination } from '../files/disk.ts';
import { EntryLog } from '../files/entry-log.ts';
import { ListSpace } from '../files/list-space.ts';
import { MovedList } from '../files/moved-list.ts';
import { skippedFile } from '../files/names.ts';
import type { Publication } from '../files/publication.ts';
import { SpaceClaim } from '../files/space-ledger.ts';
import { sideFiles } from '../files/staging.ts';
import type { Journal } from './journal.ts';
import type { Checkpoint, JournalState } from './journal-state.ts';
import { leftOutOf } from './late-lists.ts';
import { SkipList } from './skip-list.ts';

/**
 * What the journal says of a publication that was cut short, less what something has taken away meanwhile of what was
 * still to be moved: that is left out, and noted before anything more is moved. Where the list of what is kept is
 * damaged, nothing can be missed. Throws `destination-changed`, `destination-unusable`, `profile-unusable`, `no-space`.
 */
export function withoutLost(publication: Publication, journal: Journal, state: JournalState): JournalState {
  const { checkpoint } = state;
  if (checkpoint === null) return state;
  const files = sideFiles(journal.folder);
  const space = new ListSpace(journal.folder, nodeDisk, SpaceClaim.alone());
  const entries = EntryLog.reopen(files.entries, checkpoint.staging.entries, space, () => undefined);
  if (entries === null) return state;
  const leftOut = leftOutOf(journal, state);
  try {
    const skips = new SkipList(state.skipped, checkpoint.landing.skippedCount, leftOut);
    let [lost, bytes] = [0, 0];
    const earlier = { moves: state.moves, moved: MovedList.read(files.moved) };
    onDestination(() => {
      publication.findLost(entries, earlier, (file) => {
        lost += 1;
        bytes += file.size;
        if (!entries.isLeftOut(file.first)) skips.add(skippedFile(file.names, 'taken-away'), file.first);
        entries.lose(file);
      });
    });
    if (lost === 0) return state;
    const { landing, staging } = checkpoint;
    const left: Checkpoint = {
      ...checkpoint,
      landing: {
        ...landing,
        files: landing.files - lost,
        kept: landing.kept - bytes,
        skippedCount: skips.count,
      },
      staging: { ...staging, entries: entries.syncNow(), leftOut: leftOut.syncNow() },
    };
    journal.retract(left, skips.takeGrowth());
    return journal.state ?? state;
  } finally {
    entries.close();
    leftOut.close();
  }
}

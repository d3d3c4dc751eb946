import { nodeDisk } from '../files/disk.ts';
import { LeftOutLog } from '../files/left-out-log.ts';
import { ListSpace } from '../files/list-space.ts';
import { RenameLog } from '../files/rename-log.ts';
import { EMPTY_MARK } from '../files/side-file.ts';
import { SpaceClaim } from '../files/space-ledger.ts';
import { sideFiles } from '../files/staging.ts';
import type { Journal } from './journal.ts';
import type { JournalState } from './journal-state.ts';

/** Room for the lists beside the journal, where nothing is received any more. */
export function listSpaceOf({ folder }: Journal): ListSpace {
  return new ListSpace(folder, nodeDisk, SpaceClaim.alone());
}

/** What got other names while it came. */
export function renamesOf(journal: Journal, { checkpoint }: JournalState): RenameLog {
  const { renames } = sideFiles(journal.folder);
  return RenameLog.late(renames, checkpoint?.staging.renames ?? EMPTY_MARK, listSpaceOf(journal));
}

/** All that was left out. */
export function leftOutOf(journal: Journal, { checkpoint }: JournalState): LeftOutLog {
  const { leftOut } = sideFiles(journal.folder);
  return LeftOutLog.reopen(leftOut, checkpoint?.staging.leftOut ?? EMPTY_MARK, listSpaceOf(journal));
}

import { nodeDisk } from '../files/disk.ts';
import { LeftOutLog } from '../files/left-out-log.ts';
import { ListSpace } from '../files/list-space.ts';
import { RenameLog } from '../files/rename-log.ts';
import { EMPTY_MARK } from '../files/side-file.ts';
import { SpaceClaim } from '../files/space-ledger.ts';
import { sideFiles } from '../files/staging.ts';
import type { Journal } from './journal.ts';
import type { JournalState } from './journal-state.ts';

/** What got other names while it came. */
export function renamesOf({ folder }: Journal, { checkpoint }: JournalState): RenameLog {
  const space = new ListSpace(folder, nodeDisk, SpaceClaim.alone());
  return RenameLog.late(sideFiles(folder).renames, checkpoint?.staging.renames ?? EMPTY_MARK, space);
}

/** All that was left out. */
export function leftOutOf({ folder }: Journal, { checkpoint }: JournalState): LeftOutLog {
  const space = new ListSpace(folder, nodeDisk, SpaceClaim.alone());
  return LeftOutLog.reopen(sideFiles(folder).leftOut, checkpoint?.staging.leftOut ?? EMPTY_MARK, space);
}

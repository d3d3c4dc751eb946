import { nodeDisk } from '../files/disk.ts';
import { removeEmpty } from '../files/publication.ts';
import { findAgain, reopenPublication, reopenStaging } from '../files/reopen.ts';
import { EMPTY_MARK } from '../files/side-file.ts';
import { openStaging } from '../files/open-staging.ts';
import { discardStaging, findStaging } from '../files/staging-folder.ts';
import type { StagingState } from '../files/staging.ts';
import { Journal } from './journal.ts';
import type { JournalState, ParserState } from './journal-state.ts';
import { AT_START } from './parser.ts';
import type { Offered } from './parser.ts';
import { LateReception, OpenReception } from './reception.ts';
import type { Reception, ReceptionOptions } from './reception.ts';

const NOTHING_STAGED: StagingState = { folders: EMPTY_MARK, entries: EMPTY_MARK, partial: null };

/**
 * Goes on with what the journal says, or begins. Throws `destination-unusable`, `destination-changed`, `no-space`, and
 * `profile-unusable`; then nothing new is left behind, and what was there to go on with stays.
 */
export function openReception(options: ReceptionOptions): Reception {
  const earlier = Journal.open(options.journalFolder, options.disk ?? nodeDisk);
  if (earlier === undefined) return begin(options);
  let reception: Reception | null = null;
  try {
    const isThis = earlier.state.header.transfer === options.transfer;
    reception = isThis ? goOn(options, earlier.journal, earlier.state) : null;
  } finally {
    if (reception === null) earlier.journal.close();
  }
  return reception ?? begin(options);
}

function begin(options: ReceptionOptions): Reception {
  const { transfer, journalFolder, disk = nodeDisk } = options;
  const staging = openStaging(options);
  try {
    const journal = Journal.create(journalFolder, { transfer, place: staging.place }, disk);
    return new OpenReception(options, staging, journal);
  } catch (error) {
    staging.discard();
    throw error;
  }
}

/** Null when there is nothing to go on with; then nothing of it is left. */
function goOn(options: ReceptionOptions, journal: Journal, state: JournalState): Reception | null {
  const { journalFolder, offered, disk = nodeDisk } = options;
  const { place } = state.header;
  if (state.phase === 'published') {
    const left = findStaging(place);
    if (left !== null) removeEmpty(left);
    return new LateReception(options, null, journal, state);
  }
  const folder = findAgain(place);
  if (folder === null) return null;
  if (state.phase === 'publishing') {
    return new LateReception(options, reopenPublication(place, folder, disk), journal, state);
  }
  const { checkpoint } = state;
  const missing = missingOf(offered, checkpoint?.parser ?? AT_START);
  const staged = checkpoint?.staging ?? NOTHING_STAGED;
  const staging = reopenStaging({ place, folder, state: staged, journalFolder, missing, disk });
  if (staging !== null) return new OpenReception(options, staging, journal, state);
  discardStaging(place);
  return null;
}

/** What of the offer is still to come. */
function missingOf({ files, folders, bytes }: Offered, parser: ParserState): Offered {
  const rest = (all: number, here: number): number => Math.max(0, all - here);
  return {
    itemCount: 0,
    files: rest(files, parser.files),
    folders: rest(folders, parser.folders),
    bytes: rest(bytes, parser.claimed + parser.offset),
  };
}

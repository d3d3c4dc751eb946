import type { Demand } from '../files/destination.ts';
import { nodeDisk } from '../files/disk.ts';
import { removeEmpty } from '../files/publication.ts';
import { findAgain, reopenPublication, reopenStaging } from '../files/reopen.ts';
import { EMPTY_MARK } from '../files/side-file.ts';
import { openStaging } from '../files/open-staging.ts';
import { discardStaging, findStaging } from '../files/staging-folder.ts';
import type { StagingState } from '../files/staging.ts';
import { Journal } from './journal.ts';
import type { JournalState } from './journal-state.ts';
import { NOTHING_LANDED } from './landing.ts';
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
  const { files, folders, bytes } = options.offered;
  const staging = openStaging(options);
  try {
    const header = { transfer, offered: { files, folders, bytes }, place: staging.place };
    const journal = Journal.create(journalFolder, header, disk);
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
    const publication = reopenPublication(place, folder, disk);
    if (publication !== null) return new LateReception(options, publication, journal, state);
    discardStaging(place);
    return null;
  }
  const missing = missingOf(offered, state);
  const staged = state.checkpoint?.staging ?? NOTHING_STAGED;
  const staging = reopenStaging({ place, folder, state: staged, journalFolder, missing, disk });
  if (staging !== null) return new OpenReception(options, staging, journal, state);
  discardStaging(place);
  return null;
}

/**
 * Room that is needed for what is still to come. The offer counts files that changed once for each version, of which some never come,
 * so the first offer, which has each file once, bounds it too.
 */
function missingOf(offered: Offered, { header, checkpoint }: JournalState): Demand {
  const { files, folders, claimed, offset } = checkpoint?.parser ?? AT_START;
  const landed = checkpoint?.landing ?? NOTHING_LANDED;
  const first = header.offered;
  return {
    files: Math.max(0, Math.min(offered.files - files, first.files - landed.files)),
    folders: Math.max(0, offered.folders - folders),
    bytes: Math.max(0, Math.min(offered.bytes - claimed, first.bytes - landed.kept) - offset),
  };
}

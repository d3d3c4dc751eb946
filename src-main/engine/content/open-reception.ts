import { resolve } from 'node:path';
import type { Demand } from '../files/destination.ts';
import { nodeDisk } from '../files/disk.ts';
import type { FolderMark } from '../files/folder-mark.ts';
import { discardStaging, sweepEmptied } from '../files/discard-staging.ts';
import { findAgain, reopenPublication, reopenStaging } from '../files/reopen.ts';
import { EMPTY_MARK } from '../files/side-file.ts';
import { openStaging } from '../files/open-staging.ts';
import { sweepIntended } from '../files/staging-folder.ts';
import type { StagingIntent } from '../files/staging-folder.ts';
import type { Staging, StagingState } from '../files/staging.ts';
import type { Offered } from './contract.ts';
import { Journal } from './journal.ts';
import { withoutPartial } from './journal-state.ts';
import type { Checkpoint, JournalHeader, JournalState } from './journal-state.ts';
import { NOTHING_LANDED } from './landing.ts';
import { AT_START } from './parser.ts';
import { withoutLost } from './lost-since.ts';
import { LateReception, OpenReception } from './reception.ts';
import type { Reception, ReceptionOptions } from './reception.ts';

const NOTHING_STAGED: StagingState = {
  folders: EMPTY_MARK,
  entries: EMPTY_MARK,
  renames: EMPTY_MARK,
  leftOut: EMPTY_MARK,
  partial: null,
};
/**
 * Goes on with what the journal says, or begins. A journal of the same transfer that was begun under another agreement is none to go
 * on with: a process that is killed before its yes is noted leaves one, and the next yes may be to another offer, or into another
 * folder. What that journal names is removed. Throws `destination-unusable`, `destination-changed`, `no-space`, and
 * `profile-unusable`; then nothing new is left behind, and what was there to go on with stays.
 */
export function openReception(options: ReceptionOptions): Reception {
  const earlier = Journal.open(options.journalFolder, options.disk ?? nodeDisk, options.space);
  if (earlier === undefined) return begin(options, intendedDestination(options));
  let reception: Reception | null = null;
  let destination: FolderMark | undefined;
  try {
    const { header } = earlier.state;
    if (header.transfer === options.transfer) {
      if (isAgreed(options, header)) {
        destination = header.place.destination;
        reception = goOn(options, earlier.journal, earlier.state);
      } else discardStaging(header.place);
    }
  } finally {
    if (reception === null) earlier.journal.close();
  }
  return reception ?? begin(options, destination);
}

/** Where a process that was killed, or failed, was about to begin under a yes for the same folder. */
function intendedDestination({ agreed, journalFolder }: ReceptionOptions): FolderMark | undefined {
  const { intent } = Journal.peek(journalFolder);
  return intent?.into === resolve(agreed.destination) ? intent.destination : undefined;
}

function isAgreed({ agreed }: ReceptionOptions, header: JournalHeader): boolean {
  const { destination, offer, moves } = header.agreed;
  return agreed.destination === destination && agreed.offer === offer && agreed.moves === moves;
}

/**
 * `earlier`: the destination in which the transfer was begun before, if it was. Throws as `openReception`.
 */
function begin(options: ReceptionOptions, earlier: FolderMark | undefined): Reception {
  const { transfer, agreed } = options;
  const { destination } = agreed;
  const { files, folders, bytes } = options.offered;
  let journal: Journal | undefined;
  let staging: Staging | undefined;
  try {
    // The journal speaks of the staging folder before there is one: a killed process leaves no folder that
    // none speaks of.
    const onIntent = (intent: StagingIntent): void => {
      journal ??= createJournal(options);
      journal.intend(intent);
    };
    staging = openStaging({ ...options, destination, earlier, onIntent });
    journal ??= createJournal(options);
    journal.start({ transfer, agreed, offered: { files, folders, bytes }, place: staging.place });
    return new OpenReception(options, staging, journal);
  } catch (error) {
    staging?.discard();
    journal?.close();
    // Where it was begun before, the intent stays: it alone says now which folder that was in.
    if (journal !== undefined && earlier === undefined) Journal.remove(options.journalFolder);
    throw error;
  }
}

/**
 * A new journal. What an earlier process was about to make is taken away first: this journal will not speak
 * of it.
 */
function createJournal({ journalFolder, disk = nodeDisk, space }: ReceptionOptions): Journal {
  const { intent } = Journal.peek(journalFolder);
  if (intent !== undefined) sweepIntended(intent);
  return Journal.create(journalFolder, disk, space);
}

/** Null when there is nothing to go on with; then nothing of it is left. */
function goOn(options: ReceptionOptions, journal: Journal, state: JournalState): Reception | null {
  const { journalFolder, offered, space, disk = nodeDisk } = options;
  const { place } = state.header;
  if (state.phase === 'published') {
    sweepEmptied(place);
    return new LateReception(options, null, journal, state);
  }
  const folder = findAgain(place);
  if (folder === null) return null;
  if (state.phase === 'publishing') {
    const publication = reopenPublication(place, folder, disk);
    if (publication === null) {
      discardStaging(place);
      return null;
    }
    try {
      return new LateReception(options, publication, journal, withoutLost(publication, journal, state));
    } catch (error) {
      publication.close();
      throw error;
    }
  }
  const missing = missingOf(offered, state);
  const staged = state.checkpoint?.staging ?? NOTHING_STAGED;
  const staging = reopenStaging({ place, folder, state: staged, journalFolder, missing, space, disk });
  if (staging === null) {
    discardStaging(place);
    return null;
  }
  try {
    return new OpenReception(options, staging, journal, {
      ...state,
      checkpoint: foundOf(state, staging, journal),
    });
  } catch (error) {
    staging.release();
    throw error;
  }
}

/** How far it is gone on with: an unfinished file that was not found is none, for the journal as well. */
function foundOf({ checkpoint }: JournalState, staging: Staging, journal: Journal): Checkpoint | null {
  if (checkpoint === null || checkpoint.staging.partial === null || staging.partial !== null)
    return checkpoint;
  const found = withoutPartial(checkpoint);
  journal.retract(found);
  return found;
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

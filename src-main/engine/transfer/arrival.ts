import { SealaneError } from '../../../shared/errors.ts';
import { leftOutOf } from '../../../shared/views.ts';
import type { LeftOut, Outcome, SkippedFile, TransferState } from '../../../shared/views.ts';
import type { MessageBody, transferMessages } from '../../../shared/messages.ts';
import type { Grown, ReceiveSummary } from '../content/contract.ts';
import type { Arrival } from './state.ts';

export type Complete = MessageBody<typeof transferMessages, 'complete'>;

/** What a transfer came to, before it is judged. */
interface Arrived {
  readonly outcome: Outcome;
  readonly skipped: LeftOut['skipped'];
  readonly skippedCount: number;
  /** Whether not even a folder is there. */
  readonly nothing: boolean;
}

/** How a transfer ends that came to its end by itself: the one place that tells the three outcomes apart. */
function judge({ outcome, skipped, skippedCount, nothing }: Arrived): Arrival {
  if (skippedCount === 0) return { kind: 'done', outcome };
  const leftOut = { skipped, skippedCount };
  if (!nothing) return { kind: 'incomplete', outcome, leftOut };
  const { code, message } = new SealaneError('nothing-arrived');
  return { kind: 'failed', error: { code, message }, leftOut };
}

/** `activeMs` of a transfer that an earlier process received: how long it took is not known any more. */
export const TIME_UNKNOWN = 0;

/** How a receiver's transfer ends. `activeMs`: how long it was being received, in milliseconds. */
export function received(summary: ReceiveSummary, activeMs: number): Arrival {
  const { files, bytes, into, names, renamed, renamedCount, skipped, skippedCount } = summary;
  const sent = { resent: [], resentCount: 0, ...grownOf(summary.grown) };
  return judge({
    outcome: {
      files,
      bytes,
      seconds: activeMs / 1000,
      ...sent,
      renamed: [...renamed],
      renamedCount,
      into,
      names: [...names],
    },
    skipped: [...skipped],
    skippedCount,
    nothing: names.length === 0,
  });
}

/** What only the sender knows of a transfer. */
export interface SentFacts {
  readonly activeMs: number;
  readonly resent: Pick<Outcome, 'resent' | 'resentCount'>;
  readonly grown: Grown;
  /** What the receiver could not know to be left out. */
  readonly untold: { readonly listed: readonly SkippedFile[]; readonly count: number };
  /** How many things that were left out are listed at most. */
  readonly maxListed: number;
}

/** How a sender's transfer ends, by the receiver's word. */
export function sent(complete: Complete, facts: SentFacts): Arrival {
  const { activeMs, resent, grown, untold, maxListed } = facts;
  const { files, bytes, nothing, renamed, renamedCount } = complete;
  const there = { renamed, renamedCount, into: null, names: [] };
  return judge({
    outcome: { files, bytes, seconds: activeMs / 1000, ...resent, ...grownOf(grown), ...there },
    skipped: [...complete.skipped, ...untold.listed].slice(0, maxListed),
    skippedCount: complete.skippedCount + untold.count,
    nothing,
  });
}

function grownOf({ listed, count }: Grown): Pick<Outcome, 'grown' | 'grownCount'> {
  return { grown: [...listed], grownCount: count };
}

/** What the listed paths of a `complete` may take, so that the whole message stays within a control message's bound. */
const MAX_LISTED_BYTES = 48 * 1024;

/**
 * What the sender is told of how a transfer has ended here, now or when it asks again; undefined where it did not come to its end by
 * itself.
 */
export function completeOf(state: TransferState): Complete | undefined {
  const leftOut = leftOutOf(state);
  const { skippedCount = 0 } = leftOut ?? {};
  let room = MAX_LISTED_BYTES;
  const hasRoom = (...texts: readonly string[]): boolean => {
    room -= texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
    return room >= 0;
  };
  const skipped = (leftOut?.skipped ?? []).filter(({ path }) => hasRoom(path));
  if (state.kind === 'done' || state.kind === 'incomplete') {
    const { files, bytes, renamedCount } = state.outcome;
    const renamed = state.outcome.renamed.filter(({ from, to }) => hasRoom(from, to));
    return { files, bytes, nothing: false, renamed, renamedCount, skipped, skippedCount };
  }
  if (state.kind !== 'failed' || leftOut === undefined) return undefined;
  return { files: 0, bytes: 0, nothing: true, renamed: [], renamedCount: 0, skipped, skippedCount };
}

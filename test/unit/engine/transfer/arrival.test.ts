import { describe, expect, it } from 'vitest';
import { completeOf, received, sent } from '../../../../src-main/engine/transfer/arrival.ts';
import type { Arrival } from '../../../../src-main/engine/transfer/state.ts';

const grown = { listed: [], count: 0 };
const summary = {
  files: 2,
  bytes: 20,
  into: '/in',
  names: ['Notes'],
  renamed: [],
  renamedCount: 0,
  skipped: [],
  skippedCount: 0,
  grown,
};
const gone = { path: 'Notes/gone.txt', reason: 'vanished' } as const;
const facts = {
  activeMs: 1000,
  resent: { resent: [], resentCount: 0 },
  grown,
  untold: { listed: [], count: 0 },
  maxListed: 100,
};

/** What the sender makes of it that hears of a receiver's end. */
function heard(arrival: Arrival): Arrival {
  const complete = completeOf(arrival);
  if (complete === undefined) throw new Error('nothing to say');
  return sent(complete, facts);
}

describe('how a transfer ends that nobody gave up', () => {
  it.each([
    ['done', summary],
    ['incomplete', { ...summary, skipped: [gone], skippedCount: 1 }],
    // An empty folder is something.
    ['incomplete', { ...summary, files: 0, bytes: 0, skipped: [gone], skippedCount: 1 }],
    ['failed', { ...summary, files: 0, bytes: 0, names: [], skipped: [gone], skippedCount: 1 }],
  ] as const)('is %s on both sides', (kind, came) => {
    const here = received(came, 0);
    const there = heard(here);
    expect([here.kind, there.kind]).toEqual([kind, kind]);
    if (kind === 'done') return;
    const leftOut = { skipped: [gone], skippedCount: 1 };
    expect(here).toMatchObject({ leftOut });
    expect(there).toMatchObject({ leftOut });
  });

  it('is no more than incomplete for a sender that knows of something that came later', () => {
    const complete = completeOf(received(summary, 0));
    const later = { path: 'Notes/new.txt', reason: 'came-later' } as const;
    if (complete === undefined) throw new Error('nothing to say');
    expect(sent(complete, { ...facts, untold: { listed: [later], count: 1 } })).toMatchObject({
      kind: 'incomplete',
      leftOut: { skipped: [later], skippedCount: 1 },
    });
  });

  it('is nothing to be told to a sender where it was given up', () => {
    expect(completeOf({ kind: 'cancelled', by: 'me' })).toBeUndefined();
    expect(completeOf({ kind: 'failed', error: { code: 'no-space', message: '' } })).toBeUndefined();
  });
});

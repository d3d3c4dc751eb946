import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepComparison } from '../../../../src-main/engine/pairing/comparison.ts';
import type {
  ComparisonEffect,
  ComparisonEvent,
  ComparisonState,
} from '../../../../src-main/engine/pairing/comparison.ts';

const yes = { kind: 'user-answered', matches: true } as const;
const no = { kind: 'user-answered', matches: false } as const;
const peerYes = { kind: 'peer-answered', matches: true } as const;
const peerNo = { kind: 'peer-answered', matches: false } as const;
const stored = { kind: 'stored' } as const;
const peerStored = { kind: 'peer-stored' } as const;

/** Runs events from the beginning; what cannot come is marked and changes nothing. */
function run(events: readonly ComparisonEvent[]) {
  let state: ComparisonState = { kind: 'asking' };
  const effects: ComparisonEffect[] = [];
  const impossible: ComparisonEvent[] = [];
  for (const event of events) {
    const step = stepComparison(state, event);
    if (step === undefined) impossible.push(event);
    else {
      state = step.state;
      effects.push(...step.effects);
    }
  }
  return { state, effects: effects.map(({ kind }) => kind), impossible };
}

describe('the comparison of codes', () => {
  it.each([
    ['this user first', [yes, peerYes, stored, peerStored]],
    ['the peer first', [peerYes, yes, stored, peerStored]],
    ['the peer has stored before this side has', [yes, peerYes, peerStored, stored]],
  ])('ends in trust on both sides: %s', (_name, events) => {
    const { state, effects, impossible } = run(events);
    expect(state).toEqual({ kind: 'paired' });
    expect(effects).toEqual(['send-verdict', 'store-trust', 'send-stored']);
    expect(impossible).toEqual([]);
  });

  it.each([
    ['this user', [no], 'me'],
    ['this user, after the peer said yes', [peerYes, no], 'me'],
    ['the peer', [peerNo], 'peer'],
    ['the peer, after this user said yes', [yes, peerNo], 'peer'],
  ] as const)('ends without trust when %s says no', (_name, events, by) => {
    const { state, effects } = run(events);
    expect(state).toEqual({ kind: 'refused', by });
    expect(effects).not.toContain('store-trust');
  });

  it.each([
    ['an answer twice', [yes, yes]],
    ['a peer that answers twice', [peerYes, peerYes]],
    ['a peer that has stored before this user answered', [peerYes, peerStored]],
    ['a peer that has stored without having answered', [yes, peerStored]],
  ])('does not know %s', (_name, events) => {
    expect(run(events).impossible).toHaveLength(1);
  });

  it('never stores trust unless both sides said yes, whatever comes in whatever order', () => {
    const event = fc.constantFrom<ComparisonEvent>(yes, no, peerYes, peerNo, stored, peerStored);
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const { effects } = run(events);
        const stores = effects.filter((kind) => kind === 'store-trust').length;
        expect(stores).toBeLessThanOrEqual(1);
        if (stores === 1) {
          expect(events).toContainEqual(yes);
          expect(events).toContainEqual(peerYes);
        }
      }),
    );
  });
});

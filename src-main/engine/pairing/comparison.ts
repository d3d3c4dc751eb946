import { unreachable } from '../../../shared/unreachable.ts';

/**
 * The last part of pairing, after both screens show the code: each side's user answers, each side hears the
 * other's answer, and only when both said yes is the trust stored. A pure state machine, the same on both
 * sides:
 *
 *     asking ── user yes ──► confirmed ── peer yes ──► storing ── stored ──► stored ── peer stored ──► paired
 *       │                                                ▲                                               ▲
 *       └─── peer yes ──► peer-confirmed ── user yes ────┘ (peer stored may come before our own: ────────┘)
 *
 * A no from either side, at any moment before `storing`, ends in `refused`. A connection that is lost while
 * the second yes is on its way leaves one side with trust that the other lacks (no protocol can exclude
 * that); pairing again mends it.
 */
export type ComparisonState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'peer-confirmed' }
  | { readonly kind: 'storing'; readonly peerStored: boolean }
  | { readonly kind: 'stored' }
  | { readonly kind: 'paired' }
  | { readonly kind: 'refused'; readonly by: 'me' | 'peer' };

export type ComparisonEvent =
  | { readonly kind: 'user-answered'; readonly matches: boolean }
  | { readonly kind: 'peer-answered'; readonly matches: boolean }
  | { readonly kind: 'stored' }
  | { readonly kind: 'peer-stored' };

export type ComparisonEffect =
  | { readonly kind: 'send-verdict'; readonly matches: boolean }
  | { readonly kind: 'store-trust' }
  | { readonly kind: 'send-stored' };

export interface ComparisonStep {
  readonly state: ComparisonState;
  readonly effects: readonly ComparisonEffect[];
}

/** The next state and what to do, or undefined when `event` cannot come in `state` (from the peer: a protocol error). */
export function stepComparison(state: ComparisonState, event: ComparisonEvent): ComparisonStep | undefined {
  switch (event.kind) {
    case 'user-answered':
      return userAnswered(state, event.matches);
    case 'peer-answered':
      return peerAnswered(state, event.matches);
    case 'stored':
      if (state.kind !== 'storing') return undefined;
      return {
        state: state.peerStored ? { kind: 'paired' } : { kind: 'stored' },
        effects: [{ kind: 'send-stored' }],
      };
    case 'peer-stored':
      if (state.kind === 'storing' && !state.peerStored)
        return { state: { kind: 'storing', peerStored: true }, effects: [] };
      if (state.kind === 'stored') return { state: { kind: 'paired' }, effects: [] };
      return undefined;
    default:
      return unreachable(event);
  }
}

function userAnswered(state: ComparisonState, matches: boolean): ComparisonStep | undefined {
  if (state.kind !== 'asking' && state.kind !== 'peer-confirmed') return undefined;
  const verdict: ComparisonEffect = { kind: 'send-verdict', matches };
  if (!matches) return { state: { kind: 'refused', by: 'me' }, effects: [verdict] };
  if (state.kind === 'asking') return { state: { kind: 'confirmed' }, effects: [verdict] };
  return { state: { kind: 'storing', peerStored: false }, effects: [verdict, { kind: 'store-trust' }] };
}

function peerAnswered(state: ComparisonState, matches: boolean): ComparisonStep | undefined {
  if (state.kind !== 'asking' && state.kind !== 'confirmed') return undefined;
  if (!matches) return { state: { kind: 'refused', by: 'peer' }, effects: [] };
  if (state.kind === 'asking') return { state: { kind: 'peer-confirmed' }, effects: [] };
  return { state: { kind: 'storing', peerStored: false }, effects: [{ kind: 'store-trust' }] };
}

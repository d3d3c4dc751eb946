import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../../shared/errors.ts';
import type { TransferState } from '../../../shared/views.ts';
import { fromSnapshot, reduce } from '../../../src-renderer/state.ts';
import { shownTransfer } from '../../../src-renderer/standing.ts';
import type { Shown } from '../../../src-renderer/standing.ts';
import { running, snapshot, transfer } from './fixtures.ts';
import { OFFERED } from '../../support/offered.ts';

const some = { bytes: 40, files: 1, bytesPerSecond: 0, secondsLeft: null };
const none = { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null };
const error = { code: 'unreachable', message: ERRORS.unreachable.message } as const;
const waiting = (progress = some): TransferState => ({ kind: 'waiting', error, retryAt: 9, progress });
const paused = (by: 'me' | 'peer'): TransferState => ({ kind: 'paused', by, progress: some });

/** What a row shows after these states in turn. */
function after(...states: readonly TransferState[]): Shown {
  let state = fromSnapshot(snapshot(), 0);
  for (const each of states) state = reduce(state, { type: 'transfer', transfer: transfer(each) }, 0);
  const [view] = state.transfers;
  if (view === undefined) throw new Error('no transfer');
  return shownTransfer(view, state.standing[view.id]);
}

describe('a row', () => {
  it('stays as it is while the other device is looked for, and while it is asked where to go on', () => {
    for (const between of [{ kind: 'connecting' }, OFFERED] as const) {
      expect(after(running(40, 1), waiting(), between)).toEqual(after(waiting()));
      expect(after(paused('peer'), between)).toEqual(after(paused('peer')));
    }
  });

  it('shows what is there from the start, too', () => {
    const [first] = [transfer(waiting())];
    const state = fromSnapshot(snapshot({ transfers: [first] }), 0);
    const next = reduce(state, { type: 'transfer', transfer: transfer({ kind: 'connecting' }) }, 0);
    expect(shownTransfer(transfer({ kind: 'connecting' }), next.standing[first.id])).toEqual(
      after(waiting()),
    );
  });

  it('connects, with its progress, once this user has resumed it', () => {
    for (const between of [{ kind: 'connecting' }, OFFERED] as const) {
      const { transfer: shown, progress } = after(paused('me'), between);
      expect(shown.state).toEqual({ kind: 'connecting' });
      expect(progress).toEqual(some);
    }
  });

  it('waits for an answer when the device was away and nothing has come across', () => {
    const { transfer: shown, progress } = after(waiting(none), { kind: 'connecting' }, OFFERED);
    expect(shown.state).toEqual(OFFERED);
    expect(progress).toBeUndefined();
  });

  it('shows what moves, and how it ended', () => {
    expect(after(waiting(), running(41, 1)).transfer.state).toEqual(running(41, 1));
    expect(after(waiting(), { kind: 'finishing' })).toMatchObject({
      transfer: { state: { kind: 'finishing' } },
      progress: undefined,
    });
    expect(after(waiting(), { kind: 'cancelled', by: 'peer' })).toMatchObject({
      transfer: { state: { kind: 'cancelled' } },
      progress: undefined,
    });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepTransfer } from '../../../../src-main/engine/transfer/state.ts';
import type { Arrival, TransferEvent } from '../../../../src-main/engine/transfer/state.ts';
import { isOver } from '../../../../shared/views.ts';
import type { TransferState } from '../../../../shared/views.ts';
import { offerDigestSchema } from '../../../../shared/views.ts';

const progress = {
  kind: 'progress',
  progress: { bytes: 1, files: 0, bytesPerSecond: 1, secondsLeft: 1 },
} as const;
const outcome = {
  bytes: 1,
  files: 1,
  seconds: 1,
  resent: [],
  resentCount: 0,
  grown: [],
  grownCount: 0,
  renamed: [],
  renamedCount: 0,
  into: null,
  names: [],
};
const leftOut = { skipped: [], skippedCount: 1 };
const done = { kind: 'done', outcome } as const;
const complete = { kind: 'complete', arrival: done } as const;
const fail = { kind: 'fail', error: { code: 'internal', message: '' } } as const;
const offer = offerDigestSchema.parse('0'.repeat(64));
const cancel = { kind: 'cancel', by: 'me' } as const;
const internal: unknown = expect.objectContaining({ code: 'internal' });

const kinds = (start: TransferState, events: readonly TransferEvent[]): readonly string[] => {
  let state = start;
  return events.map((event) => (state = stepTransfer(state, event)).kind);
};

describe('the states of a transfer', () => {
  it('go from looking at the files to done on the sender', () => {
    const events = [
      { kind: 'scanned', files: 1, bytes: 2 } as const,
      { kind: 'connect' } as const,
      { kind: 'offer', offer } as const,
      progress,
      progress,
      { kind: 'all-across' } as const,
      progress,
      complete,
    ];
    expect(kinds({ kind: 'preparing', files: 0, bytes: 0 }, events)).toEqual([
      'preparing',
      'connecting',
      'offered',
      'running',
      'running',
      'finishing',
      'finishing',
      'done',
    ]);
  });

  it('go from the offer to done on the receiver', () => {
    const events = [progress, { kind: 'all-across' } as const, complete];
    expect(kinds({ kind: 'offered', offer }, events)).toEqual(['running', 'finishing', 'done']);
  });

  it('wait and pause at any time, and go on from there: the sender by connecting, the receiver by running', () => {
    const standing = progress.progress;
    const error = { code: 'connection-lost', message: '' } as const;
    const wait = { kind: 'wait', error, retryAt: null, progress: standing } as const;
    const pause = { kind: 'pause', by: 'me', progress: standing } as const;
    expect(
      kinds({ kind: 'connecting' }, [wait, { kind: 'connect' }, { kind: 'offer', offer }, progress]),
    ).toEqual(['waiting', 'connecting', 'offered', 'running']);
    expect(kinds({ kind: 'offered', offer }, [progress, wait, progress, pause, wait, progress])).toEqual([
      'running',
      'waiting',
      'running',
      'paused',
      'waiting',
      'running',
    ]);
  });

  it('go on over another connection, on the sender, where files were rewritten meanwhile', () => {
    expect(
      kinds({ kind: 'running', progress: progress.progress }, [
        { kind: 'connect' },
        { kind: 'offer', offer },
        progress,
      ]),
    ).toEqual(['connecting', 'offered', 'running']);
  });

  it('can be done at once when the receiver had everything already', () => {
    expect(stepTransfer({ kind: 'offered', offer }, complete)).toMatchObject({ kind: 'done' });
    expect(() => stepTransfer({ kind: 'running', progress: progress.progress }, complete)).toThrow(internal);
  });

  it.each<TransferState>([
    { kind: 'offered', offer },
    { kind: 'running', progress: progress.progress },
    { kind: 'finishing' },
    { kind: 'waiting', error: fail.error, retryAt: null, progress: progress.progress },
    { kind: 'paused', by: 'peer', progress: progress.progress },
  ])('can be done where it was given up too late: $kind', (state) => {
    expect(stepTransfer(state, { kind: 'published', arrival: done })).toEqual(done);
  });

  it.each<Arrival>([
    done,
    { kind: 'incomplete', outcome, leftOut },
    { kind: 'failed', error: { code: 'nothing-arrived', message: '' }, leftOut },
  ])('end in one of three ways once everything is across: $kind', (arrival) => {
    const end = stepTransfer({ kind: 'finishing' }, { kind: 'complete', arrival });
    expect(end).toEqual(arrival);
    expect(isOver(end)).toBe(true);
  });

  it('can be declined while offered, and only then', () => {
    expect(stepTransfer({ kind: 'offered', offer }, { kind: 'decline' })).toEqual({ kind: 'declined' });
    expect(() => stepTransfer({ kind: 'connecting' }, { kind: 'decline' })).toThrow(internal);
  });

  it('never change once over, and anything before that can be cancelled or fail', () => {
    const event = fc.constantFrom<TransferEvent>(
      { kind: 'connect' },
      { kind: 'offer', offer },
      progress,
      { kind: 'all-across' },
      complete,
      { kind: 'published', arrival: done },
      { kind: 'decline' },
      cancel,
      fail,
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        let state: TransferState = { kind: 'preparing', files: 0, bytes: 0 };
        for (const next of events) {
          const before = state;
          try {
            state = stepTransfer(state, next);
          } catch (error) {
            expect(error).toEqual(internal);
          }
          if (isOver(before)) expect(state).toBe(before);
          else if (next.kind === 'cancel' || next.kind === 'fail') expect(isOver(state)).toBe(true);
        }
      }),
    );
  });
});

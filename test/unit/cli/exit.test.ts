import { describe, expect, it } from 'vitest';
import { SealaneError } from '../../../shared/errors.ts';
import type { TransferState } from '../../../shared/views.ts';
import { exitNumber, exitOfError, exitOfTransfer } from '../../../src-main/cli/exit.ts';
import { DONE, OUTCOME, RUNNING } from './fake-engine.ts';
import { OFFERED } from '../../support/offered.ts';

const LEFT_OUT = { skipped: [], skippedCount: 3 };

describe('how a command ends', () => {
  it('has the numbers that scripts were promised', () => {
    const classes = [
      'done',
      'failed',
      'usage',
      'declined',
      'unreachable',
      'untrusted',
      'cancelled',
      'incomplete',
    ] as const;
    expect(classes.map(exitNumber)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it.each([
    ['internal', 1],
    ['source-missing', 2],
    ['declined', 3],
    ['unreachable', 4],
    ['not-trusted', 5],
    ['code-mismatch', 5],
    ['pairing-cancelled', 6],
  ] as const)('for %s is %i', (code, number) => {
    expect(exitNumber(exitOfError(code))).toBe(number);
    expect(new SealaneError(code).exitCode).toBe(number);
  });

  const over: readonly (readonly [TransferState, string])[] = [
    [DONE, 'done'],
    [{ kind: 'incomplete', outcome: OUTCOME, leftOut: LEFT_OUT }, 'incomplete'],
    [{ kind: 'failed', error: { code: 'nothing-arrived', message: '' }, leftOut: LEFT_OUT }, 'failed'],
    [{ kind: 'declined' }, 'declined'],
    [{ kind: 'cancelled', by: 'me' }, 'cancelled'],
    [{ kind: 'cancelled', by: 'peer' }, 'cancelled'],
    [{ kind: 'failed', error: { code: 'connection-lost', message: '' } }, 'unreachable'],
    [{ kind: 'failed', error: { code: 'no-space', message: '' } }, 'failed'],
  ];
  it.each(over)('for the transfer %o is %s', (state, exit) => {
    expect(exitOfTransfer(state)).toBe(exit);
  });

  it.each<TransferState>([
    { kind: 'preparing', files: 0, bytes: 0 },
    { kind: 'connecting' },
    OFFERED,
    RUNNING,
    { kind: 'finishing' },
  ])('is open while a transfer is $kind', (state) => {
    expect(exitOfTransfer(state)).toBeUndefined();
  });
});

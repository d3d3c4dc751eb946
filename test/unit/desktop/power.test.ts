import { describe, expect, it } from 'vitest';
import { createPowerGuard } from '../../../src-main/desktop/power.ts';
import { outcome, running, transferEvent, transferId } from './samples.ts';
import { OFFERED } from '../../support/offered.ts';

function guard() {
  const blocks = new Set<number>();
  let next = 0;
  const power = createPowerGuard({
    start: () => {
      next += 1;
      blocks.add(next);
      return next;
    },
    stop: (id) => blocks.delete(id),
  });
  return { power, awake: () => blocks.size };
}

describe('the computer', () => {
  it('stays awake from the first running transfer to the end of the last, blocked once', () => {
    const { power, awake } = guard();
    const [one, two] = [{ id: transferId(1) }, { id: transferId(2) }];
    power.observe(transferEvent(OFFERED, one));
    expect(awake()).toBe(0);
    power.observe(transferEvent(running(1), one));
    power.observe(transferEvent(running(2), one));
    power.observe(transferEvent(running(1), two));
    expect(awake()).toBe(1);
    power.observe(transferEvent({ kind: 'finishing' }, one));
    power.observe(transferEvent({ kind: 'done', outcome: outcome() }, one));
    expect(awake()).toBe(1);
    power.observe(transferEvent({ kind: 'cancelled', by: 'peer' }, two));
    expect(awake()).toBe(0);
  });

  it('may sleep while a transfer waits or is paused', () => {
    const { power, awake } = guard();
    const progress = { bytes: 1, files: 0, bytesPerSecond: 0, secondsLeft: null };
    power.observe(transferEvent(running(1)));
    power.observe(transferEvent({ kind: 'paused', by: 'peer', progress }));
    expect(awake()).toBe(0);
    power.observe(transferEvent(running(2)));
    expect(awake()).toBe(1);
    const error = { code: 'unreachable', message: 'Away.' } as const;
    power.observe(transferEvent({ kind: 'waiting', error, retryAt: null, progress }));
    expect(awake()).toBe(0);
  });

  it('may sleep once the app ends', () => {
    const { power, awake } = guard();
    power.observe(transferEvent(running(1)));
    power.release();
    power.release();
    expect(awake()).toBe(0);
  });
});

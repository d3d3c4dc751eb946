import { describe, expect, it } from 'vitest';
import { AttemptLimit } from '../../../../src-main/engine/pairing/attempt-limit.ts';
import { MAX_PAIRING_FAILURES_PER_ADDRESS, PAIRING_FAILURE_WINDOW_MS } from '../../../../shared/limits.ts';

/** A limit with a clock in the test's hands. */
function limit() {
  const clock = { now: 1000 };
  return { attempts: new AttemptLimit(() => clock.now), clock };
}

function failOften(attempts: AttemptLimit, address: string, times = MAX_PAIRING_FAILURES_PER_ADDRESS): void {
  for (let i = 0; i < times; i += 1) attempts.fail(address);
}

describe('failed attempts to pair', () => {
  it('are enough at some point, for their own address only', () => {
    const { attempts } = limit();
    failOften(attempts, '10.0.0.1', MAX_PAIRING_FAILURES_PER_ADDRESS - 1);
    expect(attempts.isExhausted('10.0.0.1')).toBe(false);
    attempts.fail('10.0.0.1');
    expect(attempts.isExhausted('10.0.0.1')).toBe(true);
    expect(attempts.isExhausted('10.0.0.2')).toBe(false);
  });

  it('are those of one person wherever in an IPv6 network they come from', () => {
    const { attempts } = limit();
    for (let i = 0; i < MAX_PAIRING_FAILURES_PER_ADDRESS; i += 1) attempts.fail(`2001:db8::${String(i)}`);
    expect(attempts.isExhausted('2001:db8::beef')).toBe(true);
    expect(attempts.isExhausted('2001:db8:0:1::beef')).toBe(false);
  });

  it('are forgotten one after the other, as they came', () => {
    const { attempts, clock } = limit();
    attempts.fail('10.0.0.1');
    clock.now += PAIRING_FAILURE_WINDOW_MS / 2;
    failOften(attempts, '10.0.0.1', MAX_PAIRING_FAILURES_PER_ADDRESS - 1);
    expect(attempts.isExhausted('10.0.0.1')).toBe(true);
    clock.now += PAIRING_FAILURE_WINDOW_MS / 2;
    expect(attempts.isExhausted('10.0.0.1')).toBe(false);
    attempts.fail('10.0.0.1');
    expect(attempts.isExhausted('10.0.0.1')).toBe(true);
    clock.now += PAIRING_FAILURE_WINDOW_MS;
    expect(attempts.isExhausted('10.0.0.1')).toBe(false);
  });

  it('take no more memory than a thousand addresses need, those of the latest', () => {
    const { attempts } = limit();
    failOften(attempts, '10.9.9.9');
    const address = (i: number) => `10.0.${String(Math.floor(i / 250))}.${String(i % 250)}`;
    for (let i = 0; i < 1023; i += 1) attempts.fail(address(i));
    expect(attempts.isExhausted('10.9.9.9')).toBe(true);
    attempts.fail(address(1023));
    expect(attempts.isExhausted('10.9.9.9')).toBe(false);
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { formatDeviceId } from '../../../../shared/device-id.ts';
import { ERROR_CODES, SealaneError } from '../../../../shared/errors.ts';
import type { ErrorCode } from '../../../../shared/errors.ts';
import { FOLDER_CODES } from '../../../../shared/received-folder.ts';
import { backoff } from '../../../../src-main/engine/transfer/backoff.ts';
import { Nap } from '../../../../src-main/engine/transfer/nap.ts';
import { canGoOn, canOfferAgain } from '../../../../src-main/engine/transfer/retry.ts';
import { Waker } from '../../../../src-main/engine/transfer/waker.ts';
import { Markdown } from '../../docs/markdown.ts';

/** How long a transfer waits, for what, and what cuts that short. */

describe('the wait before the next attempt', () => {
  const middle = () => 0.5;

  it('is twice as long each time, up to six seconds', () => {
    const waits = [0, 1, 2, 3, 4, 5, 1000, Infinity].map((attempt) => backoff(attempt, middle));
    expect(waits).toEqual([500, 1000, 2000, 4000, 6000, 6000, 6000, 6000]);
  });

  it('differs by up to a quarter either way, so that two devices do not keep missing each other', () => {
    expect(backoff(0, () => 0)).toBe(375);
    expect(backoff(0, () => 1)).toBe(625);
    const waits = Array.from({ length: 200 }, () => backoff(9));
    expect(waits.every((wait) => Number.isInteger(wait))).toBe(true);
    expect(new Set(waits).size).toBeGreaterThan(100);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(4500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(7500);
  });
});

describe('what a transfer waits for', () => {
  it('is what docs/protocol.md says, and nothing else', () => {
    const rows = new Markdown('docs/protocol.md').table('7.5 Going on', [
      'The connection ended with',
      'The transfer',
    ]);
    const codesIn = (text: string) => [...text.matchAll(/`([a-z-]+)`/g)].map((match) => match[1] ?? '');
    const waited = rows.flatMap((row) => codesIn(row.text('The connection ended with')));
    // Closing this very process ends no transfer; no peer can say it.
    const said = (code: ErrorCode) => new SealaneError(code, { fromPeer: true });
    const goesOn = ERROR_CODES.filter((code) => canGoOn(said(code)));
    expect(goesOn.filter((code) => code !== 'interrupted').sort()).toEqual(waited.sort());
    const [line, others, disk] = rows;
    const codesOf = (row: typeof line) => codesIn(row?.text('The connection ended with') ?? '');
    for (const [mayBeAgreed, before] of [
      [false, [...codesOf(line), ...codesOf(others), ...FOLDER_CODES, 'paused']],
      [true, [...codesOf(line), ...codesOf(others), ...codesOf(disk), 'paused']],
    ] as const) {
      const again = ERROR_CODES.filter((code) => canOfferAgain(said(code), { mayBeAgreed }));
      expect(again.filter((code) => code !== 'interrupted').sort()).toEqual([...before].sort());
    }
  });

  it('is not ended by a refusal that the other device has not made, whatever made it here', () => {
    const mayBeAgreed = false;
    for (const [fromPeer, goesOn] of [
      [false, true],
      [true, false],
    ] as const) {
      const error = new SealaneError('not-trusted', { fromPeer });
      expect(canGoOn(error)).toBe(goesOn);
      expect(canOfferAgain(error, { mayBeAgreed })).toBe(goesOn);
    }
  });
});

describe('a nap', () => {
  const never = new AbortController().signal;

  it('ends by itself, or when it is woken, or when all ends', async () => {
    const nap = new Nap();
    await nap.sleep(10, never);
    const woken = nap.sleep(null, never);
    nap.wake();
    await woken;
    const ending = new AbortController();
    const ended = nap.sleep(null, ending.signal);
    ending.abort();
    await ended;
    await nap.sleep(null, ending.signal);
  });

  it('does not begin when somebody called since the last one, and is not missed twice', async () => {
    const nap = new Nap();
    nap.wake();
    nap.wake();
    await nap.sleep(null, never);
    let isOver = false;
    const next = nap.sleep(null, never).then(() => (isOver = true));
    await pause(20);
    expect(isOver).toBe(false);
    nap.wake();
    await next;
  });
});

describe('a receiver that is back', () => {
  const device = formatDeviceId(new Uint8Array(32).fill(7));

  it('calls until it is heard, one call at a time, and not when nothing waits', async () => {
    const ending = new AbortController();
    let isWaiting = true;
    let calls = 0;
    let heard = (): void => undefined;
    const done = new Promise<void>((resolve) => (heard = resolve));
    const waker = new Waker({
      isWaitingFor: () => isWaiting,
      wake: () => {
        calls += 1;
        if (calls < 2) return Promise.reject(new SealaneError('unreachable'));
        // The sender dials back at once.
        isWaiting = false;
        heard();
        return Promise.resolve();
      },
      signal: ending.signal,
    });
    waker.call(device);
    await pause(20);
    expect(calls).toBe(1);
    // Another sign of life does not wait for the next attempt, and begins no second call.
    waker.call(device);
    await done;
    expect(calls).toBe(2);
    waker.call(device);
    await pause(20);
    expect(calls).toBe(2);
    ending.abort();
  });
});

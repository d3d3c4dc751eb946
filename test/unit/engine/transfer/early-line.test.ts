import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import { EarlyLine } from '../../../../src-main/engine/transfer/early-line.ts';
import type { TransferChannel } from '../../../../src-main/engine/transfer/greeting.ts';
import { Lines } from '../../../support/line.ts';

const lines = new Lines();
const never = new AbortController().signal;

afterAll(() => lines.dispose());
afterEach(() => {
  vi.useRealTimers();
});

/** Says in turn what the next attempts come to, and counts them. */
function attempts(...outcomes: readonly (TransferChannel | Error)[]) {
  const signals: AbortSignal[] = [];
  const reach = (signal: AbortSignal): Promise<TransferChannel> => {
    const outcome = outcomes[signals.length];
    signals.push(signal);
    return outcome instanceof Error || outcome === undefined
      ? Promise.reject(outcome ?? new Error('once too often'))
      : Promise.resolve(outcome);
  };
  return { signals, reach };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a line that is opened early', () => {
  it('is there when it is needed', async () => {
    const { channel } = await lines.open();
    const { signals, reach } = attempts(channel);
    const line = new EarlyLine(reach, never);
    expect(signals).toHaveLength(1);
    await settled();
    expect(await line.take()).toBe(channel);
    expect(signals).toHaveLength(1);
  });

  it('is opened once more when that failed while nobody waited for it', async () => {
    const { channel } = await lines.open();
    const { signals, reach } = attempts(new SealaneError('unreachable'), channel);
    const line = new EarlyLine(reach, never);
    await settled();
    expect(await line.take()).toBe(channel);
    expect(signals).toHaveLength(2);
  });

  it('is opened once more when it was lost meanwhile', async () => {
    const [first, second] = [await lines.open(), await lines.open()];
    const line = new EarlyLine(attempts(first.channel, second.channel).reach, never);
    await settled();
    const lost = new Promise((resolve) => {
      first.channel.onClose(resolve);
    });
    first.far.destroy();
    await lost;
    expect(await line.take()).toBe(second.channel);
  });

  it('fails once, with the reason, when it is waited for: nobody waits twice to hear that nobody is there', async () => {
    const { signals, reach } = attempts(new SealaneError('unreachable'));
    await expect(new EarlyLine(reach, never).take()).rejects.toMatchObject({ code: 'unreachable' });
    expect(signals).toHaveLength(1);
  });

  it('ends with what it is for, or when it is dropped', async () => {
    const [one, other] = [await lines.open(), await lines.open()];
    const ending = new AbortController();
    const ended = attempts(one.channel);
    const dropped = attempts(other.channel);
    new EarlyLine(ended.reach, ending.signal).take().catch(() => undefined);
    const line = new EarlyLine(dropped.reach, ending.signal);
    await line.drop();
    expect(other.channel.isOpen).toBe(false);
    expect(dropped.signals[0]?.reason).toMatchObject({ code: 'interrupted' });
    expect(ended.signals[0]?.aborted).toBe(false);
    ending.abort(new SealaneError('cancelled'));
    expect(ended.signals[0]?.reason).toMatchObject({ code: 'cancelled' });
  });

  it('is not held for long while nothing is said on it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const [first, second] = [await lines.open(), await lines.open()];
    const { signals, reach } = attempts(first.channel, second.channel);
    const line = new EarlyLine((signal) => {
      signal.addEventListener('abort', () => void first.channel.close());
      return reach(signal);
    }, never);
    vi.advanceTimersByTime(9_000);
    expect(signals[0]?.aborted).toBe(false);
    vi.advanceTimersByTime(2_000);
    expect(signals[0]?.reason).toMatchObject({ code: 'interrupted' });
    vi.useRealTimers();
    expect(await line.take()).toBe(second.channel);
    expect(signals[1]?.aborted).toBe(false);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatDeviceId } from '../../../../shared/device-id.ts';
import type { DeviceId } from '../../../../shared/device-id.ts';
import { WAKE_EVERY_MS, WAKE_BURST } from '../../../../shared/limits.ts';
import { DeviceRates } from '../../../../src-main/engine/transfer/device-rates.ts';
import { PacedWakes } from '../../../../src-main/engine/transfer/paced-wakes.ts';

const deviceOf = (byte: number): DeviceId => formatDeviceId(new Uint8Array(32).fill(byte));
const [one, other] = [deviceOf(1), deviceOf(2)];

describe('the rate of a device', () => {
  it('is its own: what one device has used up, another one still has', () => {
    const rates = new DeviceRates({ burst: 2, perSecond: 1 }, () => 0);
    expect([one, one, one, other, other, other].map((device) => rates.take(device))).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('signs of life', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('wake at a rate, and the last of many is not lost', () => {
    const woken: DeviceId[] = [];
    const wakes = new PacedWakes((device) => woken.push(device), new AbortController().signal);
    for (let count = 0; count < 1000; count += 1) wakes.sign(one);
    expect(woken).toHaveLength(WAKE_BURST);
    wakes.sign(other);
    expect(woken.at(-1)).toBe(other);
    vi.advanceTimersByTime(WAKE_EVERY_MS + 1);
    expect(woken.slice(WAKE_BURST + 1)).toEqual([one]);
    vi.advanceTimersByTime(600_000);
    expect(woken).toHaveLength(WAKE_BURST + 2);
  });

  it('wake nothing once all ends', () => {
    const ending = new AbortController();
    const woken: DeviceId[] = [];
    const wakes = new PacedWakes((device) => woken.push(device), ending.signal);
    for (let count = 0; count <= WAKE_BURST; count += 1) wakes.sign(one);
    ending.abort();
    wakes.sign(other);
    vi.advanceTimersByTime(600_000);
    expect(woken).toHaveLength(WAKE_BURST);
  });
});

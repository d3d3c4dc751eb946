import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatDeviceId } from '../../../../shared/device-id.ts';
import { SealaneError } from '../../../../shared/errors.ts';
import { transferIdSchema } from '../../../../shared/views.ts';
import type { TurnedAwayCode } from '../../../../shared/views.ts';
import { TurnedAway } from '../../../../src-main/engine/transfer/turned-away.ts';
import type { TurnedAwayOffers } from '../../../../src-main/engine/transfer/turned-away.ts';

const bob = formatDeviceId(new Uint8Array(32).fill(1));
const eve = formatDeviceId(new Uint8Array(32).fill(2));
const idOf = (nth: number) => transferIdSchema.parse(nth.toString(16).padStart(32, '0'));

describe('offers that are turned away', () => {
  let told: TurnedAwayOffers[] = [];
  let turnedAway = new TurnedAway(() => undefined);
  const refuse = (device: typeof bob, nth: number, code: TurnedAwayCode | 'device-forgotten' = 'busy') => {
    const admit = () => {
      throw new SealaneError(code);
    };
    expect(() => turnedAway.watch(device, idOf(nth), admit)).toThrow(new SealaneError(code));
  };

  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    turnedAway = new TurnedAway((offers) => told.push(offers), 60_000);
  });
  afterEach(() => {
    turnedAway.close();
    vi.useRealTimers();
  });

  it('are told at once, and those that follow together', () => {
    for (let nth = 0; nth < 500; nth += 1) refuse(bob, nth);
    expect(told).toEqual([{ device: bob, code: 'busy', count: 1 }]);
    vi.advanceTimersByTime(59_999);
    expect(told).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([
      { device: bob, code: 'busy', count: 1 },
      { device: bob, code: 'busy', count: 499 },
    ]);
    vi.advanceTimersByTime(600_000);
    expect(told).toHaveLength(2);
  });

  it('count once, however often their sender asks again', () => {
    for (let minute = 0; minute < 10; minute += 1) {
      refuse(bob, 1);
      vi.advanceTimersByTime(60_000);
    }
    expect(told).toHaveLength(1);
  });

  it('of one device keep no word about another one back, nor about another reason', () => {
    refuse(bob, 1);
    refuse(eve, 2);
    refuse(bob, 3, 'offers-open');
    expect(told.map(({ device, code }) => [device, code])).toEqual([
      [bob, 'busy'],
      [eve, 'busy'],
      [bob, 'offers-open'],
    ]);
  });

  it('are only those, and what else is thrown is thrown on', () => {
    refuse(bob, 1, 'device-forgotten');
    expect(turnedAway.watch(bob, idOf(2), () => 'admitted')).toBe('admitted');
    expect(told).toEqual([]);
  });

  it('are told no more once all is closed', () => {
    refuse(bob, 1);
    refuse(bob, 2);
    turnedAway.close();
    vi.advanceTimersByTime(120_000);
    expect(told).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../shared/token-bucket.ts';

describe('a token bucket', () => {
  it('lets a burst through, then as many as it is filled with, and never more than a burst at once', () => {
    let now = 1_000;
    const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, () => now);
    const takes = (times: number) =>
      Array.from({ length: times }, () => bucket.take()).filter(Boolean).length;
    expect(takes(5)).toBe(3);
    now += 400;
    expect(takes(5)).toBe(0);
    now += 100;
    expect(takes(5)).toBe(1);
    now += 3_600_000;
    expect(takes(100)).toBe(3);
  });
});

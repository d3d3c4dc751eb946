import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PINGS_AT_ONCE, PINGS_PER_SECOND, PING_AFTER_MS } from '../../../../shared/limits.ts';
import { PingAllowance } from '../../../../src-main/engine/net/ping-allowance.ts';

describe('the allowance of pings', () => {
  it('is enough for a peer that pings as it should, however long its pings are held up and then come at once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3_600_000 }), { minLength: 1, maxLength: 20 }), (stalls) => {
        let now = 0;
        const allowance = new PingAllowance(() => now);
        let sent = 0;
        let refused = 0;
        for (const stall of stalls) {
          now += stall;
          for (; (sent + 1) * PING_AFTER_MS <= now; sent += 1) refused += allowance.take() ? 0 : 1;
        }
        expect(refused).toBe(0);
      }),
    );
  });

  it('is used up by a flood, whenever that comes, and grows by one a second', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), (quiet) => {
        let now = 0;
        const allowance = new PingAllowance(() => now);
        now += quiet * 1000;
        let taken = 0;
        while (allowance.take()) taken += 1;
        expect(taken).toBe(PINGS_AT_ONCE + quiet * PINGS_PER_SECOND);
        expect(allowance.take()).toBe(false);
      }),
      { numRuns: 20 },
    );
  });
});

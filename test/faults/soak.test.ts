import { expect, it } from 'vitest';
import { soak } from '../soak/run.ts';

it('loses nothing in half a minute of random transfers and random faults', async () => {
  const problems: string[] = [];
  const tally = await soak({
    seed: 20_261_124,
    ms: 30_000,
    pairs: 2,
    onResult: ({ step, failure }) => {
      if (failure !== undefined) problems.push(`seed 20261124, step ${step}: ${failure.message}`);
    },
    signal: new AbortController().signal,
  });
  expect(problems).toEqual([]);
  expect(tally).toMatchObject({ losses: 0, failures: [] });
  expect(tally.transfers).toBeGreaterThan(0);
}, 600_000);

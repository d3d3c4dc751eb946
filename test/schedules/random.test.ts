import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { cancels, closes, declines, forgets, pauses, pausesAndResumes } from '../support/schedules/acts.ts';
import { randomSchedule } from '../support/schedules/random.ts';
import type { Turn } from '../support/schedules/random.ts';
import { playAll } from '../support/schedules/run.ts';
import { demandTruth } from '../support/schedules/truth.ts';
import { Template, World } from '../support/schedules/world.ts';

/** Several acts in one transfer, in orders that nobody has thought of. */

let template: Template;
beforeAll(async () => {
  template = await Template.make();
});
afterAll(() => template.dispose());

const SCHEDULES = process.env['SEALANE_SCHEDULES'] === 'all' ? 400 : 24;

const ends = ['sender', 'receiver'].flatMap(() => [
  cancels('sender'),
  cancels('receiver'),
  forgets('sender'),
  forgets('receiver'),
  declines,
]);
const goesOn = (['sender', 'receiver'] as const).flatMap((side) => [
  pauses(side),
  pausesAndResumes(side),
  pausesAndResumes(side),
  closes(side),
]);
const turn: fc.Arbitrary<Turn> = fc.record({
  act: fc.constantFrom(...goesOn, ...goesOn, ...goesOn, ...ends),
  held: fc.constantFrom('sender', 'receiver'),
  after: fc.nat({ max: 60 }),
});

describe('with several acts at random waits of both sides', { timeout: 600_000 }, () => {
  it('both sides end with one story, and it is true of the disk', async () => {
    const seed = Number(process.env['SEALANE_SCHEDULES_SEED'] ?? 20_261_128);
    const samples = fc.sample(fc.array(turn, { minLength: 2, maxLength: 4 }), { numRuns: SCHEDULES, seed });
    const told = (turns: readonly Turn[]) =>
      turns
        .map(({ act, held, after }) => `${act.side} ${act.what} (${held} held, ${String(after)})`)
        .join('; ');
    const byName = new Map(samples.map((turns) => [told(turns), turns]));
    await playAll(
      `several acts, seed ${String(seed)}`,
      { targets: [...byName.keys()], of: byName.size },
      async (name) => randomSchedule(await World.make(template), byName.get(name) ?? [], demandTruth),
    );
  });
});

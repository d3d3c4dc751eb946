import { afterAll, beforeAll, describe, it } from 'vitest';
import { cancels, closes, declines, pauses, pausesAndResumes } from '../support/schedules/acts.ts';
import type { Side } from '../support/schedules/acts.ts';
import { isOverFor } from '../support/schedules/alone.ts';
import { explore } from '../support/schedules/explore.ts';
import { demandTruth } from '../support/schedules/truth.ts';
import { Template, World } from '../support/schedules/world.ts';

/** Whatever the two users do, and whenever: both sides end with one story, and it is true of the disk. */

let template: Template;
beforeAll(async () => {
  template = await Template.make();
});
afterAll(() => template.dispose());
const makeWorld = () => World.make(template);

const SIDES: readonly Side[] = ['sender', 'receiver'];
const ACTS = [cancels, pauses, pausesAndResumes, closes];

describe('an offer is made and accepted', { timeout: 600_000 }, () => {
  const all = [declines, ...SIDES.flatMap((side) => ACTS.map((act) => act(side)))];
  const cases = SIDES.flatMap((held) =>
    all.map((act) => [held, `the ${act.side} ${act.what}`, act] as const),
  );

  it.each(cases)('and while the %s is held at any wait of it, %s', async (held, what, act) => {
    await explore(
      `an offer, the ${held} held: ${what}`,
      {
        held,
        act: act.does,
        afterwards: async (world) => await act.afterwards?.(world),
        isOver: isOverFor,
        judge: demandTruth,
      },
      { makeWorld, budget: 6, gatesOf: held },
    );
  });
});

import { afterAll, beforeAll, describe, it } from 'vitest';
import { cancels, closes, forgets, pauses, pausesAndResumes, resumes } from '../support/schedules/acts.ts';
import type { Side } from '../support/schedules/acts.ts';
import { isOverFor } from '../support/schedules/alone.ts';
import { explore } from '../support/schedules/explore.ts';
import { goOn, halfWay } from '../support/schedules/half-way.ts';
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
describe('half is across', { timeout: 600_000 }, () => {
  const others = [cancels, pausesAndResumes, closes, forgets];
  const operations = [cancels, pauses, resumes, closes, forgets];
  const cases = SIDES.flatMap((side) =>
    operations.flatMap((operation) =>
      others.map((act) => [operation(side), act(side === 'sender' ? 'receiver' : 'sender')] as const),
    ),
  ).map(
    ([operation, act]) =>
      [
        `the ${operation.side} ${operation.what}, and at any wait of that the ${act.side} ${act.what}`,
        operation,
        act,
      ] as const,
  );

  it.each(cases)('%s', async (what, operation, act) => {
    await explore(
      `half way, ${what}`,
      {
        held: operation.side,
        prepare: async (world) => {
          await halfWay(world);
          if (operation.what === 'resumes') await pauses(operation.side).does(world);
        },
        begin: async (world) => {
          const doing = operation.does(world);
          goOn(world);
          await doing;
        },
        act: act.does,
        finish: async (world) => await operation.afterwards?.(world),
        afterwards: async (world) => await act.afterwards?.(world),
        isOver: isOverFor,
        judge: demandTruth,
      },
      { makeWorld, budget: 3, gatesOf: `${operation.side} ${operation.what}` },
    );
  });
});

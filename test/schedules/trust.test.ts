import { afterAll, beforeAll, describe, it } from 'vitest';
import { forgets, forgetsElsewhere } from '../support/schedules/acts.ts';
import { explore } from '../support/schedules/explore.ts';
import { demandTruth } from '../support/schedules/truth.ts';
import { Template, World } from '../support/schedules/world.ts';

/** Trust ends when it is taken back, whatever the device that is forgotten has begun, and however far it has come. */

let template: Template;
beforeAll(async () => {
  template = await Template.make();
});
afterAll(() => template.dispose());
const makeWorld = () => World.make(template);

describe('a device that is forgotten', { timeout: 600_000 }, () => {
  it.each(['always', 'ask'] as const)(
    'by the receiver, at any moment of its offer (policy: %s), is not accepted, and nothing of it arrives',
    async (accept) => {
      await explore(
        `an offer comes (${accept}), and the receiver forgets the sender`,
        {
          held: 'receiver',
          prepare: async (world) => {
            await world.receiver.does((engine) => engine.changeDevice(world.sender.id, { accept }));
          },
          act: forgets('receiver').does,
          judge: demandTruth,
        },
        { makeWorld, budget: 24 },
      );
    },
  );

  it.each([
    ['receiver', 'an offer comes'],
    ['sender', 'it is sent'],
  ] as const)('by the %s, in another process on its profile, is cut off all the same', async (side, what) => {
    const act = forgetsElsewhere(side);
    await explore(
      `${what}, and the ${side} ${act.what}`,
      { held: side, act: act.does, judge: demandTruth },
      { makeWorld, budget: 8 },
    );
  });

  it('by the sender, at any moment of what it sends, gets no more of it', async () => {
    await explore(
      'it is sent, and the sender forgets the receiver',
      { held: 'sender', act: forgets('sender').does, judge: demandTruth },
      { makeWorld, budget: 16 },
    );
  });

  it('by the other side is told so, at any moment', async () => {
    await explore(
      'an offer comes, and the sender forgets the receiver',
      { held: 'receiver', act: forgets('sender').does, judge: demandTruth },
      { makeWorld, budget: 8 },
    );
    await explore(
      'it is sent, and the receiver forgets the sender',
      { held: 'sender', act: forgets('receiver').does, judge: demandTruth },
      { makeWorld, budget: 8 },
    );
  });
});

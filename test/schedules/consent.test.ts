import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { RawOffer } from '../support/hostile-sender.ts';
import { Deceiver, LETTER, filesCalled } from '../support/schedules/deceiver.ts';
import { explore } from '../support/schedules/explore.ts';
import { demand } from '../support/schedules/untruth.ts';
import { Template, World } from '../support/schedules/world.ts';

/** A yes is given to what was shown, whatever a trusted device offers under the same id, and whenever. */

let template: Template;
beforeAll(async () => {
  template = await Template.make();
});
afterAll(() => template.dispose());

const deceivers = new WeakMap<World, Deceiver>();

/** The receiver's user says yes to the letter, and to nothing else. */
async function makeWorld(): Promise<World> {
  const world = await World.make(template, ['receiver']);
  world.receiver.answer = ({ items, totalBytes, totalFiles }) =>
    items.map(({ name }) => name).join() === 'letter.txt' &&
    totalBytes === LETTER.bytes &&
    totalFiles === LETTER.files
      ? 'accept'
      : undefined;
  deceivers.set(world, new Deceiver(world));
  return world;
}

function deceiverOf(world: World): Deceiver {
  const deceiver = deceivers.get(world);
  if (deceiver === undefined) throw new Error('nobody deceives');
  return deceiver;
}

async function demandConsent(world: World): Promise<void> {
  const { accepted } = deceiverOf(world);
  for (const offer of accepted) {
    const { items, files, bytes } = offer;
    const names = items.map(({ name }) => name);
    demand(
      offer === LETTER,
      `the yes was to letter.txt, 10 bytes; accepted was ${names.join(', ')}, ${String(files)} files, ${String(bytes)} bytes`,
    );
  }
  const received = await world.received();
  demand(
    received.every((name) => name === 'letter.txt'),
    `the yes was to letter.txt; what arrived is ${received.join(', ')}`,
  );
  if (received.length === 0) return;
  const text = await readFile(join(world.into, 'letter.txt'), 'utf8');
  demand(text.length === LETTER.bytes, `letter.txt has ${String(text.length)} bytes`);
}

const LIES: readonly (readonly [string, RawOffer])[] = [
  ['of three files of other names', filesCalled('a.desktop', 'b', 'c')],
  ['of another name', filesCalled('letter.desktop')],
  ['of a hidden file', { ...filesCalled('.profile'), hidden: 1 }],
  ['of a thousand files', { ...LETTER, files: 1000 }],
  ['of two gigabytes', { ...LETTER, bytes: 2 * 1024 ** 3 }],
];

describe('a yes to a letter is one to a letter only', { timeout: 600_000 }, () => {
  it.each(LIES)('when an offer %s comes under its id at any moment', async (what, lie) => {
    await explore(
      `an offer is accepted, and one ${what} comes under its id`,
      {
        held: 'receiver',
        begin: (world) => deceiverOf(world).offer(LETTER),
        act: (world) => deceiverOf(world).offer(lie),
        afterwards: async (world) => {
          // Nobody answers an offer that is shown anew: the deceiver gives up.
          const { receiver } = world;
          for (const view of receiver.views) if (view.state.kind === 'offered') await receiver.declines(view);
        },
        isOver: async (world) => world.receiver.views.length > 0 && (await world.isOver()),
        judge: demandConsent,
      },
      { makeWorld, budget: 10, gatesOf: 'the letter' },
    );
  });
});

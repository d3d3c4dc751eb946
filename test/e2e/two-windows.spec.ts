import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { compareTrees } from '../support/compare.ts';
import { STEPS, travel } from '../support/journey.ts';
import type { Step } from '../support/journey.ts';
import { makeFolder } from '../support/made-folder.ts';
import { expectAccessible, World } from './world.ts';

const PICTURES = fileURLToPath(new URL('../../test-results/screenshots', import.meta.url));
const MEGABYTE = 1_000_000;

/** Which window axe looks at when: not at both where they show the same, and a running transfer waits for nobody. */
const LOOKED_AT: { readonly [Who in 'sender' | 'receiver']: readonly Step[] } = {
  sender: ['start', 'choose', 'invite', 'code', 'confirmed', 'paired', 'devices', 'offer', 'done'],
  receiver: ['invite', 'offer', 'done'],
};

let world: World;
test.beforeAll(async () => {
  world = await World.create();
  await rm(PICTURES, { recursive: true, force: true });
});
test.afterAll(() => world.dispose());

/** What a person would call a bar that moves: it never goes back, and is seen at several places on its way. */
function expectRising(percents: readonly number[]): void {
  expect(percents).toEqual([...percents].sort((a, b) => a - b));
  const onTheWay = new Set(percents.filter((percent) => percent > 0 && percent < 100));
  // The page hears of it five times a second, and a fast machine is done soon.
  expect(onTheWay.size).toBeGreaterThanOrEqual(3);
}

test('two windows pair and send a folder of more than 500 MB, and every byte arrives', async () => {
  test.setTimeout(300_000);
  const source = join(world.folder, 'Holiday');
  await makeFolder(source, { largeBytes: 500 * MEGABYTE, smallFiles: 2_000 });
  const sender = await world.open('Desk', 'light');
  const receiver = await world.open('Marta’s laptop', 'dark');

  const onStep = async (step: Step): Promise<void> => {
    const number = String(STEPS.indexOf(step) + 1).padStart(2, '0');
    await Promise.all([
      sender.picture(PICTURES, `${number}-${step}-sender`),
      receiver.picture(PICTURES, `${number}-${step}-receiver`),
    ]);
    if (LOOKED_AT.sender.includes(step)) await expectAccessible(sender, `${step}, sender`);
    if (LOOKED_AT.receiver.includes(step)) await expectAccessible(receiver, `${step}, receiver`);
  };
  const { codes, watched, outcome } = await travel({ sender, receiver, source, onStep });

  expect(codes[0]).toMatch(/^\d{3} \d{3}$/);
  expect(codes[1]).toBe(codes[0]);
  for (const { states, percents } of [watched.sender, watched.receiver]) {
    expect(states).toContain('running');
    expect(states.at(-1)).toBe('done');
    expectRising(percents);
  }

  const { into, names } = outcome.receiver;
  expect(into).toBe(world.received(receiver.name));
  expect(names).toEqual(['Holiday']);
  const comparison = await compareTrees(source, join(world.received(receiver.name), 'Holiday'));
  expect(comparison.differences).toEqual([]);
  expect(comparison.bytes).toBeGreaterThan(500 * MEGABYTE);
  expect(comparison).toMatchObject({ files: 2_007, executables: 1 });
  for (const { bytes, files, skippedCount } of [outcome.sender, outcome.receiver]) {
    expect({ bytes, files, skippedCount }).toEqual({
      bytes: comparison.bytes,
      files: comparison.files,
      skippedCount: 0,
    });
  }
  expect([...sender.complaints, ...receiver.complaints]).toEqual([]);
});

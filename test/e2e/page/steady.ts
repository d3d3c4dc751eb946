import type { Locator } from '@playwright/test';
import type { AppSnapshot } from '../../../shared/ipc.ts';
import { snapshot } from './scenes.ts';
import type { Stage } from './stage.ts';

/** A page whose clock stands still, and a pointer on it: nothing depends on how fast a machine is. */

/** Longer than what has moved takes no pointer (UNSTEADY_MS). */
export const STEADY_AGAIN_MS = 700;

/** Opens the page, `height` pixels high, with its clock standing still, and everything in its place for a while. */
export async function openSteady(stage: Stage, parts: Partial<AppSnapshot>, height: number): Promise<void> {
  await stage.page.clock.install();
  await stage.open(snapshot(parts));
  await stage.size(960, height);
  await stage.page.clock.pauseAt(Date.now() + 60_000);
  await settle(stage);
}

/** Lets what has moved take the pointer again. */
export const settle = ({ page }: Stage): Promise<void> => page.clock.runFor(STEADY_AGAIN_MS);

/** Moves the pointer onto the middle of something, which it is over by then. */
export async function pointAt({ page }: Stage, what: Locator): Promise<void> {
  const box = await what.boundingBox();
  if (box === null) throw new Error('it is not to be seen');
  await page.mouse.move(box.x + box.width / 2 - 3, box.y + box.height / 2);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
}

export async function press({ page }: Stage): Promise<void> {
  await page.mouse.down();
  await page.mouse.up();
}

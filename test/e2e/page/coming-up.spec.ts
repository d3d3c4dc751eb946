import type { Locator } from '@playwright/test';
import type { TransferView } from '../../../shared/views.ts';
import { digest, items } from '../../support/offered.ts';
import { laptop, snapshot, studio, transfer } from './scenes.ts';
import { expect, test } from './stage.ts';
import type { Stage } from './stage.ts';

/** What lies under a pointer when the whole window comes up under it. The page's clock stands still, as in moving.spec.ts. */

/** Longer than what has come up takes no pointer (UNSTEADY_MS). */
const STEADY_AGAIN_MS = 700;

const peer = { direction: 'receive', recorded: false, device: { id: studio.id, name: studio.name } } as const;

function offered(name: string, number: number): TransferView {
  const parts = { ...peer, items: items(name), itemCount: 1, totalFiles: 1, created: number };
  return transfer({ kind: 'offered', offer: digest(number) }, parts);
}

const settle = ({ page }: Stage): Promise<void> => page.clock.runFor(STEADY_AGAIN_MS);

const acceptOf = ({ page }: Stage, name: string): Locator =>
  page
    .getByRole('region', { name: 'Studio wants to send you' })
    .filter({ hasText: name })
    .getByRole('button', { name: 'Accept', exact: true });

/** Moves the pointer onto the middle of a button, and presses there. */
async function press({ page }: Stage, what: Locator): Promise<void> {
  const box = await what.boundingBox();
  if (box === null) throw new Error('it is not to be seen');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.up();
}

test('a window that is given the focus, or was hidden, holds what is pressed with the pointer, and the keyboard not', async ({
  stage,
}) => {
  const { page, app } = stage;
  const focus = (has: boolean): Promise<void> =>
    app.evaluate(({ BrowserWindow }, wanted) => {
      const [window] = BrowserWindow.getAllWindows();
      if (wanted) window?.focus();
      else window?.blur();
    }, has);
  const hasFocus = (): Promise<boolean> => page.evaluate(() => document.hasFocus());
  const [first, second] = [offered('one.txt', 1), offered('two.txt', 2)];
  await page.clock.install();
  await stage.open(snapshot({ devices: [laptop, studio], transfers: [first, second] }));
  await stage.size(960, 900);
  await page.clock.pauseAt(Date.now() + 60_000);
  await settle(stage);
  // Playwright has every page believe that it has the focus, until it is told otherwise.
  const session = await page.context().newCDPSession(page);
  for (const enabled of [true, false]) await session.send('Emulation.setFocusEmulationEnabled', { enabled });
  await focus(false);
  await expect.poll(hasFocus).toBe(false);
  await settle(stage);
  const held = page.locator('[data-unsteady]');
  expect(await held.count()).toBe(0);

  await focus(true);
  await expect.poll(hasFocus).toBe(true);
  await press(stage, acceptOf(stage, 'one.txt'));
  expect(await stage.calls('acceptTransfer')).toEqual([]);
  await acceptOf(stage, 'two.txt').focus();
  await page.keyboard.press('Enter');
  expect(await stage.calls('acceptTransfer')).toEqual([[second.id, digest(2)]]);
  await settle(stage);
  expect(await held.count()).toBe(0);

  // A stand-in for the system: Playwright has every page believe that it is seen.
  const see = (state: 'hidden' | 'visible'): Promise<void> =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'visibilityState', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  await see('hidden');
  await page.clock.runFor(10 * STEADY_AGAIN_MS);
  await see('visible');
  await press(stage, acceptOf(stage, 'one.txt'));
  expect(await stage.calls('acceptTransfer')).toHaveLength(1);
  await settle(stage);
  await press(stage, acceptOf(stage, 'one.txt'));
  expect(await stage.calls('acceptTransfer')).toEqual([
    [second.id, digest(2)],
    [first.id, digest(1)],
  ]);
  await session.detach();
});

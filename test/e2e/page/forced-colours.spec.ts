import type { Locator } from '@playwright/test';
import type { TransferState, TransferView } from '../../../shared/views.ts';
import { items } from '../../support/offered.ts';
import { errorOf, everyState, invite, laptop, offer, pairing, snapshot, studio, transfer } from './scenes.ts';
import { expect, test } from './stage.ts';
import type { Stage } from './stage.ts';

/**
 * A system's high contrast takes away every background, gradient and shadow of the page. Whatever shows a state by these alone must
 * show it in another way: two states of one thing are drawn, and their pictures compared.
 */

const paired = { devices: [laptop, studio] };
const ALONE = { items: items('Scan.pdf'), itemCount: 1 };

/** An element as it is drawn, as PNG. Cut out here: a picture of a part of the page takes the pointer away from it. */
async function pictureOf({ app, page }: Stage, element: Locator): Promise<string> {
  const box = await element.boundingBox();
  if (box === null) throw new Error('it is not to be seen');
  const [x, y] = [Math.floor(box.x), Math.floor(box.y)];
  const part = { x, y, width: Math.ceil(box.x + box.width) - x, height: Math.ceil(box.y + box.height) - y };
  const whole = (await page.screenshot()).toString('base64');
  return app.evaluate(
    ({ nativeImage }, [png, rectangle]) =>
      nativeImage.createFromBuffer(Buffer.from(png, 'base64')).crop(rectangle).toPNG().toString('base64'),
    [whole, part] as const,
  );
}

/** How many pixels of two pictures (PNG, of the same size) are of another colour. */
async function differing({ app }: Stage, one: string, other: string): Promise<number> {
  return app.evaluate(
    ({ nativeImage }, pictures) => {
      const [before, after] = pictures.map((png) =>
        nativeImage.createFromBuffer(Buffer.from(png, 'base64')).toBitmap(),
      );
      if (before === undefined || before.length !== after?.length) throw new Error('not of one size');
      let count = 0;
      // Four bytes a pixel, the last of which is no colour.
      for (let at = 0; at < before.length; at += 4) {
        const distances = [0, 1, 2].map((byte) =>
          Math.abs((before[at + byte] ?? 0) - (after[at + byte] ?? 0)),
        );
        if (Math.max(...distances) > 32) count += 1;
      }
      return count;
    },
    [one, other],
  );
}

/** The colour that an element has at this place, in pixels from its corner. */
async function colourAt(stage: Stage, element: Locator, x: number, y: number): Promise<readonly number[]> {
  const png = await pictureOf(stage, element);
  return stage.app.evaluate(
    ({ nativeImage }, [base64, left, top]) => {
      const image = nativeImage.createFromBuffer(Buffer.from(base64, 'base64'));
      const at = (top * image.getSize().width + left) * 4;
      return [...image.toBitmap().subarray(at, at + 3)];
    },
    [png, x, y] as const,
  );
}

/** Does `act`, after which more than so many pixels of the element are to look otherwise. */
async function expectChange(
  stage: Stage,
  element: Locator,
  least: number,
  act: () => Promise<void>,
): Promise<void> {
  const before = await pictureOf(stage, element);
  await act();
  await expect
    .poll(async () => differing(stage, before, await pictureOf(stage, element)), String(element))
    .toBeGreaterThan(least);
}

function at(percent: number, kind: 'running' | 'waiting' = 'running'): TransferState {
  const progress = {
    bytes: percent,
    files: 0,
    bytesPerSecond: kind === 'running' ? 5 : 0,
    secondsLeft: null,
  };
  if (kind === 'running') return { kind, progress };
  return { kind, error: errorOf('connection-lost'), retryAt: null, progress };
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.beforeEach(async ({ stage }) => {
      await stage.page.emulateMedia({ colorScheme, forcedColors: 'active' });
    });

    test('a progress bar shows how far it is, and whether it moves', async ({ stage }) => {
      const made = transfer(at(10), { ...ALONE, totalBytes: 100, totalFiles: 1 });
      const push = (state: TransferState): Promise<void> =>
        stage.push({ type: 'transfer', transfer: { ...made, state } satisfies TransferView });
      await stage.open(snapshot({ ...paired, transfers: [made] }));
      await stage.size(960, 680);
      const bar = stage.page.getByRole('progressbar');
      const { width = 0, height = 0 } = (await bar.boundingBox()) ?? {};
      const half = (width * height) / 2;
      await expectChange(stage, bar, half * 0.7, () => push(at(60)));
      await expectChange(stage, bar, half * 0.7, () => push(at(60, 'waiting')));
      await expectChange(stage, bar, half * 0.7, () => push(at(10, 'waiting')));
    });

    test('a menu shows which of its items is meant, and where one group ends', async ({ stage }) => {
      const { page } = stage;
      await stage.open(snapshot(paired));
      await stage.size(960, 680);
      await page.getByRole('button', { name: 'More about Studio' }).click();
      for (const name of ['Use the usual folder', 'Forget this device…']) {
        const item = page.getByRole('menuitem', { name });
        const { width = 0, height = 0 } = (await item.boundingBox()) ?? {};
        await expectChange(stage, item, width * height * 0.5, () => item.hover());
      }
      const line = page.getByRole('separator').first();
      await expectChange(stage, line, 50, () =>
        line.evaluate((element) => {
          element.style.opacity = '0';
        }),
      );
    });

    test('the button that is meant, and one that cannot be pressed, look unlike any other', async ({
      stage,
    }) => {
      const { page } = stage;
      await stage.open(snapshot({ ...paired, transfers: [offer] }));
      await stage.size(960, 680);
      const accept = page.getByRole('button', { name: 'Accept', exact: true });
      await expectChange(stage, accept, 500, () =>
        accept.evaluate((button) => {
          button.classList.remove('primary');
        }),
      );
      const other = page.getByRole('button', { name: 'Pair a device' });
      for (const button of [accept, other]) {
        await expectChange(stage, button, 100, () =>
          button.evaluate((element) => {
            element.setAttribute('disabled', '');
          }),
        );
      }
      // Disabled, the one that was meant is a button like any other: nothing invites to press it.
      await accept.evaluate((button) => {
        button.classList.add('primary');
      });
      expect(await colourAt(stage, accept, 8, 8)).toEqual(await colourAt(stage, other, 8, 8));
    });

    test('a button says that the pointer is on it', async ({ stage }) => {
      const { page } = stage;
      await stage.open(snapshot({ ...paired, transfers: [offer] }));
      await stage.size(960, 680);
      await expect(page.locator('[data-unsteady]')).toHaveCount(0);
      for (const button of [
        page.getByRole('button', { name: 'Accept into…' }),
        page.getByRole('button', { name: 'Rename this device' }),
        page.getByRole('button', { name: 'Show id' }),
      ]) {
        await page.mouse.move(0, 0);
        await expectChange(stage, button, 20, () => button.hover());
      }
    });

    test('a card shows that files may be dropped, and that a drop would land on it', async ({ stage }) => {
      const { page } = stage;
      await stage.open(snapshot(paired));
      await stage.size(960, 680);
      const card = page.getByRole('group', { name: 'Studio' });
      const drag = (type: string, selector: string): Promise<void> =>
        page.evaluate(
          ([name, target]) => {
            const data = new DataTransfer();
            data.items.add(new File(['x'], 'a.txt'));
            const options = { bubbles: true, cancelable: true, dataTransfer: data };
            document.querySelector(target)?.dispatchEvent(new DragEvent(name, options));
          },
          [type, selector] as const,
        );
      await expectChange(stage, card, 200, () => drag('dragenter', 'body'));
      const last = '.device-list > li:last-child .device';
      await expectChange(stage, card, 200, () => drag('dragover', last));
    });
  });
}

test('every part of the page in high contrast', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot({ ...paired, transfers: [offer, ...everyState] }), {
    createInvite: { ok: true, value: invite() },
  });
  await stage.size(960, 1200);
  await stage.lookWithForcedColours('forced-main');
  await page.getByRole('button', { name: 'More about Studio' }).click();
  await page.getByRole('menuitem', { name: 'Use the usual folder' }).hover();
  await stage.lookWithForcedColours('forced-menu');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Pair a device' }).click();
  await page.getByRole('button', { name: 'Show an invite' }).click();
  const code = page.getByRole('img', { name: 'QR code of the invite' });
  await code.waitFor();
  // Dark on light whatever the theme, or no camera reads it; the margin is the ground of the picture.
  await page.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' });
  expect(await colourAt(stage, code, 100, 6)).toEqual([255, 255, 255]);
  await stage.lookWithForcedColours('forced-show');
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'comparing', code: '483 190' }) });
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'confirmed', code: '483 190' }) });
  await stage.lookWithForcedColours('forced-code');
});

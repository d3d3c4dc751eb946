import decodeQR from 'qr/decode.js';
import { invite, pairing, snapshot } from './scenes.ts';
import type { Stage } from './stage.ts';
import { expect, test } from './stage.ts';

/** What people look at and hold a camera to while they pair. */

/** The text of the QR code in a picture of the window, read as a camera's program reads it. */
async function readPicture(stage: Stage): Promise<string> {
  const png = (await stage.page.screenshot()).toString('base64');
  const { width, height, pixels } = await stage.app.evaluate(({ nativeImage }, picture) => {
    const image = nativeImage.createFromDataURL(`data:image/png;base64,${picture}`);
    return { ...image.getSize(), pixels: image.toBitmap().toString('base64') };
  }, png);
  // Which of the outer channels is red makes no difference to a reader of black and white.
  return decodeQR({ width, height, data: new Uint8Array(Buffer.from(pixels, 'base64')) });
}

test('the QR code in the window can be read, light and dark, wide and narrow', async ({ stage }) => {
  const { page } = stage;
  const made = invite();
  await stage.open(snapshot(), { createInvite: { ok: true, value: made } });
  await stage.size(960, 680);
  await page.getByRole('button', { name: 'Pair a device' }).click();
  await page.getByRole('button', { name: 'Show an invite' }).click();
  const code = page.getByRole('img', { name: 'QR code of the invite' });
  const box = await code.boundingBox();
  expect(box?.width).toBeGreaterThanOrEqual(300);
  expect(box?.height).toBe(box?.width);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await readPicture(stage)).toBe(made.link);
  }
  await stage.size(560, 480);
  await code.scrollIntoViewIfNeeded();
  expect(await readPicture(stage)).toBe(made.link);
});

test('the code to compare stays where it is when this side has said yes', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot());
  for (const [width, height] of [
    [960, 680],
    [560, 480],
    [480, 340],
  ] as const) {
    await stage.size(width, height);
    await stage.push({ type: 'pairing', pairing: pairing({ kind: 'comparing', code: '483 190' }) });
    const code = page.getByTestId('pairing-code');
    await code.scrollIntoViewIfNeeded();
    const [before, yes] = [
      await code.boundingBox(),
      await page.getByRole('button', { name: 'Yes' }).boundingBox(),
    ];
    await stage.push({ type: 'pairing', pairing: pairing({ kind: 'confirmed', code: '483 190' }) });
    await expect(page.getByRole('heading', { name: 'Waiting for the other device…' })).toBeFocused();
    expect(await code.boundingBox()).toEqual(before);
    // A second click in the same place does nothing.
    expect(await page.getByRole('button', { name: 'Yes' }).boundingBox()).toEqual(yes);
    await expect(page.getByRole('button', { name: 'Yes' })).toBeDisabled();
  }
});

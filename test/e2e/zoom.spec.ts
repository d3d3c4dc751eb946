import { expect, test } from '@playwright/test';
import { launchSealane, type Sealane } from './sealane.ts';

/** How large the page is: by the keyboard and by the menu, and in the next window as in the last. */

const zoomOf = ({ app }: Sealane): Promise<number | undefined> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getZoomFactor());

/** Presses a key together with Ctrl, or with Command on a Mac, as the system would send it. */
function press({ app }: Sealane, keyCode: string): Promise<void> {
  return app.evaluate(({ BrowserWindow }, key) => {
    const modifiers: ('meta' | 'control')[] = [process.platform === 'darwin' ? 'meta' : 'control'];
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    for (const type of ['keyDown', 'keyUp'] as const)
      contents?.sendInputEvent({ type, keyCode: key, modifiers });
  }, keyCode);
}

/** Chooses an item of the menu "View". */
function choose({ app }: Sealane, label: string): Promise<void> {
  return app.evaluate(({ BrowserWindow, Menu }, wanted) => {
    const view = Menu.getApplicationMenu()?.items.find((item) => item.label === 'View');
    const [item, ...more] =
      view?.submenu?.items.filter((entry) => entry.visible && entry.label === wanted) ?? [];
    if (item === undefined || more.length > 0) throw new Error(`"${wanted}" is not there once`);
    const [window] = BrowserWindow.getAllWindows();
    Reflect.apply(item.click, item, [undefined, window, window?.webContents]);
  }, label);
}

test('the page is made larger and smaller with every key for it, and back with zero', async () => {
  const device = await launchSealane({ name: 'Zoomed by keys' });
  try {
    expect(await zoomOf(device)).toBe(1);
    for (const larger of ['=', 'Plus', 'numadd']) {
      await press(device, larger);
      await expect.poll(() => zoomOf(device), larger).toBeGreaterThan(1);
      await press(device, '0');
      await expect.poll(() => zoomOf(device), '0').toBe(1);
    }
    for (const smaller of ['-', 'numsub']) {
      await press(device, smaller);
      await expect.poll(() => zoomOf(device), smaller).toBeLessThan(1);
      await press(device, 'num0');
      await expect.poll(() => zoomOf(device), 'num0').toBe(1);
    }
  } finally {
    await device.remove();
  }
});

test('the next window shows the page as large as the last one did', async () => {
  const first = await launchSealane({ name: 'Zoomed by menu' });
  await choose(first, 'Zoom In');
  await choose(first, 'Zoom In');
  await choose(first, 'Zoom Out');
  await choose(first, 'Zoom In');
  await expect.poll(() => zoomOf(first)).toBeGreaterThan(1);
  const factor = await zoomOf(first);
  await first.close();
  const second = await launchSealane({ name: 'Zoomed by menu', folder: first.folder });
  try {
    expect(await zoomOf(second)).toBe(factor);
    await choose(second, 'Actual Size');
    await expect.poll(() => zoomOf(second)).toBe(1);
    await second.close();
    const third = await launchSealane({ name: 'Zoomed by menu', folder: first.folder });
    expect(await zoomOf(third)).toBe(1);
    await third.close();
  } finally {
    await second.remove();
  }
});

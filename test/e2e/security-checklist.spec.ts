import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { launchSealane, type Sealane } from './sealane.ts';

/**
 * Electron's own security checklist, item by item by its numbers, in the running app, as far as security.spec.ts and
 * security-doors.spec.ts have not asked already: there are 4 (sandbox), 5 (permissions), 7 (policy), 13 and 14 (navigation,
 * windows), 17 (senders of messages), 20 (what the page is given). 19, the fuses, is read from the package (test/package/), and 16, a
 * current runtime, is what package.json asks for: nothing else is packaged for release (test/package/refusal.test.ts).
 */

let device: Sealane;
let page: Page;

test.beforeAll(async () => {
  device = await launchSealane({ name: 'By the list' });
  page = device.page;
});
test.afterAll(async () => {
  await device.remove();
});

/** The preferences that the window's page really runs with. */
function preferences(): Promise<unknown> {
  return device.app.evaluate(({ BrowserWindow }) => {
    const contents: object | undefined = BrowserWindow.getAllWindows()[0]?.webContents;
    if (contents === undefined || !('getLastWebPreferences' in contents)) return undefined;
    const found: unknown =
      typeof contents.getLastWebPreferences === 'function'
        ? Reflect.apply(contents.getLastWebPreferences, contents, [])
        : undefined;
    return found;
  });
}

test('1 and 18: all that the page loads is its own, by its own scheme and not from files', async () => {
  const loaded = await page.evaluate(() => [
    location.href,
    ...Array.from(document.querySelectorAll('script'), ({ src }) => src),
    ...Array.from(document.querySelectorAll('link'), ({ href }) => href),
  ]);
  expect(loaded.length).toBeGreaterThan(2);
  for (const address of loaded) expect(address).toMatch(/^sealane-app:\/\/app\//);
  const picture = new URL('../../src-main/desktop/assets/icon-256.png', import.meta.url).href;
  const files = await page.evaluate(async (address) => {
    const read = await fetch(address).then(
      () => 'read',
      () => 'refused',
    );
    const shown = await new Promise((resolve) => {
      const image = new Image();
      image.addEventListener('load', () => {
        resolve('shown');
      });
      image.addEventListener('error', () => {
        resolve('refused');
      });
      image.src = address;
    });
    return { read, shown };
  }, picture);
  expect(files).toEqual({ read: 'refused', shown: 'refused' });
});

test('2, 3, 6 and 8 to 10: nothing is switched on that opens the page, and nothing off that closes it', async () => {
  const found = await preferences();
  expect(found).toMatchObject({
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    contextIsolation: true,
    sandbox: true,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
  });
  // Left out of the list, or empty, while they are off.
  for (const name of ['nodeIntegrationInWorker', 'navigateOnDragDrop', 'enableBlinkFeatures'])
    expect(Boolean(Reflect.get(Object(found), name)), name).toBe(false);
});

test('11 and 12: there are no guest pages', async () => {
  const made = await page.evaluate(async () => {
    const view = document.createElement('webview');
    view.setAttribute('src', 'sealane-app://app/index.html');
    view.setAttribute('allowpopups', '');
    document.body.append(view);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const kind = view instanceof HTMLUnknownElement || !('getWebContentsId' in view) ? 'nothing' : 'guest';
    view.remove();
    return kind;
  });
  expect(made).toBe('nothing');
  const contents = await device.app.evaluate(({ webContents }) =>
    webContents.getAllWebContents().map((each) => each.getType()),
  );
  expect(contents).toEqual(['window']);
});

test('15: no address of the page is handed to the system', async () => {
  await device.app.evaluate(({ shell }) => {
    const opened: string[] = [];
    Reflect.set(globalThis, 'openedOutside', opened);
    shell.openExternal = (address) => {
      opened.push(address);
      return Promise.resolve();
    };
  });
  await page.evaluate(async () => {
    for (const address of ['https://example.org/', 'mailto:a@example.org', 'file:///etc/hostname']) {
      window.open(address);
      const link = document.createElement('a');
      link.href = address;
      link.target = '_blank';
      document.body.append(link);
      link.click();
      link.remove();
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  expect(await device.app.evaluate(() => Reflect.get(globalThis, 'openedOutside') as unknown)).toEqual([]);
  expect(device.app.windows()).toHaveLength(1);
});

test('5 goes for devices and the screen, too', async () => {
  const answers = await page.evaluate(async () => {
    const outcome = (work: () => Promise<unknown>): Promise<string> =>
      Promise.resolve()
        .then(work)
        .then(
          () => 'given',
          () => 'denied',
        );
    const ask = (name: string): Promise<string> =>
      outcome(async () => {
        const devices: unknown = Reflect.get(navigator, name);
        if (typeof devices !== 'object' || devices === null) throw new Error('not there');
        const request: unknown = Reflect.get(devices, name === 'serial' ? 'requestPort' : 'requestDevice');
        if (typeof request !== 'function') throw new Error('not there');
        const given: unknown = await Reflect.apply(request, devices, [{ filters: [] }]);
        if (Array.isArray(given) && given.length === 0) throw new Error('none of them');
      });
    return {
      usb: await ask('usb'),
      hid: await ask('hid'),
      serial: await ask('serial'),
      bluetooth: await ask('bluetooth'),
      screen: await outcome(() => navigator.mediaDevices.getDisplayMedia({ video: true })),
    };
  });
  expect(answers).toEqual({
    usb: 'denied',
    hid: 'denied',
    serial: 'denied',
    bluetooth: 'denied',
    screen: 'denied',
  });
});

test('7: the policy holds without a single exception for what is written inline', async () => {
  const policy = await page.evaluate(() => {
    const meta = document.querySelector('meta[http-equiv="Content-Security-Policy"]');
    const inline = document.querySelectorAll('script:not([src]), style, [style], [onclick], [onload]');
    return { meta: meta === null, inline: inline.length };
  });
  // The one policy comes with the answer, where no document can soften it.
  expect(policy).toEqual({ meta: true, inline: 0 });
});

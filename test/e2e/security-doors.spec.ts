import { spawn } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { electronExecutable } from '../tools/electron-runtime.mjs';
import { launchSealane, type Sealane } from './sealane.ts';

/** The doors between the page and the main process, in the running app: its scheme, its messages, and what is handed over from outside. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const REFUSED = { ok: false, error: { code: 'call-refused' } };

let device: Sealane;
let page: Page;

test.beforeAll(async () => {
  device = await launchSealane({ name: 'Doors' });
  page = device.page;
});
test.afterAll(async () => {
  await device.remove();
});

/** A call across the bridge, whatever its name and arguments. */
function call(name: unknown, args: unknown): Promise<unknown> {
  return page.evaluate(
    async ([calledName, calledArgs]) => {
      const reply: unknown = await Reflect.apply(window.sealane.call, undefined, [calledName, calledArgs]);
      return reply;
    },
    [name, args] as const,
  );
}

test.describe('the page’s own scheme', () => {
  /** Status and headers of a request in the page's session. */
  function request(address: string): Promise<{ status: number; headers: Record<string, string> }> {
    return device.app.evaluate(async ({ session }, url) => {
      const response = await session.defaultSession.fetch(url);
      return { status: response.status, headers: Object.fromEntries(response.headers) };
    }, address);
  }

  test('sends the policy with every answer', async () => {
    for (const path of ['', 'index.html', 'nothing.js']) {
      const { headers } = await request(`sealane-app://app/${path}`);
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
          "connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      });
    }
  });

  for (const path of [
    '../main/main.js',
    '../../package.json',
    'assets/../../main/main.js',
    '..%2fmain%2fmain.js',
    '%2e%2e/main/main.js',
    '%252e%252e/main/main.js',
    '..\\main\\main.js',
    '..%5cmain%5cmain.js',
    '//etc/passwd',
    'index.html%00.js',
    'assets/',
    'assets',
    'nothing.js',
  ]) {
    test(`has no ${path}`, async () => {
      expect((await request(`sealane-app://app/${path}`)).status).toBe(404);
    });
  }

  test('answers under its one host name only', async () => {
    expect((await request('sealane-app://app/index.html')).status).toBe(200);
    expect((await request('sealane-app://elsewhere/index.html')).status).toBe(404);
  });
});

test.describe('a message to the main process', () => {
  test('with an unknown name or arguments that do not fit is answered with an error', async () => {
    expect(await call('snapshot', [])).toMatchObject({
      ok: true,
      value: { self: { name: 'Doors' } },
    });
    expect(await call('formatDisk', [])).toMatchObject(REFUSED);
    expect(await call('toString', [])).toMatchObject(REFUSED);
    expect(await call(7, [])).toMatchObject(REFUSED);
    expect(await call('snapshot', ['more'])).toMatchObject(REFUSED);
    expect(await call('snapshot', undefined)).toMatchObject(REFUSED);
    expect(await call('renameSelf', [{ name: 'x' }])).toMatchObject(REFUSED);
    expect(await call('sendDropped', ['x', '/etc/passwd'])).toMatchObject(REFUSED);
    expect(await call('pair', ['not an invite'])).toMatchObject({
      ok: false,
      error: { code: 'invite-malformed' },
    });
  });

  test('from another window is refused, even from our own page in it', async () => {
    const answers = await device.app.evaluate(async ({ BrowserWindow, app }) => {
      const preload = `${app.getAppPath()}/dist/preload/preload.cjs`;
      const other = new BrowserWindow({ show: false, webPreferences: { preload } });
      await other.loadURL('sealane-app://app/index.html');
      const answer: unknown = await other.webContents.executeJavaScript(
        'window.sealane.call("snapshot", [])',
      );
      other.destroy();
      return answer;
    });
    expect(answers).toMatchObject(REFUSED);
  });

  test('cannot make a path of dropped files that are none', async () => {
    const handles = await page.evaluate(async () => {
      const fake: unknown[] = [new File(['x'], '/etc/passwd'), { path: '/etc/passwd' }, '/etc/passwd'];
      const answers: unknown[] = [];
      for (const file of fake) {
        const answer: unknown = await Reflect.apply(window.sealane.registerDrop, undefined, [[file]]);
        answers.push(answer);
      }
      return answers;
    });
    expect(handles).toEqual(['drop-foreign', 'drop-foreign', 'drop-foreign']);
  });

  test('cannot name a path by functions of its own in the place of a list of files', async () => {
    const file = join(device.downloads, 'secret.txt');
    await writeFile(file, 'secret');
    const handles = await page.evaluate(async (path) => {
      const named = [path];
      const list = { filter: () => named, map: () => list, length: 1, 0: path, then: undefined };
      const ownMethods = Object.assign([new File(['x'], path)], {
        map: () => named,
        filter: () => named,
        [Symbol.iterator]: () => named[Symbol.iterator](),
      });
      const files: unknown[] = [
        list,
        ownMethods,
        { map: () => ({ filter: () => named }) },
        () => named,
        path,
        null,
      ];
      const answers: unknown[] = [];
      for (const each of files) {
        try {
          const answer: unknown = await Reflect.apply(window.sealane.registerDrop, undefined, [each]);
          answers.push(answer);
        } catch {
          // What the bridge does not carry across at all.
          answers.push('drop-foreign');
        }
      }
      return answers;
    }, file);
    expect(handles).toEqual(Array.from({ length: 6 }, () => 'drop-foreign'));
  });

  test('about real files carries no path, and its handle is good once', async () => {
    const file = join(device.downloads, 'real.txt');
    await writeFile(file, 'real');
    await page.evaluate(() => {
      const input = document.createElement('input');
      input.type = 'file';
      input.id = 'real-files';
      document.body.append(input);
    });
    await page.setInputFiles('#real-files', file);
    const handle = await page.evaluate(async () => {
      const input = document.querySelector<HTMLInputElement>('#real-files');
      const given = await window.sealane.registerDrop(Array.from(input?.files ?? []));
      input?.remove();
      return given;
    });
    expect(handle).toMatch(/^[0-9a-f]{32}$/);
    const { value } = (await call('snapshot', [])) as { value: { self: { id: string } } };
    // This device is not paired with itself; the handle is spent all the same.
    expect(await call('sendDropped', [value.self.id, handle])).toMatchObject({
      error: { code: 'device-unknown' },
    });
    expect(await call('sendDropped', [value.self.id, handle])).toMatchObject({
      error: { code: 'nothing-to-send' },
    });
  });
});

test('a second start hands its link over, and only shows it', async () => {
  const electron = await electronExecutable();
  const link = 'sealane://pair#eyJhbGciOiJub25lIn0.e30.x';
  const second = spawn(electron.path, [...electron.args, root, `--user-data-dir=${device.userData}`, link], {
    stdio: 'ignore',
  });
  const code = await new Promise((resolve) => second.once('exit', resolve));
  expect(code).toBe(0);
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('Invite link or token')).toHaveValue(link);
  expect(await call('snapshot', [])).toMatchObject({ value: { pairings: [] } });
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('what it keeps is the user’s alone', async () => {
  for (const folder of [device.userData, join(device.userData, 'profile')]) {
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  }
});

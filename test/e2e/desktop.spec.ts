import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { electronExecutable } from '../tools/electron-runtime.mjs';
import { launchSealane, type Sealane } from './sealane.ts';

/** How the app behaves as an app: its options, its window, its place in the tray, its end. */

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A PATH in which the session bus says whether there is a tray, for a desktop of either kind. */
async function desktop(folder: string, tray: boolean): Promise<Record<string, string>> {
  const file = join(folder, 'dbus-send');
  await writeFile(file, `#!/bin/sh\necho '   boolean ${String(tray)}'\n`);
  await chmod(file, 0o755);
  return { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
}

/** Starts another process on the same command line; resolves with its exit code and what it wrote to standard error. */
async function start(args: readonly string[]): Promise<{ code: number | null; errors: string }> {
  const electron = await electronExecutable();
  const child = spawn(electron.path, [...electron.args, root, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, errors };
}

const isVisible = ({ app }: Sealane): Promise<boolean | undefined> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());

/** Closes the window as its own button would, without waiting: the process may be gone before it could answer. */
function closeWindow({ app }: Sealane): Promise<void> {
  return app.evaluate(({ BrowserWindow }) => {
    setTimeout(() => BrowserWindow.getAllWindows()[0]?.close(), 50);
  });
}

/** Answers every question of the app with this button, and counts them. */
function answerQuestions({ app }: Sealane, button: number): Promise<void> {
  return app.evaluate(({ dialog }, response) => {
    let asked = 0;
    dialog.showMessageBox = () => {
      asked += 1;
      Reflect.set(globalThis, 'questionsAsked', asked);
      return Promise.resolve({ response, checkboxChecked: false });
    };
  }, button);
}

const questionsAsked = ({ app }: Sealane): Promise<unknown> =>
  app.evaluate(() => Reflect.get(globalThis, 'questionsAsked') as unknown);

const exitCode = ({ app }: Sealane): Promise<number | null> =>
  new Promise((resolve) => app.process().once('exit', resolve));

let tools: string;
test.beforeEach(async () => {
  tools = await mkdtemp(join(tmpdir(), 'sealane-desktop-'));
});
test.afterEach(async () => {
  await rm(tools, { recursive: true, force: true });
});

test('an option that is not understood ends the start, with a line that says which', async () => {
  const { code, errors } = await start([`--user-data-dir=${tools}`, '--sealane-lisen=127.0.0.1:0']);
  expect(code).toBe(2);
  expect(errors).toContain('sealane: --sealane-lisen is not an option');
});

test('a folder for the settings that cannot be made ends the start, with the reason', async () => {
  await writeFile(join(tools, 'file'), '');
  for (const place of [join(tools, 'file', 'below'), '/proc/sealane/below']) {
    const { code, errors } = await start([`--user-data-dir=${place}`]);
    expect(code).toBe(1);
    expect(errors).toContain('Sealane cannot start');
    expect(errors).toContain('The folder for its settings cannot be used.');
  }
});

test('goes on when the terminal that it was started from is gone, without a box that says so', async () => {
  const device = await launchSealane({ name: 'Nobody listens', env: await desktop(tools, false) });
  try {
    const boxes = await device.app.evaluate(async ({ dialog }) => {
      const shown: string[] = [];
      dialog.showErrorBox = (title) => shown.push(title);
      // What a stream says when a write to a terminal that was closed fails.
      for (const stream of [process.stdout, process.stderr])
        stream.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }));
      await new Promise((resolve) => setTimeout(resolve, 100));
      return shown;
    });
    expect(boxes).toEqual([]);
  } finally {
    await device.remove();
  }
});

test('without a tray, closing the window ends the app; the next window has the size and place of the last', async () => {
  const env = await desktop(tools, false);
  const first = await launchSealane({ name: 'No tray', env });
  const size = await first.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    const before = window?.getSize();
    window?.setSize(700, 560);
    window?.setPosition(130, 70);
    return { before, minimum: window?.getMinimumSize() };
  });
  expect(size).toEqual({ before: [960, 720], minimum: [560, 480] });
  const ended = exitCode(first);
  await closeWindow(first);
  expect(await ended).toBe(0);

  const second = await launchSealane({ name: 'Another name', folder: first.folder, env });
  try {
    expect(
      await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getSize()),
    ).toEqual([700, 560]);
    expect(
      await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getPosition()),
    ).toEqual([130, 70]);
    // The same device: its name was settled the first time.
    await expect(second.page.getByText('No tray')).toBeVisible();
  } finally {
    await second.remove();
  }
});

test('with a tray, the app goes on without a window, having said so once, and a second start brings it back', async () => {
  const device = await launchSealane({ name: 'In the tray', env: await desktop(tools, true) });
  try {
    await answerQuestions(device, 0);
    for (let round = 0; round < 2; round += 1) {
      await closeWindow(device);
      await expect.poll(() => isVisible(device)).toBe(false);
      expect(await questionsAsked(device)).toBe(1);
      expect((await start([`--user-data-dir=${device.userData}`])).code).toBe(0);
      await expect.poll(() => isVisible(device)).toBe(true);
    }
    await expect(device.page.getByText('In the tray')).toBeVisible();
  } finally {
    await device.remove();
  }
});

test('with a tray, a user who does not want that quits instead', async () => {
  const device = await launchSealane({ name: 'Quits', env: await desktop(tools, true) });
  await answerQuestions(device, 1);
  const ended = exitCode(device);
  await closeWindow(device);
  expect(await ended).toBe(0);
  await rm(device.folder, { recursive: true, force: true });
});

/** Shows an invite in the page. */
async function showInvite({ page }: Sealane): Promise<void> {
  await page.getByRole('button', { name: 'Pair a device' }).click();
  await page.getByRole('button', { name: 'Show an invite' }).click();
  await expect(page.getByRole('timer')).toBeVisible();
}

const inviteStates = ({ page }: Sealane): Promise<unknown> =>
  page.evaluate(async () => {
    const reply = await window.sealane.call('snapshot', []);
    const { invites } = (reply as { value: { invites: { state: string }[] } }).value;
    return invites.map(({ state }) => state);
  });

test('an invite that is shown is withdrawn when the window goes into the tray, or the page is loaded anew', async () => {
  const device = await launchSealane({ name: 'Withdraws', env: await desktop(tools, true) });
  try {
    await answerQuestions(device, 0);
    await showInvite(device);
    expect(await inviteStates(device)).toEqual(['open']);
    await closeWindow(device);
    await expect.poll(() => isVisible(device)).toBe(false);
    await expect.poll(() => inviteStates(device)).toEqual(['revoked']);
    await expect(device.page.getByText('This invite was withdrawn.')).toBeAttached();
    expect((await start([`--user-data-dir=${device.userData}`])).code).toBe(0);
    await expect.poll(() => isVisible(device)).toBe(true);
    await device.page.getByRole('button', { name: 'New invite' }).click();
    await expect(device.page.getByRole('timer')).toBeVisible();
    await device.page.reload();
    await expect(device.page.getByText('Withdraws')).toBeVisible();
    await expect.poll(() => inviteStates(device)).toEqual(['revoked', 'revoked']);
  } finally {
    await device.remove();
  }
});

test('an invite that is shown is withdrawn when the app ends with its window', async () => {
  const env = await desktop(tools, false);
  const first = await launchSealane({ name: 'Withdraws', env });
  await showInvite(first);
  const ended = exitCode(first);
  await closeWindow(first);
  expect(await ended).toBe(0);
  const second = await launchSealane({ name: 'Withdraws', folder: first.folder, env });
  try {
    expect(await inviteStates(second)).toEqual(['revoked']);
  } finally {
    await second.remove();
  }
});

test('a crashed page comes back by itself', async () => {
  const device = await launchSealane({ name: 'Comes back' });
  try {
    const title = await device.app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<unknown>((resolve) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          contents?.once('did-finish-load', () => {
            resolve(contents.executeJavaScript('document.title'));
          });
          contents?.forcefullyCrashRenderer();
        }),
    );
    expect(title).toBe('Sealane');
  } finally {
    await device.remove();
  }
});

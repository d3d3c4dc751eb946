import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, expect, test } from '@playwright/test';
import { electronExecutable, electronLaunchOptions } from '../tools/electron-runtime.mjs';
import { whyNotOrdinary } from '../tools/ordinary-user.mjs';

const fixture = fileURLToPath(new URL('./fixtures/window', import.meta.url));

test('the windows run as an ordinary user wherever the system lets one have the sandbox', async () => {
  // Where it does not, this says why, and so did a line before the tests.
  const { path } = await electronExecutable();
  const root = process.getuid?.() === 0;
  expect(root ? await whyNotOrdinary(path) : 'an ordinary user').toEqual(expect.any(String));
});

test('the Electron runtime opens a sandboxed window of an ES module application', async () => {
  const expected = await electronExecutable();
  const profile = await mkdtemp(join(tmpdir(), 'sealane-runtime-'));
  const app = await _electron.launch(await electronLaunchOptions(fixture, [`--user-data-dir=${profile}`]));
  try {
    const page = await app.firstWindow();
    await page.waitForLoadState();
    expect(await page.title()).toBe('A window of our own');
    await expect(page.getByText('Grüße, 世界 👋')).toBeVisible();
    expect(page.url()).toBe('fixture://page/');

    // The kernel's own word on what the page's process may do: 2 is a filter of system calls.
    const pid = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
    );
    if (process.platform === 'linux') {
      const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
      expect(/^Seccomp:\t(\d)$/m.exec(status)?.[1]).toBe(expected.sandbox ? '2' : '0');
      expect(/^Uid:\t(\d+)/m.exec(status)?.[1]).toBe(String(process.getuid?.()));
    }

    const seen = await app.evaluate(({ app: electronApp }) => ({
      electron: process.versions.electron,
      name: electronApp.getName(),
      version: electronApp.getVersion(),
      path: electronApp.getAppPath(),
      userData: electronApp.getPath('userData'),
      packaged: electronApp.isPackaged,
      sandboxOff: electronApp.commandLine.hasSwitch('no-sandbox'),
      defaultApp: process.defaultApp,
    }));
    expect(seen).toEqual({
      electron: expected.version,
      name: 'Sealane Window Fixture',
      version: '1.2.3',
      path: fixture,
      userData: profile,
      packaged: false,
      // Only root does without: Chromium's sandbox refuses it.
      sandboxOff: process.getuid?.() === 0,
      defaultApp: true,
    });
  } finally {
    await app.close();
    await rm(profile, { recursive: true, force: true });
  }
});

// The pictures of the README, light and dark: `npm run build`, then `node test/e2e/page/make-pictures.ts`. The page is the real
// one, what it shows is made up.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from '@playwright/test';
import type { Reply } from '../../../shared/ipc.ts';
import { hasDisplay, startVirtualDisplay } from '../../tools/display.mjs';
import { electronLaunchOptions } from '../../tools/electron-runtime.mjs';
import { root } from '../../tools/paths.mjs';
import { installFakeBridge } from './fake-bridge.ts';
import { laptop, snapshot, studio, transfer } from './scenes.ts';
import { items } from '../../support/offered.ts';

const MB = 1_000_000;
const MINUTE_MS = 60_000;
const SIZE = { width: 960, height: 680 };

/** Two devices, something on its way, something that has arrived. */
function scene(): Reply {
  const created = Date.now();
  const devices = [
    { ...laptop, lastSeen: created - 20_000 },
    { ...studio, into: null, lastSeen: created - 12 * MINUTE_MS },
  ];
  const running = transfer(
    {
      kind: 'running',
      progress: { bytes: 1_340 * MB, files: 862, bytesPerSecond: 96 * MB, secondsLeft: 18 },
    },
    { items: items('Holiday in Portugal'), itemCount: 1, totalBytes: 3_120 * MB, totalFiles: 2004, created },
  );
  const done = transfer(
    {
      kind: 'done',
      outcome: {
        bytes: 742 * MB,
        files: 36,
        seconds: 8.2,
        into: '/home/ines/Downloads/Sealane',
        names: ['Mixes for Friday'],
        resent: [],
        resentCount: 0,
        grown: [],
        grownCount: 0,
        renamed: [],
        renamedCount: 0,
      },
    },
    {
      direction: 'receive',
      device: { id: studio.id, name: studio.name },
      items: items('Mixes for Friday'),
      itemCount: 1,
      totalBytes: 742 * MB,
      totalFiles: 36,
      created: created - 12 * MINUTE_MS,
    },
  );
  return {
    ok: true,
    value: snapshot({ devices, transfers: [running, done], downloads: '/home/ines/Downloads/Sealane' }),
  };
}

async function photograph(folder: string): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'sealane-pictures-'));
  const shell = join(root, 'test', 'e2e', 'page', 'shell');
  // Sharp on the screens that most readers have.
  const options = await electronLaunchOptions(shell, [
    `--user-data-dir=${profile}`,
    '--lang=en-US',
    '--force-device-scale-factor=2',
  ]);
  const app = await _electron.launch(options);
  try {
    const page = await app.firstWindow();
    await page.addInitScript(installFakeBridge, { snapshot: scene() });
    await app.evaluate(({ BrowserWindow }, { width, height }) => {
      BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
    }, SIZE);
    await page.reload();
    await page.getByRole('heading', { name: 'Transfers' }).waitFor();
    // Nothing is pointed at.
    await page.mouse.move(SIZE.width - 1, SIZE.height - 1);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const path = join(folder, `window-${colorScheme}.png`);
      await page.screenshot({ path, animations: 'disabled' });
      process.stdout.write(`${path}\n`);
    }
  } finally {
    await app.close();
    await rm(profile, { recursive: true, force: true });
  }
}

const display = hasDisplay() ? undefined : await startVirtualDisplay();
if (display !== undefined) process.env['DISPLAY'] = display.display;
try {
  const folder = join(root, 'docs', 'images');
  await mkdir(folder, { recursive: true });
  await photograph(folder);
} finally {
  display?.stop();
}

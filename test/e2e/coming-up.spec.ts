import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { pairDesktops } from '../support/desktop.ts';
import type { Desktop } from '../support/desktop.ts';
import { namesIn } from '../support/tree.ts';
import { electronExecutable } from '../tools/electron-runtime.mjs';
import { World } from './world.ts';

/** A window that comes up under a pointer which is about to press something else: two real windows, one of them hidden. */
test.describe.configure({ mode: 'serial' });

const root = fileURLToPath(new URL('../..', import.meta.url));

let world: World;
let desk: Desktop;
let laptop: Desktop;

test.beforeAll(async () => {
  world = await World.create();
  desk = await world.open('Desk', 'light');
  laptop = await world.open('Laptop', 'dark');
  await pairDesktops(desk, laptop);
  // A stand-in for the daemon, which is not there: what Electron is told to show is kept, to be clicked.
  await laptop.app.evaluate(({ Notification }) => {
    Notification.isSupported = () => true;
    Notification.prototype.show = function show() {
      Reflect.set(globalThis, 'notificationShown', this);
    };
  });
});
test.afterAll(() => world.dispose());

const row = (name: string) => desk.transfer(`${name} to Laptop`);
const accept = (name: string) =>
  laptop.offer('Desk').filter({ hasText: name }).getByRole('button', { name: 'Accept', exact: true });

function hide(): Promise<void> {
  return laptop.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.hide();
  });
}

const isVisible = (): Promise<boolean | undefined> =>
  laptop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());

/** Starts the app once more, for the profile of the one that runs, and waits until it has handed over its command line. */
async function startAgain(...args: readonly string[]): Promise<void> {
  const electron = await electronExecutable();
  const profile = join(world.folder, 'profile of Laptop');
  const second = spawn(electron.path, [...electron.args, root, `--user-data-dir=${profile}`, ...args], {
    stdio: 'ignore',
  });
  expect(await new Promise((resolve) => second.once('exit', resolve))).toBe(0);
}

/** Hides the window, and has an offer come meanwhile; it has been there for longer than anything is held. */
async function offerUnseen(name: string): Promise<{ x: number; y: number }> {
  await hide();
  const path = join(world.folder, name);
  await mkdir(world.folder, { recursive: true });
  await writeFile(path, 'ten bytes.');
  await desk.send('Laptop', path);
  await expect(row(name)).toContainText('Waiting for Laptop to accept…');
  await expect(accept(name)).toBeAttached();
  await laptop.page.waitForTimeout(1_500);
  const box = await accept(name).boundingBox();
  if (box === null) throw new Error('the button has no place');
  return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
}

/** In the same turn in which `event` shows the window, a click arrives where the pointer is. */
function pressOnceShown(
  event: 'notification' | 'second-instance' | 'activate',
  { x, y }: { x: number; y: number },
): Promise<boolean> {
  return laptop.app.evaluate(
    ({ app, BrowserWindow }, [what, left, top]) => {
      const [window] = BrowserWindow.getAllWindows();
      if (window === undefined) throw new Error('no window');
      if (what === 'notification') {
        const shown: unknown = Reflect.get(globalThis, 'notificationShown');
        (shown as { emit(name: string): boolean }).emit('click');
      } else if (what === 'activate') app.emit('activate', {});
      else app.emit('second-instance', {}, [process.execPath], process.cwd());
      const at = { x: left, y: top, button: 'left', clickCount: 1 } as const;
      window.webContents.sendInputEvent({ type: 'mouseMove', x: left, y: top });
      window.webContents.sendInputEvent({ type: 'mouseDown', ...at });
      window.webContents.sendInputEvent({ type: 'mouseUp', ...at });
      return window.isVisible();
    },
    [event, x, y] as const,
  );
}

for (const event of ['notification', 'second-instance', 'activate'] as const) {
  test(`a window that comes up under the pointer takes no click that was on its way (${event})`, async () => {
    const name = `unseen ${event}.txt`;
    const place = await offerUnseen(name);
    expect(await pressOnceShown(event, place)).toBe(true);
    await laptop.page.waitForTimeout(300);
    await expect(row(name)).toContainText('Waiting for Laptop to accept…');
    expect(await namesIn(world.received('Laptop')).catch(() => [])).not.toContain(name);
    // Once it is seen, it is meant.
    await accept(name).click();
    await laptop.watch(`${name} from Desk`);
  });
}

test('a start with an address that leads to nothing brings no window up, and a plain one does', async () => {
  await hide();
  for (const address of ['sealane://pair', 'sealane://', 'sealane://accept#x?y', 'https://example.org/']) {
    await startAgain(address);
    // What the second process handed over has been dealt with once this is answered, and a little later as well.
    await laptop.page.waitForTimeout(500);
    expect(await isVisible(), address).toBe(false);
  }
  await startAgain();
  await expect.poll(isVisible).toBe(true);
});

test('a start with a link brings the window up, and only shows the link', async () => {
  await hide();
  const link = 'sealane://pair#eyJhbGciOiJub25lIn0.e30.x';
  await startAgain(link);
  await expect.poll(isVisible).toBe(true);
  await expect(laptop.page.getByRole('dialog').getByLabel('Invite link or token')).toHaveValue(link);
});

test('nothing went wrong that nobody was told about', () => {
  expect(world.complaints()).toEqual([]);
});

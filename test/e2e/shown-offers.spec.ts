import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { pairDesktops } from '../support/desktop.ts';
import type { Desktop } from '../support/desktop.ts';
import { namesIn } from '../support/tree.ts';
import { World } from './world.ts';

/** What one device can make another one show, and its user press: two real windows. */
test.describe.configure({ mode: 'serial' });

/** What a daemon would take for more than text, as a file name may have it. */
const MARKUP = '<b>free<img src=x>&amp;.txt';

let world: World;
let desk: Desktop;
let laptop: Desktop;

test.beforeAll(async () => {
  world = await World.create();
  desk = await world.open('Desk', 'light');
  laptop = await world.open('Laptop', 'dark');
  await pairDesktops(desk, laptop);
});
test.afterAll(() => world.dispose());

async function makeFile(name: string): Promise<string> {
  await mkdir(join(world.folder, 'to send'), { recursive: true });
  const path = join(world.folder, 'to send', name);
  await writeFile(path, 'ten bytes.');
  return path;
}

const row = (name: string) => desk.transfer(`${name} to Laptop`);

/** Offers a file of this name; the row says so once the other window asks. */
async function offer(name: string): Promise<void> {
  await desk.send('Laptop', await makeFile(name));
  await expect(row(name)).toContainText('Waiting for Laptop to accept…');
}

test('a click meant for an offer that its sender has just taken back accepts no other one', async () => {
  for (const delay of [0, 150, 1_500]) {
    const names = [1, 2, 3].map((count) => `file ${String(count)} after ${String(delay)} ms.txt`);
    for (const name of names) await offer(name);
    const card = laptop.offer('Desk').filter({ hasText: names[0] ?? '' });
    const accept = card.getByRole('button', { name: 'Accept', exact: true });
    // Once the pointer is taken at all: this is where it rests.
    await accept.hover();
    await row(names[0] ?? '')
      .getByRole('button', { name: 'Cancel' })
      .click();
    await expect(card).toBeHidden();
    await laptop.page.waitForTimeout(delay);
    await laptop.page.mouse.down();
    await laptop.page.mouse.up();
    for (const name of names.slice(1)) {
      await expect(laptop.offer('Desk').filter({ hasText: name })).toBeVisible();
      await expect(row(name)).toContainText('Waiting for Laptop to accept…');
      await row(name).getByRole('button', { name: 'Cancel' }).click();
      await expect(laptop.offer('Desk').filter({ hasText: name })).toBeHidden();
    }
  }
  expect(await namesIn(world.received('Laptop')).catch(() => [])).toEqual([]);
});

test('notifications are text with no markup in it, a few at a time, and tell this user’s own ends', async () => {
  // A stand-in for the daemon, which is not there: what Electron is told to show.
  await laptop.app.evaluate(({ BrowserWindow, Notification }) => {
    const shown: { title: string; body: string }[] = [];
    Reflect.set(globalThis, 'notificationsShown', shown);
    Notification.isSupported = () => true;
    Notification.prototype.show = function show(this: { title: string; body: string }) {
      shown.push({ title: this.title, body: this.body });
    };
    BrowserWindow.getAllWindows()[0]?.blur();
    BrowserWindow.getAllWindows()[0]?.hide();
  });
  const shown = (): Promise<{ title: string; body: string }[]> =>
    laptop.app.evaluate(
      () => Reflect.get(globalThis, 'notificationsShown') as { title: string; body: string }[],
    );
  const began = performance.now();
  await offer(MARKUP);
  await expect.poll(async () => (await shown()).length).toBe(1);
  const [first] = await shown();
  expect(first?.title).toBe('Desk wants to send you files');
  expect(first?.body).toBe(
    process.platform === 'linux'
      ? '&lt;b&gt;free&lt;img src=x&gt;&amp;amp;.txt (1 file, 10 bytes)'
      : `${MARKUP} (1 file, 10 bytes)`,
  );
  for (let count = 0; count < 8; count += 1) {
    await offer(`more ${String(count)}.txt`);
    await row(`more ${String(count)}.txt`)
      .getByRole('button', { name: 'Cancel' })
      .click();
    await expect(row(`more ${String(count)}.txt`)).toContainText('You cancelled it.');
  }
  // Three at once, and one in twenty seconds from then on: a slow machine takes that long.
  const most = 4 + Math.floor((performance.now() - began) / 20_000);
  expect((await shown()).length).toBeLessThanOrEqual(most);
  await laptop.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.showInactive();
  });
  await laptop.accept('Desk');
  await laptop.watch(`${MARKUP} from Desk`);
  await expect.poll(async () => (await shown()).map(({ title }) => title)).toContain('Received from Desk');
});

test('what was offered with others is told by its new name, and only that', async () => {
  await writeFile(join(world.received('Laptop'), 'bbb.txt'), 'was here before');
  const paths = [await makeFile('bbb.txt'), await makeFile('abc-new.txt')];
  await (
    await desk.drag('Laptop', paths)
  )();
  await laptop.accept('Desk');
  await laptop.watch('bbb.txt and abc-new.txt from Desk');
  await expect(laptop.transfer('bbb.txt and abc-new.txt from Desk')).toContainText(
    'bbb.txt as bbb (2).txt, in ',
  );
  await expect(desk.transfer('bbb.txt and abc-new.txt to Laptop')).toContainText(
    'Arrived: bbb.txt as bbb (2).txt',
  );

  await (
    await desk.drag('Laptop', [await makeFile('zz.txt'), await makeFile('aa.txt')])
  )();
  await laptop.accept('Desk');
  await laptop.watch('zz.txt and aa.txt from Desk');
  await expect(laptop.transfer('zz.txt and aa.txt from Desk').locator('.transfer-place')).toContainText(
    /^In /,
  );
});

test('nothing went wrong that nobody was told about', () => {
  expect(world.complaints()).toEqual([]);
});

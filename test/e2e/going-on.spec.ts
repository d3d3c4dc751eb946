import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import type { Locator } from '@playwright/test';
import { compareTrees } from '../support/compare.ts';
import { pairDesktops } from '../support/desktop.ts';
import type { Desktop } from '../support/desktop.ts';
import { makeFolder } from '../support/made-folder.ts';
import { expectAccessible, World } from './world.ts';

/** Nothing is ever lost, seen from the windows: whatever happens to either, its row says so, and every byte arrives. */
test.describe.configure({ mode: 'serial' });

const PICTURES = fileURLToPath(new URL('../../test-results/going-on', import.meta.url));
const MEGABYTE = 1_000_000;
/** When something happens to a transfer, in percent: it has begun, and is far from its end. */
const IN_THE_MIDDLE = 15;
/** What a kill may cost of what was shown already, in percent: some 20 MB were not yet safely on disk. */
const NOT_YET_SAFE = 9;
/** The buttons of the question whether to quit. */
const QUIT = 0;
const STAY = 1;
/** For a peer to be missed (DEAD_AFTER_MS, and what comes before it), or to be found again. Milliseconds. */
const MISSED_WITHIN = 60_000;

let world: World;
let desk: Desktop;
let laptop: Desktop;
/** What is sent; each test gives it another name, so that its rows are told apart. */
let source: string;

test.beforeAll(async () => {
  world = await World.create();
  source = join(world.folder, 'Holiday');
  await makeFolder(source, { largeBytes: 240 * MEGABYTE, smallFiles: 300 });
  // Opened once to take a port, and then for good: both are found again where they were.
  for (const [name, scheme] of [
    ['Desk', 'light'],
    ['Laptop', 'dark'],
  ] as const) {
    const first = await world.open(name, scheme);
    const { port } = await first.snapshot();
    await first.close();
    ports.set(name, port ?? 0);
  }
  desk = await open('Desk');
  laptop = await open('Laptop');
  await pairDesktops(desk, laptop);
});
test.afterAll(() => world.dispose());

const ports = new Map<string, number>();

function open(name: 'Desk' | 'Laptop'): Promise<Desktop> {
  return world.open(name, name === 'Desk' ? 'light' : 'dark', ports.get(name));
}

/** Both rows of the transfer of `source`. */
function rows(what: string): { readonly sender: Locator; readonly receiver: Locator } {
  return {
    sender: desk.transfer(`${what} to Laptop`),
    receiver: laptop.transfer(`${what} from Desk`),
  };
}

async function percentOf(row: Locator): Promise<number> {
  return Number(await row.getByRole('progressbar').getAttribute('aria-valuenow', { timeout: 1_000 }));
}

/** Waits until so much has come across. */
async function reach(row: Locator, percent: number): Promise<void> {
  await expect
    .poll(() => percentOf(row), { timeout: MISSED_WITHIN, intervals: [20] })
    .toBeGreaterThanOrEqual(percent);
}

/** Sends `source`, by this name from now on. */
async function send(what: string): Promise<void> {
  const renamed = join(world.folder, what);
  await rename(source, renamed);
  source = renamed;
  await desk.send('Laptop', source);
}

/** Sends it and has it accepted; resolves in the middle of it. */
async function sendToTheMiddle(what: string): Promise<void> {
  await send(what);
  await laptop.accept('Desk');
  await reach(rows(what).sender, IN_THE_MIDDLE);
}

/** Watches both rows to their end, and compares every byte. `from`: no row may be seen to begin again, in percent. */
async function expectEverything(what: string, from: number): Promise<void> {
  for (const { states, percents } of await Promise.all([
    desk.watch(`${what} to Laptop`),
    laptop.watch(`${what} from Desk`),
  ])) {
    expect(states.at(-1)).toBe('done');
    expect(Math.min(...percents)).toBeGreaterThanOrEqual(from);
    const lost = percents.map((percent, index) => (percents[index - 1] ?? 0) - percent);
    expect(Math.max(...lost)).toBeLessThanOrEqual(NOT_YET_SAFE);
  }
  const { differences, bytes } = await compareTrees(source, join(world.received('Laptop'), what));
  expect(differences).toEqual([]);
  expect(bytes).toBeGreaterThan(240 * MEGABYTE);
}

function control(row: Locator, name: 'Pause' | 'Resume'): Locator {
  return row.getByRole('button', { name, exact: true });
}

/**
 * By the keyboard: a pointer is held up where a row has just changed or a window has just got the focus, and the rest may
 * have crossed by then.
 */
async function press(row: Locator, name: 'Pause' | 'Resume'): Promise<void> {
  await control(row, name).press('Enter');
}

/** A state that lasts is looked at: both windows, light and dark. */
async function look(name: string): Promise<void> {
  await Promise.all([desk.picture(PICTURES, `${name}-sender`), laptop.picture(PICTURES, `${name}-receiver`)]);
}

test('either side pauses and resumes, and the other says who it was', async () => {
  await sendToTheMiddle('Paused');
  const { sender, receiver } = rows('Paused');
  for (const [own, other, pausedByOther] of [
    [sender, receiver, 'Paused by Desk. It goes on once it is resumed there.'],
    [receiver, sender, 'Paused by Laptop. It goes on once it is resumed there.'],
  ] as const) {
    await press(own, 'Pause');
    await expect(own.getByText('Paused by you.')).toBeVisible();
    await expect(other.getByText(pausedByOther)).toBeVisible();
    await expect(control(other, 'Resume')).toBeHidden();
    const stood = await percentOf(own);
    expect(stood).toBeGreaterThanOrEqual(IN_THE_MIDDLE);
    if (own === sender) {
      await look('paused');
      await expectAccessible(desk, 'paused');
    }
    await press(own, 'Resume');
    await reach(own, stood + 1);
    await reach(other, stood + 1);
  }
  await expectEverything('Paused', IN_THE_MIDDLE);
});

for (const killed of ['receiver', 'sender'] as const) {
  test(`the ${killed} is killed, and both go on by themselves once it is started again`, async () => {
    const what = `Killed ${killed}`;
    await sendToTheMiddle(what);
    const { sender, receiver } = rows(what);
    if (killed === 'receiver') {
      await laptop.signal('SIGKILL');
      await expect(sender).toHaveAttribute('data-state', 'waiting');
      await expect(
        sender.getByText(/^Laptop cannot be reached\. .* goes on by itself\. If it has moved/),
      ).toBeVisible();
      await reach(sender, IN_THE_MIDDLE);
      await desk.picture(PICTURES, 'killed-receiver-sender');
      laptop = await open('Laptop');
    } else {
      await desk.signal('SIGKILL');
      await expect(
        receiver.getByText(/^The connection to Desk was lost\. .* goes on by itself/),
      ).toBeVisible();
      await reach(receiver, IN_THE_MIDDLE);
      await laptop.picture(PICTURES, 'killed-sender-receiver');
      desk = await open('Desk');
    }
    await expectEverything(what, IN_THE_MIDDLE - NOT_YET_SAFE);
  });
}

test('what is paused stays so while both are started anew, and then goes on', async () => {
  await sendToTheMiddle('Put off');
  await press(rows('Put off').sender, 'Pause');
  await expect(rows('Put off').receiver.getByText(/^Paused by Desk\./)).toBeVisible();
  // Nothing is on its way: nobody is asked.
  await desk.answerQuestions(1);
  await desk.app.close();
  await laptop.signal('SIGTERM');
  [desk, laptop] = await Promise.all([open('Desk'), open('Laptop')]);
  const { sender, receiver } = rows('Put off');
  await expect(sender.getByText('Paused by you.')).toBeVisible();
  await expect(receiver.getByText(/^Paused by Desk\./)).toBeVisible();
  expect(await percentOf(sender)).toBeGreaterThanOrEqual(IN_THE_MIDDLE);
  await press(sender, 'Resume');
  await expectEverything('Put off', IN_THE_MIDDLE - NOT_YET_SAFE);
});

test('quitting in the middle asks once; the transfer goes on when Sealane is opened again', async () => {
  await sendToTheMiddle('Quit');
  const { sender, receiver } = rows('Quit');
  const closeWindow = () =>
    desk.app.evaluate(({ BrowserWindow }) => {
      // Answered before the process may be gone.
      setTimeout(() => BrowserWindow.getAllWindows()[0]?.close(), 50);
    });
  await desk.answerQuestions(STAY);
  await closeWindow();
  await expect.poll(() => desk.questions()).toEqual(['A transfer is running.']);
  const stood = await percentOf(sender);
  await reach(sender, stood + 1);

  await desk.answerQuestions(QUIT);
  const ended = desk.ended();
  await closeWindow();
  await ended;
  await expect(receiver).toHaveAttribute('data-state', 'waiting');
  desk = await open('Desk');
  await expectEverything('Quit', IN_THE_MIDDLE - NOT_YET_SAFE);
});

test('a shutdown of the system asks nobody', async () => {
  await sendToTheMiddle('Shut down');
  await desk.answerQuestions(STAY);
  await desk.signal('SIGTERM');
  desk = await open('Desk');
  await expectEverything('Shut down', IN_THE_MIDDLE - NOT_YET_SAFE);
});

test('a device that stops answering is said to, and goes on when it does again', async () => {
  await sendToTheMiddle('Stopped');
  const { sender } = rows('Stopped');
  await laptop.signal('SIGSTOP');
  try {
    await expect(
      sender.getByText('Laptop does not answer. This goes on by itself once it does.'),
    ).toBeVisible({
      timeout: MISSED_WITHIN,
    });
    expect(await percentOf(sender)).toBeGreaterThanOrEqual(IN_THE_MIDDLE);
    await desk.picture(PICTURES, 'stopped-sender');
  } finally {
    await laptop.signal('SIGCONT');
  }
  await expectEverything('Stopped', IN_THE_MIDDLE - NOT_YET_SAFE);
});

test('what is sent to a device that is away waits, and starts when that one does', async () => {
  await laptop.close();
  const what = 'Sent early';
  await send(what);
  const { sender } = rows(what);
  await expect(
    sender.getByText('Laptop cannot be reached. Once it is on, with Sealane open, this is sent by itself.'),
  ).toBeVisible();
  await expect(sender.getByText(/^307 files in 18 folders \(\d+ MB\)$/)).toBeVisible();
  await desk.picture(PICTURES, 'away-sender');
  await expectAccessible(desk, 'away');
  laptop = await open('Laptop');
  await laptop.accept('Desk');
  await expectEverything(what, 0);
});

test('nothing went wrong that nobody was told about', () => {
  expect(world.complaints()).toEqual([]);
});

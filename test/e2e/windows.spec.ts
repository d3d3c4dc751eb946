import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { ERRORS } from '../../shared/errors.ts';
import { Command } from '../demo/command.ts';
import { compareTrees } from '../support/compare.ts';
import type { Desktop } from '../support/desktop.ts';
import { makeTree, namesIn } from '../support/tree.ts';
import { expectAccessible, World } from './world.ts';

/** One story of two windows, in order: each test goes on where the one before has ended. */
test.describe.configure({ mode: 'serial' });

let world: World;
let desk: Desktop;
let laptop: Desktop;

test.beforeAll(async () => {
  world = await World.create();
  desk = await world.open('Desk', 'light');
  laptop = await world.open('Laptop', 'dark');
});
test.afterAll(() => world.dispose());

/** A file or folder of its own to send, by what it holds. */
async function makeFile(name: string, content: string): Promise<string> {
  await mkdir(join(world.folder, 'to send'), { recursive: true });
  const path = join(world.folder, 'to send', name);
  await writeFile(path, content);
  return path;
}

/** The link of an invite that was good for one second, from a third device. */
async function expiredInvite(): Promise<string> {
  const profile = join(world.folder, 'profile of a third');
  const args = ['invite', '--expires', '1s'];
  const command = new Command({ who: 'A third', profile, args, signal: new AbortController().signal });
  const { link } = await command.next('invite');
  await expect(command.done()).rejects.toThrow('expired');
  return link;
}

async function expectStatus(desktop: Desktop, transfer: string, text: string): Promise<void> {
  await expect(desktop.transfer(transfer).getByText(text)).toBeVisible();
}

async function expectNobodyPaired(): Promise<void> {
  for (const desktop of [desk, laptop]) {
    expect((await desktop.snapshot()).devices).toEqual([]);
    await expect(desktop.heading('Send files straight to your other computer')).toBeVisible();
  }
}

test('an invite that is no good is refused where it was entered, with the reason', async () => {
  const expired = await expiredInvite();
  const signature = expired.length - 20;
  const forged = `${expired.slice(0, signature)}${expired[signature] === 'A' ? 'B' : 'A'}${expired.slice(signature + 1)}`;
  const header = Buffer.from('{"alg":"none","typ":"sealane-invite+jwt"}').toString('base64url');
  const unsigned = expired.replace(/#[^.]+/, `#${header}`);

  await laptop.button('Pair a device').click();
  await laptop.button('Enter an invite').click();
  const field = laptop.page.getByLabel('Invite link or token');
  const bad = [
    ['hello', ERRORS['invite-malformed'].message],
    [expired.slice(0, -30), ERRORS['invite-malformed'].message],
    [expired, ERRORS['invite-expired'].message],
    [forged, ERRORS['invite-bad-signature'].message],
    [unsigned, ERRORS['invite-bad-algorithm'].message],
  ] as const;
  for (const [text, sentence] of bad) {
    await field.fill(text);
    await laptop.button('Continue').click();
    await expect(laptop.page.getByRole('alert').filter({ hasText: sentence })).toBeVisible();
    await expect(field).toBeFocused();
    await expect(field).toHaveValue(text);
  }
  await expectAccessible(laptop, 'a refused invite');
  await laptop.button('Close').click();
  await expectNobodyPaired();
});

test('an invite that was withdrawn is refused by the device that made it', async () => {
  const link = await desk.showInvite();
  await desk.button('Back').click();
  await expect
    .poll(async () => (await desk.snapshot()).invites.map(({ state }) => state))
    .toEqual(['revoked']);
  await desk.button('Close').click();
  await laptop.enterInvite(link);
  await expect(laptop.heading('Not paired')).toBeVisible();
  await expect(
    laptop.page.getByRole('alert').filter({ hasText: ERRORS['invite-revoked'].message }),
  ).toBeVisible();
  await laptop.button('Close').click();
  await expectNobodyPaired();
});

test('codes that somebody says differ end it on both sides', async () => {
  await laptop.enterInvite(await desk.showInvite());
  expect(await laptop.code()).toBe(await desk.code());
  await desk.confirmCode();
  await laptop.button('No, they differ').click();
  for (const desktop of [desk, laptop]) {
    await expect(desktop.heading('Not paired')).toBeVisible();
    const sentence = desktop.page.getByRole('alert').filter({ hasText: ERRORS['code-mismatch'].message });
    await expect(sentence).toBeVisible();
    await expectAccessible(desktop, 'codes differ');
    await desktop.button('Close').click();
  }
  await expectNobodyPaired();
});

/** Presses Tab until the focus is on what has this name. */
async function tabTo(desktop: Desktop, role: 'button' | 'textbox', name: string): Promise<void> {
  const wanted = desktop.page.getByRole(role, { name, exact: true });
  for (let presses = 0; presses < 40; presses += 1) {
    if (
      (await wanted.count()) === 1 &&
      (await wanted.evaluate((element) => element === document.activeElement))
    )
      return;
    await desktop.page.keyboard.press('Tab');
  }
  throw new Error(`no number of tabs leads to ${name}`);
}

async function pressButton(desktop: Desktop, name: string): Promise<void> {
  await desktop.button(name).waitFor();
  await tabTo(desktop, 'button', name);
  await desktop.page.keyboard.press('Enter');
}

test('two people pair with nothing but their keyboards', async () => {
  await pressButton(desk, 'Pair a device');
  await pressButton(desk, 'Show an invite');
  // Never more than it is good for.
  expect(await desk.page.getByRole('timer').innerText()).toMatch(/^Works once, for (10:00|9:\d\d) more\.$/);
  await pressButton(desk, 'Copy link');
  await expect(desk.page.getByText('Copied')).toBeVisible();
  const link = await desk.app.evaluate(({ clipboard }) => clipboard.readText());
  expect(link).toMatch(/^sealane:\/\/pair#[\w.-]+$/);

  await pressButton(laptop, 'Pair a device');
  await pressButton(laptop, 'Enter an invite');
  await tabTo(laptop, 'textbox', 'Invite link or token');
  await laptop.page.keyboard.insertText(link);
  await laptop.page.keyboard.press('Enter');
  expect(await laptop.code()).toBe(await desk.code());
  await pressButton(desk, 'Yes, they match');
  await pressButton(laptop, 'Yes, they match');
  for (const [desktop, other] of [
    [desk, laptop],
    [laptop, desk],
  ] as const) {
    await desktop.heading(`Paired with ${other.name}`).waitFor();
    await pressButton(desktop, 'Done');
    await expect(desktop.device(other.name)).toBeVisible();
  }
});

test('what was offered and declined says so on both sides, and leaves nothing', async () => {
  await desk.send(laptop.name, await makeFile('unwanted.txt', 'no'));
  const offer = laptop.offer('Desk');
  await expect(offer.getByText('unwanted.txt')).toBeVisible();
  await expectStatus(desk, 'unwanted.txt to Laptop', 'Waiting for Laptop to accept…');
  await offer.getByRole('button', { name: 'Decline' }).click();
  await expectStatus(desk, 'unwanted.txt to Laptop', 'Laptop declined.');
  await expectStatus(laptop, 'unwanted.txt from Desk', 'You declined.');
  await expect(offer).toBeHidden();
  expect(await namesIn(world.received('Laptop'))).toEqual([]);
});

test('what is withdrawn before it was answered is no longer asked about', async () => {
  await desk.send(laptop.name, await makeFile('changed my mind.txt', 'hm'));
  await laptop.offer('Desk').waitFor();
  await desk.transfer('changed my mind.txt to Laptop').getByRole('button', { name: 'Cancel' }).click();
  await expectStatus(desk, 'changed my mind.txt to Laptop', 'You cancelled it.');
  await expectStatus(laptop, 'changed my mind.txt from Desk', 'Desk cancelled it.');
  await expect(laptop.offer('Desk')).toBeHidden();
});

test('what is cancelled on its way stops on both sides, and leaves nothing', async () => {
  const path = await makeFile('endless.img', '');
  // A hole in a file takes no room, and a while to send.
  await truncate(path, 4_000_000_000);
  await desk.send(laptop.name, path);
  await laptop.accept('Desk');
  const row = laptop.transfer('endless.img from Desk');
  await expect(row).toHaveAttribute('data-state', 'running');
  await row.getByRole('button', { name: 'Cancel' }).click();
  await expectStatus(laptop, 'endless.img from Desk', 'You cancelled it.');
  await expectStatus(desk, 'endless.img to Laptop', 'Laptop cancelled it.');
  await expect.poll(() => namesIn(world.received('Laptop'))).toEqual([]);
  await expectAccessible(desk, 'ended transfers');
});

test('what is dropped on a device is sent to it', async () => {
  const source = join(world.folder, 'to send', 'Dropped folder');
  await makeTree(source);
  const note = await makeFile('dropped note.txt', 'beside it');
  const letGo = await desk.drag('Laptop', [source, note]);
  await expect(desk.device('Laptop').getByText('Let go to send to Laptop')).toBeVisible();
  await expectAccessible(desk, 'dragging');
  await letGo();
  await expect(laptop.offer('Desk').getByText('dropped note.txt')).toBeVisible();
  await laptop.accept('Desk');
  await desk.watch('Dropped folder and dropped note.txt to Laptop');
  await laptop.watch('Dropped folder and dropped note.txt from Desk');
  for (const name of ['Dropped folder', 'dropped note.txt']) {
    const { differences } = await compareTrees(
      join(world.folder, 'to send', name),
      join(world.received('Laptop'), name),
    );
    expect(differences).toEqual([]);
  }
});

test('a device that is away is said to be, and knows everything when it is back', async () => {
  const before = await laptop.snapshot();
  await laptop.close();
  await desk.send(laptop.name, await makeFile('hello.txt', 'anybody there?'));
  const waits = 'Laptop cannot be reached. Once it is on, with Sealane open, this is sent by itself.';
  await expectStatus(desk, 'hello.txt to Laptop', waits);

  laptop = await world.open('Laptop', 'dark');
  const after = await laptop.snapshot();
  expect(after.self).toEqual(before.self);
  expect(after.devices.map(({ id, name }) => ({ id, name }))).toEqual(
    before.devices.map(({ id, name }) => ({ id, name })),
  );
  // What waited for it may be offered already: it says that it is back.
  const known = before.transfers.map(({ id }) => id);
  expect(after.transfers.filter(({ id }) => known.includes(id))).toEqual(before.transfers);
  await expect(laptop.device('Desk')).toBeVisible();
  await expectStatus(laptop, 'unwanted.txt from Desk', 'You declined.');

  // The one that was away knows where the other is.
  await laptop.send(desk.name, await makeFile('back.txt', 'here I am'));
  await desk.accept('Laptop');
  await laptop.watch('back.txt to Desk');
  expect(await namesIn(world.received('Desk'))).toContain('back.txt');

  // And is found again by what has waited for it, although it is reached elsewhere now.
  await laptop.accept('Desk');
  await desk.watch('hello.txt to Laptop');
  expect(await namesIn(world.received('Laptop'))).toContain('hello.txt');
});

test('nothing went wrong that nobody was told about', () => {
  // What the page asked for in vain was shown; the rest of what a terminal would have seen is nothing.
  const unexpected = [...desk.complaints, ...laptop.complaints].filter(
    (line) => !/^main: sealane: call: invite-/.test(line),
  );
  expect(unexpected).toEqual([]);
});

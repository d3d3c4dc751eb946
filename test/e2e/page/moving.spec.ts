import type { Locator } from '@playwright/test';
import type { AppSnapshot } from '../../../shared/ipc.ts';
import type { TransferState, TransferView } from '../../../shared/views.ts';
import { NOTES_KEPT } from '../../../src-renderer/offer-slots.ts';
import { OFFERED, digest, items } from '../../support/offered.ts';
import { idOf, laptop, pairing, snapshot, studio, transfer } from './scenes.ts';
import { expect, test } from './stage.ts';
import type { Stage } from './stage.ts';
import { STEADY_AGAIN_MS, openSteady, pointAt, press, settle } from './steady.ts';

/**
 * What lies under a pointer that rests, and under one on its way, when the page moves: a click is for what
 * was there. The page's clock stands still but where a test lets it go on, so that nothing here depends on
 * how fast a machine is.
 */

/** Longer than a note stays once the pointer has left it (NOTE_MS). */
const NOTE_GONE_MS = 3_500;

const paired = { devices: [laptop, studio] };
const peer = { direction: 'receive', recorded: false, device: { id: studio.id, name: studio.name } } as const;
const progress = { bytes: 100_000_000, files: 200, bytesPerSecond: 1_000_000, secondsLeft: 200 };
const running: TransferState = { kind: 'running', progress };
const takenBack: TransferState = { kind: 'cancelled', by: 'peer' };

function offered(name: string, number: number): TransferView {
  const parts = { ...peer, items: items(name), itemCount: 1, totalFiles: 1, created: number };
  return transfer({ kind: 'offered', offer: digest(number) }, parts);
}

const open = (stage: Stage, parts: Partial<AppSnapshot>): Promise<void> => openSteady(stage, parts, 900);

async function change(stage: Stage, view: TransferView, state: TransferState): Promise<void> {
  await stage.push({ type: 'transfer', transfer: { ...view, state } });
}

const answers = async (stage: Stage): Promise<unknown[][]> => [
  ...(await stage.calls('acceptTransfer')),
  ...(await stage.calls('acceptTransferInto')),
  ...(await stage.calls('declineTransfer')),
];

const cardOf = ({ page }: Stage, name: string): Locator =>
  page.getByRole('region', { name: 'Studio wants to send you' }).filter({ hasText: name });
const buttonOf = (stage: Stage, name: string, label = 'Accept'): Locator =>
  cardOf(stage, name).getByRole('button', { name: label, exact: true });

const three = () => [offered('one.txt', 1), offered('two.txt', 2), offered('three.txt', 3)] as const;

for (const label of ['Accept', 'Accept into…', 'Decline'] as const) {
  test(`a click where “${label}” was answers nothing, however long after its offer was taken back`, async ({
    stage,
  }) => {
    for (const delay of [0, 30, 100, 300, 700, 1_500, 10_000]) {
      const offers = three();
      await open(stage, { ...paired, transfers: [...offers] });
      const below = await buttonOf(stage, 'two.txt').boundingBox();
      await pointAt(stage, buttonOf(stage, 'one.txt', label));
      await change(stage, offers[0], takenBack);
      await expect(stage.page.getByText('Studio took this back: one.txt.')).toBeVisible();
      await stage.page.clock.runFor(delay);
      await press(stage);
      await press(stage);
      expect(await answers(stage), `after ${String(delay)} ms`).toEqual([]);
      expect(await buttonOf(stage, 'two.txt').boundingBox()).toEqual(below);
    }
    // Another place, and another time: there it is meant.
    await pointAt(stage, buttonOf(stage, 'two.txt', label));
    await press(stage);
    expect(await answers(stage)).toHaveLength(1);
  });
}

test('a note goes once the pointer is elsewhere, and what comes to its place takes no click at first', async ({
  stage,
}) => {
  const offers = three();
  await open(stage, { ...paired, transfers: [...offers] });
  const place = await buttonOf(stage, 'one.txt').boundingBox();
  if (place === null) throw new Error('no button');
  await stage.page.mouse.move(5, 5);
  await change(stage, offers[0], takenBack);
  await stage.page.clock.runFor(NOTE_GONE_MS - STEADY_AGAIN_MS);
  await stage.page.clock.runFor(STEADY_AGAIN_MS / 2);
  await expect(stage.page.getByText('Studio took this back')).toBeHidden();
  // On its way to what was here, a hand is not fast enough to see that it has gone.
  await stage.page.mouse.move(place.x + 20, place.y + 10);
  await press(stage);
  expect(await answers(stage)).toEqual([]);
  await settle(stage);
  await press(stage);
  expect(await stage.calls('acceptTransfer')).toEqual([[offers[1].id, digest(2)]]);
});

test('a double click answers one offer, not the one below it as well', async ({ stage }) => {
  const offers = three();
  await open(stage, { ...paired, transfers: [...offers] });
  await pointAt(stage, buttonOf(stage, 'one.txt'));
  await press(stage);
  await change(stage, offers[0], running);
  await press(stage);
  await stage.page.clock.runFor(300);
  await press(stage);
  expect(await answers(stage)).toEqual([[offers[0].id, digest(1)]]);
});

test('a new offer comes below the others, and under a pointer that rests there takes no click at first', async ({
  stage,
}) => {
  const offers = three();
  // Made, by its maker's clock, before all others.
  const late = { ...offered('late.txt', 4), device: { id: laptop.id, name: laptop.name }, created: -1 };
  await open(stage, { ...paired, transfers: [...offers] });
  const before = await cardOf(stage, 'one.txt').boundingBox();
  const [second, third] = [
    await buttonOf(stage, 'two.txt').boundingBox(),
    await buttonOf(stage, 'three.txt').boundingBox(),
  ];
  if (second === null || third === null) throw new Error('no buttons');
  await stage.page.mouse.move(third.x + 20, third.y + (third.y - second.y) + 10);
  await stage.push({ type: 'transfer', transfer: late });
  await press(stage);
  expect(await answers(stage)).toEqual([]);
  const after = await cardOf(stage, 'one.txt').boundingBox();
  expect([after?.x, after?.y]).toEqual([before?.x, before?.y]);
  await settle(stage);
  await press(stage);
  expect(await answers(stage)).toEqual([[late.id, digest(4)]]);
});

test('an answer names the offer that was shown where it was pressed, not the one that has its id now', async ({
  stage,
}) => {
  const [first] = three();
  const other: TransferView = {
    ...first,
    items: items('x.desktop'),
    state: { kind: 'offered', offer: digest(9) },
  };
  await open(stage, { ...paired, transfers: [first] });
  await pointAt(stage, buttonOf(stage, 'one.txt'));
  // Between the two halves of a click.
  await stage.page.mouse.down();
  await stage.push({ type: 'transfer', transfer: other });
  await stage.page.mouse.up();
  expect(await answers(stage)).toEqual([]);
  await expect(stage.page.getByText('Studio offers something else instead of this: one.txt.')).toBeVisible();

  // And with the key on its way: the focus is on no button of the other one.
  await open(stage, { ...paired, transfers: [first] });
  await buttonOf(stage, 'one.txt').focus();
  await stage.push({ type: 'transfer', transfer: other });
  await stage.page.keyboard.press('Enter');
  await stage.page.keyboard.press('Space');
  expect(await answers(stage)).toEqual([]);
  // The next stop is the note's own button, not the other card's.
  await stage.page.keyboard.press('Tab');
  await stage.page.keyboard.press('Enter');
  expect(await answers(stage)).toEqual([]);
  await expect(cardOf(stage, 'x.desktop')).toBeFocused();

  // One that is asked with a dialog is answered for what was pressed, whatever comes while it is open.
  await open(stage, { ...paired, transfers: [first] });
  await pointAt(stage, buttonOf(stage, 'one.txt', 'Accept into…'));
  await press(stage);
  await stage.push({ type: 'transfer', transfer: other });
  expect(await answers(stage)).toEqual([[first.id, digest(1)]]);
});

test('the keyboard is not held up by what moved', async ({ stage }) => {
  await open(stage, paired);
  const [first] = three();
  await stage.push({ type: 'transfer', transfer: first });
  await expect(cardOf(stage, 'one.txt')).toBeFocused();
  await stage.page.keyboard.press('Tab');
  await stage.page.keyboard.press('Enter');
  expect(await answers(stage)).toEqual([[first.id, digest(1)]]);
});

test('offers that come and go by the hundred move nothing under the pointer, and leave few notes', async ({
  stage,
}) => {
  const [first, second] = three();
  await open(stage, { ...paired, transfers: [first, second] });
  const place = await buttonOf(stage, 'two.txt').boundingBox();
  await pointAt(stage, buttonOf(stage, 'two.txt'));
  for (let count = 10; count < 90; count += 1) {
    const view = offered(`${String(count)}.txt`, count);
    await stage.push({ type: 'transfer', transfer: view });
    await change(stage, view, takenBack);
  }
  expect(await buttonOf(stage, 'two.txt').boundingBox()).toEqual(place);
  expect(await stage.page.getByRole('button', { name: 'Dismiss this note' }).count()).toBe(NOTES_KEPT);
  expect(await stage.page.getByRole('list', { name: 'Transfers' }).getByRole('listitem').count()).toBe(5);
  await press(stage);
  expect(await answers(stage)).toEqual([[second.id, digest(2)]]);
});

test('a click on Cancel cancels no other transfer, whose row has just come there', async ({ stage }) => {
  const [newer, older] = [
    transfer(running, { items: items('newer'), itemCount: 1, created: Date.now() }),
    transfer(running, { items: items('older'), itemCount: 1, created: Date.now() - 1_000 }),
  ];
  await open(stage, { ...paired, transfers: [newer, older] });
  const cancel = (name: string): Locator =>
    stage.page.getByRole('listitem', { name }).getByRole('button', { name: 'Cancel' });
  const [top, bottom] = [await cancel('newer').boundingBox(), await cancel('older').boundingBox()];
  await pointAt(stage, cancel('newer'));
  await change(stage, newer, { kind: 'declined' });
  // It has come to the very place.
  expect((await cancel('older').boundingBox())?.y).toBe(top?.y);
  expect(bottom?.y).toBeGreaterThan(top?.y ?? 0);
  await press(stage);
  expect(await stage.calls('cancelTransfer')).toEqual([]);
  await settle(stage);
  await press(stage);
  expect(await stage.calls('cancelTransfer')).toEqual([[older.id]]);
});

test('what is chosen in the menu of a device is not what an offer has moved there', async ({ stage }) => {
  const { page } = stage;
  await open(stage, paired);
  await page.getByRole('button', { name: 'More about Studio' }).click();
  const forget = page.getByRole('menuitem', { name: 'Forget this device…' });
  await page.clock.runFor(STEADY_AGAIN_MS);
  await pointAt(stage, forget);
  const before = await forget.boundingBox();
  await stage.push({ type: 'transfer', transfer: offered('one.txt', 1) });
  await expect.poll(async () => (await forget.boundingBox())?.y).not.toBe(before?.y);
  await press(stage);
  for (const name of ['setDeviceAccept', 'chooseDeviceFolder', 'resetDeviceFolder', 'forgetDevice']) {
    expect(await stage.calls(name), name).toEqual([]);
  }
  await expect(page.getByRole('alertdialog')).toBeHidden();
});

test('a device that has just come under the pointer is not the one that is set, or sent to', async ({
  stage,
}) => {
  const { page } = stage;
  // Cards of the same shape: the buttons of one come to where those of the other were.
  const attic = { ...laptop, id: studio.id, name: 'Attic', label: 'Attic' };
  const cellar = { ...laptop, id: idOf(40), name: 'Cellar', label: 'Cellar' };
  const button = (device: string, name: string): Locator =>
    page.getByRole('group', { name: device }).getByRole('button', { name });
  await open(stage, { devices: [laptop, attic, cellar] });
  for (const name of ['More about', 'Send files…']) {
    const before = await button(laptop.name, name).boundingBox();
    await pointAt(stage, button(laptop.name, name));
    await stage.push({ type: 'devices', devices: [attic, cellar] });
    await expect(button(laptop.name, name)).toBeHidden();
    expect(await button('Attic', name).boundingBox()).toEqual(before);
    await press(stage);
    await page.clock.runFor(50);
    await expect(page.getByRole('menu')).toBeHidden();
    expect(await stage.calls('chooseAndSend')).toEqual([]);
    await settle(stage);
    await stage.push({ type: 'devices', devices: [laptop, attic, cellar] });
    await settle(stage);
  }
  // Where nothing moves, both do what they say.
  await stage.answer('chooseAndSend', { ok: true, value: null });
  await pointAt(stage, button('Attic', 'Send files…'));
  await press(stage);
  expect(await stage.calls('chooseAndSend')).toEqual([[attic.id, 'files']]);
  await pointAt(stage, button('Attic', 'More about'));
  await press(stage);
  await page.clock.runFor(50);
  await expect(page.getByRole('menu')).toBeVisible();
});

test('a question that comes up under the pointer is not answered by the click that was on its way', async ({
  stage,
}) => {
  const { page } = stage;
  await open(stage, paired);
  const attempt = pairing({ kind: 'comparing', code: '483 190' });
  // Where its buttons will be is known from one that was there before.
  await stage.push({ type: 'pairing', pairing: attempt });
  const yes = page.getByRole('button', { name: 'Yes, they match' });
  await settle(stage);
  await pointAt(stage, yes);
  await page.keyboard.press('Escape');
  await settle(stage);
  await expect(page.getByRole('dialog')).toBeHidden();
  const second = { ...attempt, id: pairing({ kind: 'connecting' }, { peerName: 'x' }).id };
  await stage.push({ type: 'pairing', pairing: second });
  await expect(yes).toBeVisible();
  await press(stage);
  expect(await stage.calls('answerPairing')).toEqual([]);
  await settle(stage);
  await press(stage);
  expect(await stage.calls('answerPairing')).toEqual([[second.id, true]]);
});

test('a link from outside brings nothing under the pointer that pairs', async ({ stage }) => {
  const { page } = stage;
  await open(stage, paired);
  const link = { type: 'open-link', link: 'sealane://pair#from-outside' } as const;
  await stage.push(link);
  const goOn = page.getByRole('button', { name: 'Continue' });
  await settle(stage);
  await pointAt(stage, goOn);
  await page.keyboard.press('Escape');
  await settle(stage);
  await expect(page.getByRole('dialog')).toBeHidden();
  await stage.push(link);
  await expect(goOn).toBeVisible();
  await press(stage);
  expect(await stage.calls('pair')).toEqual([]);
  await settle(stage);
  await press(stage);
  expect(await stage.calls('pair')).toEqual([[link.link]]);
});

test('scrolling oneself holds nothing up', async ({ stage }) => {
  const rows = Array.from({ length: 12 }, (_, index) =>
    transfer(running, { items: items(`row ${String(index)}`), itemCount: 1, created: 1_000 - index }),
  );
  await open(stage, { ...paired, transfers: rows });
  await stage.page.mouse.move(600, 600);
  const main = stage.page.getByRole('main');
  await stage.page.mouse.wheel(0, 240);
  await expect.poll(() => main.evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(200);
  const held = stage.page.locator('[data-unsteady]');
  await expect(held).toHaveCount(0);
  // What the page scrolls by itself is another matter.
  await stage.page.clock.runFor(STEADY_AGAIN_MS);
  await main.evaluate((element) => {
    element.scrollTo(0, 0);
  });
  await expect.poll(() => held.count()).toBeGreaterThan(10);
});

test('an offer that is answered with nothing below it leaves no note', async ({ stage }) => {
  const [first] = three();
  await open(stage, { ...paired, transfers: [first] });
  await pointAt(stage, buttonOf(stage, 'one.txt', 'Decline'));
  await press(stage);
  await change(stage, first, { kind: 'declined' });
  await expect(cardOf(stage, 'one.txt')).toBeHidden();
  await expect(stage.page.getByRole('button', { name: 'Dismiss this note' })).toBeHidden();
});

test('a taken back offer is shown as such, in both schemes', async ({ stage }) => {
  const offers = three();
  await stage.open(
    snapshot({ ...paired, transfers: [...offers, transfer(OFFERED, { items: items('Music') })] }),
  );
  await stage.size(960, 680);
  await pointAt(stage, buttonOf(stage, 'one.txt'));
  await change(stage, offers[0], takenBack);
  await stage.look('offer-taken-back');
  await stage.size(360, 640);
  await stage.expectNoSidewaysScroll();
});

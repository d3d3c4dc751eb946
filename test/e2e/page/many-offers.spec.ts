import type { Locator } from '@playwright/test';
import type { AppSnapshot } from '../../../shared/ipc.ts';
import type { TransferState, TransferView } from '../../../shared/views.ts';
import { digest, item, items } from '../../support/offered.ts';
import { errorOf, laptop, snapshot, studio, transfer } from './scenes.ts';
import { expect, test } from './stage.ts';
import type { Stage } from './stage.ts';
import { openSteady, pointAt, press, settle } from './steady.ts';

/**
 * Many offers of one device: three cards, a stack for the rest, and one answer to all. Such an answer is about what was shown when it was
 * pressed, whatever comes in between. The page's clock stands still but where a test lets it go on.
 */

const paired = { devices: [laptop, studio] };
const from = (device: { readonly id: TransferView['device']['id']; readonly name: string }) => ({
  direction: 'receive' as const,
  recorded: false,
  device: { id: device.id, name: device.name },
});
const takenBack: TransferState = { kind: 'cancelled', by: 'peer' };

function offered(number: number, name = `file ${String(number)}.txt`, device = studio): TransferView {
  return transfer(
    { kind: 'offered', offer: digest(number) },
    { ...from(device), items: items(name), itemCount: 1, totalFiles: 1, totalBytes: 1_000, created: number },
  );
}

const many = (count: number): TransferView[] =>
  Array.from({ length: count }, (_, index) => offered(index + 1));

const open = (stage: Stage, parts: Partial<AppSnapshot>): Promise<void> => openSteady(stage, parts, 1_400);

const become = (stage: Stage, view: TransferView, state: TransferState): Promise<void> =>
  stage.push({ type: 'transfer', transfer: { ...view, state } });

const stackOf = ({ page }: Stage, heading: string | RegExp): Locator =>
  page.getByRole('region', { name: heading });
const button = ({ page }: Stage, name: string): Locator => page.getByRole('button', { name, exact: true });
const cards = ({ page }: Stage): Locator => page.getByRole('region', { name: 'wants to send you' });

const answersTo = (offers: readonly TransferView[]): unknown[][] =>
  offers.map(({ id, state }) => [id, state.kind === 'offered' ? state.offer : '']);
const answers = async (stage: Stage): Promise<unknown[][]> => [
  ...(await stage.calls('acceptTransfer')),
  ...(await stage.calls('declineTransfer')),
];

for (const [label, call] of [
  ['Accept all 8', 'acceptTransfer'],
  ['Decline all 8', 'declineTransfer'],
] as const) {
  test(`“${label}” answers each of the offers of one device, and none of another`, async ({ stage }) => {
    const offers = many(8);
    await open(stage, { ...paired, transfers: [...offers, offered(20, 'other.txt', laptop)] });
    await expect(cards(stage)).toHaveCount(4);
    const stack = stackOf(stage, 'and 5 more from Studio');
    await expect(stack.getByRole('listitem')).toHaveText(
      [4, 5, 6, 7, 8].map((count) => `file ${String(count)}.txt1 file (1 kB)`),
    );
    await expect(stack.getByText('All 8 together: 8 files (8 kB).')).toBeVisible();
    await pointAt(stage, button(stage, label));
    await press(stage);
    expect(await stage.calls(call)).toEqual(answersTo(offers));
    expect(await answers(stage)).toHaveLength(8);
  });
}

test('an answer to all is none to what was not shown when it was pressed', async ({ stage }) => {
  const offers = many(5);
  await open(stage, { ...paired, transfers: offers });
  // Between the two halves of a click, and at any time before it could be seen.
  await pointAt(stage, button(stage, 'Accept all 5'));
  await stage.page.mouse.down();
  await stage.push({ type: 'transfer', transfer: offered(6, 'late.exe') });
  await stage.page.mouse.up();
  await press(stage);
  await expect(button(stage, 'Accept all 6')).toBeVisible();
  await pointAt(stage, button(stage, 'Accept all 6'));
  await press(stage);
  expect(await answers(stage)).toEqual([]);
  await settle(stage);
  await press(stage);
  expect((await answers(stage)).map(([, offer]) => offer)).toEqual([1, 2, 3, 4, 5, 6].map(digest));

  // One that has become another one under its id.
  await open(stage, { ...paired, transfers: offers });
  const [, , , fourth] = offers;
  if (fourth === undefined) throw new Error('too few');
  await pointAt(stage, button(stage, 'Accept all 5'));
  await stage.page.mouse.down();
  await become(stage, { ...fourth, items: items('other.exe') }, { kind: 'offered', offer: digest(9) });
  await stage.page.mouse.up();
  await press(stage);
  expect(await answers(stage)).toEqual([]);
  await expect(
    stage.page.getByText('Studio offers something else instead of this: file 4.txt.'),
  ).toBeVisible();
});

test('a key that was meant for fewer offers answers no more of them', async ({ stage }) => {
  await open(stage, { ...paired, transfers: many(5) });
  await button(stage, 'Accept all 5').focus();
  await stage.push({ type: 'transfer', transfer: offered(6, 'late.exe') });
  await stage.page.keyboard.press('Enter');
  await stage.page.keyboard.press('Space');
  expect(await answers(stage)).toEqual([]);
  // It is there to be reached again, from where the focus is now.
  await stage.page.keyboard.press('Tab');
  await expect(button(stage, 'Accept all 6')).toBeFocused();
  await stage.page.keyboard.press('Enter');
  expect(await answers(stage)).toHaveLength(6);
});

test('what is taken back is not answered, and leaves nothing under a pointer that rests', async ({
  stage,
}) => {
  const offers = many(6);
  const [, , third, fourth, ...rest] = offers;
  if (third === undefined || fourth === undefined) throw new Error('too few');
  await open(stage, { ...paired, transfers: offers });
  const before = await button(stage, 'Accept all 6').boundingBox();
  await pointAt(stage, button(stage, 'Accept all 6'));
  await become(stage, third, takenBack);
  await become(stage, fourth, takenBack);
  await expect(stage.page.getByText('Studio took this back: file 4.txt.')).toBeVisible();
  expect((await button(stage, 'Accept all 4').boundingBox())?.y).toBe(before?.y);
  for (const view of [...offers.slice(0, 2), ...rest]) await become(stage, view, takenBack);
  for (const delay of [0, 700, 10_000]) {
    await stage.page.clock.runFor(delay);
    await press(stage);
  }
  // Nor is what comes then.
  await stage.push({ type: 'transfer', transfer: offered(30) });
  await stage.page.clock.runFor(10_000);
  await press(stage);
  expect(await answers(stage)).toEqual([]);
  await expect(cards(stage)).toHaveCount(1);
});

test('each of a stack can be looked at, and answered on its own', async ({ stage }) => {
  const offers = many(5);
  await open(stage, { ...paired, transfers: offers });
  await button(stage, 'Show each').focus();
  await stage.page.keyboard.press('Enter');
  await expect(cards(stage)).toHaveCount(5);
  await expect(button(stage, 'Accept all 5')).toBeHidden();
  const fourth = cards(stage).filter({ hasText: 'file 4.txt' });
  await expect(fourth).toBeFocused();
  await stage.page.keyboard.press('Tab');
  await stage.page.keyboard.press('Enter');
  expect(await answers(stage)).toEqual(answersTo(offers.slice(3, 4)));
});

test('answers that could not be given are told', async ({ stage }) => {
  const offers = many(5);
  await open(stage, { ...paired, transfers: offers });
  await stage.answer('acceptTransfer', { ok: false, error: errorOf('offer-changed') });
  await pointAt(stage, button(stage, 'Accept all 5'));
  await press(stage);
  await expect(
    stage.page.getByRole('alert').filter({ hasText: errorOf('offer-changed').message }),
  ).toContainText('4 more offers could not be answered either.');
});

test('many offers of two devices, with programs and hidden files among them, in both schemes', async ({
  stage,
}) => {
  const mixed = [
    ...many(4),
    offered(5, 'Setup.exe'),
    offered(6, '.env'),
    transfer(
      { kind: 'offered', offer: digest(7) },
      {
        ...from(studio),
        created: 7,
        items: [item('Holiday', { kind: 'folder' }), item('.profile', { program: true })],
        itemCount: 7,
        hiddenCount: 14,
        programCount: 3,
      },
    ),
    transfer(
      { kind: 'offered', offer: digest(8) },
      {
        ...from(studio),
        created: 8,
        items: [item(`${'A long name '.repeat(9)}of a folder`, { kind: 'folder' })],
        itemCount: 1,
        programCount: 1,
      },
    ),
  ].map((view) =>
    view.items.length === 1 && view.totalFiles === 1
      ? {
          ...view,
          hiddenCount: view.items.filter(({ hidden }) => hidden).length,
          programCount: view.items.filter(({ program }) => program).length,
        }
      : view,
  );
  await stage.open(snapshot({ ...paired, transfers: mixed }));
  await stage.size(960, 1_000);
  const stack = stackOf(stage, /and \d more from Studio/);
  await expect(stack.getByRole('listitem').nth(1)).toHaveText('Setup.exe, program1 file (1 kB)');
  await expect(stack.getByRole('listitem').nth(2)).toHaveText('.env, hidden1 file (1 kB)');
  await expect(stack.getByRole('listitem').nth(3)).toHaveText(
    'Holiday and 6 more, 14 hidden items and 3 programs2,004 files (312 MB)',
  );
  await expect(stack.getByText('Contains 15 hidden items and 5 programs.')).toBeVisible();
  await stack.scrollIntoViewIfNeeded();
  await stage.look('offers-many');
  const [, , , fourth] = mixed;
  if (fourth === undefined) throw new Error('too few');
  await become(stage, fourth, takenBack);
  await stage.size(360, 900);
  await stack.getByRole('button', { name: 'Accept all 7' }).scrollIntoViewIfNeeded();
  await stage.look('offers-many-narrow');
  await stage.expectNoSidewaysScroll();
  await stage.size(960, 1_000);
  await stage.lookWithForcedColours('offers-many-forced');
});

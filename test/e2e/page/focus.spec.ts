import type { Page } from '@playwright/test';
import type { Reply } from '../../../shared/ipc.ts';
import { errorOf, invite, laptop, offer, pairing, snapshot, studio, transfer } from './scenes.ts';
import { expect, test } from './stage.ts';

/** Where the keyboard focus is when the element that had it is gone: never on `body`, and on nothing that a key would press. */

const paired = { devices: [laptop, studio] };
const progress = { bytes: 9, files: 1, bytesPerSecond: 3, secondsLeft: 30 };

/** Presses the button that has this name, by the keyboard. */
async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).press('Enter');
}

test('cancelling a transfer leaves the focus on its row', async ({ stage }) => {
  const { page } = stage;
  const view = transfer({ kind: 'running', progress });
  const other = transfer({ kind: 'running', progress }, { direction: 'receive' });
  await stage.open(snapshot({ ...paired, transfers: [view, other] }));
  const row = page.getByRole('listitem').filter({ hasText: `to ${laptop.name}` });
  await row.getByRole('button', { name: 'Cancel' }).press('Enter');
  await stage.push({ type: 'transfer', transfer: { ...view, state: { kind: 'cancelled', by: 'me' } } });
  await expect(row).toContainText('You cancelled it.');
  await expect(row).toBeFocused();
});

test('a transfer that ends while its Pause has the focus leaves it on its row', async ({ stage }) => {
  const { page } = stage;
  const view = transfer({ kind: 'running', progress });
  await stage.open(snapshot({ ...paired, transfers: [view] }));
  await page.getByRole('button', { name: 'Pause' }).focus();
  await stage.push({ type: 'transfer', transfer: { ...view, state: { kind: 'declined' } } });
  await expect(page.getByRole('listitem').filter({ hasText: 'Holiday and 3 more' })).toBeFocused();
});

test('after showing older transfers the next Tab leads to the first of them', async ({ stage }) => {
  const { page } = stage;
  const transfers = Array.from({ length: 45 }, () => transfer({ kind: 'paused', by: 'me', progress }));
  await stage.open(snapshot({ ...paired, transfers }));
  await press(page, 'Show 5 older');
  const rows = page.getByRole('list', { name: 'Transfers' }).locator('> li');
  await expect(rows).toHaveCount(45);
  await expect(rows.nth(39)).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(rows.nth(40).getByRole('button', { name: 'Resume' })).toBeFocused();
});

test('dismissing a message leaves the focus in the page, or in the dialog that showed it', async ({
  stage,
}) => {
  const { page } = stage;
  await stage.open(snapshot(paired), {
    chooseAndSend: { ok: false, error: errorOf('nothing-to-send') },
    answerPairing: { ok: false, error: errorOf('internal') },
  });
  await page.getByRole('button', { name: 'Send files…' }).first().press('Enter');
  await press(page, 'Dismiss this message');
  await expect(page.getByRole('heading', { name: 'Devices' })).toBeFocused();
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'comparing', code: '123 456' }) });
  await press(page, 'Yes, they match');
  await press(page, 'Dismiss this message');
  await expect(page.getByRole('heading', { name: 'Is this code the same on both screens?' })).toBeFocused();
});

test('choosing no folder for an offer leaves the focus on the button that asked for one', async ({
  stage,
}) => {
  const { page } = stage;
  await stage.open(snapshot({ ...paired, transfers: [offer] }));
  // The dialog is open for as long as this call is not answered.
  await page.evaluate(() => {
    const { call } = window.sealane;
    window.sealane.call = (name, args) =>
      name !== 'acceptTransferInto'
        ? call(name, args)
        : new Promise<Reply>((resolve) => {
            document.addEventListener('dialog-cancelled', () => {
              resolve({ ok: true, value: false });
            });
          });
  });
  const button = page.getByRole('button', { name: 'Accept into…' });
  await button.press('Enter');
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await expect(button).toBeFocused();
  // While a folder is being chosen, no other answer is given.
  await page.getByRole('button', { name: 'Decline' }).press('Enter');
  expect(await stage.calls('declineTransfer')).toEqual([]);
  await button.focus();
  await page.evaluate(() => document.dispatchEvent(new Event('dialog-cancelled')));
  await expect(button).toHaveAttribute('aria-disabled', 'false');
  await expect(button).toBeFocused();
});

test('an offer that is taken back leaves the focus in its place, and then in the page', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot({ ...paired, transfers: [offer] }));
  await page.getByRole('button', { name: 'Accept', exact: true }).focus();
  await stage.push({ type: 'transfer', transfer: { ...offer, state: { kind: 'cancelled', by: 'peer' } } });
  await expect(page.locator('.offer-place')).toBeFocused();
  await expect(page.getByText('Studio took this back')).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Devices' })).toBeFocused();
});

test('the first pairing ends with the focus on the devices', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot(), { createInvite: { ok: true, value: invite() } });
  await press(page, 'Pair a device');
  await press(page, 'Show an invite');
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'comparing', code: '123 456' }) });
  await stage.push({ type: 'devices', devices: [laptop] });
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'paired', device: laptop }) });
  await press(page, 'Done');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Devices' })).toBeFocused();
});

test('forgetting the only device ends with the focus on what there is to do now', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot({ devices: [laptop] }));
  await press(page, `More about ${laptop.name}`);
  await page.getByRole('menuitem', { name: 'Forget this device…' }).press('Enter');
  await press(page, 'Forget this device');
  await expect(page.getByRole('alertdialog')).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Devices' })).toBeFocused();
  await stage.push({ type: 'devices', devices: [] });
  const heading = page.getByRole('heading', { name: 'Send files straight to your other computer' });
  await expect(heading).toBeFocused();
});

test('a name that is not taken leaves the focus in its form', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot(paired), { renameSelf: { ok: false, error: errorOf('internal') } });
  await press(page, 'Rename this device');
  await page.getByLabel('Name of this device').fill('Kitchen');
  await press(page, 'Save');
  await expect(page.getByRole('alert').filter({ hasText: errorOf('internal').message })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save' })).toBeFocused();
});

test('a user who has put the focus nowhere keeps it there', async ({ stage }) => {
  const { page } = stage;
  const view = transfer({ kind: 'running', progress });
  await stage.open(snapshot({ ...paired, transfers: [view] }));
  await page.getByRole('button', { name: 'Pause' }).focus();
  await page.locator('.side').click({ position: { x: 20, y: 400 } });
  await expect(page.locator('body')).toBeFocused();
  await stage.push({ type: 'transfer', transfer: { ...view, state: { kind: 'declined' } } });
  await expect(page.getByText('declined.')).toBeVisible();
  await expect(page.locator('body')).toBeFocused();
});

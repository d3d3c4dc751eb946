import { dropHandleSchema } from '../../../shared/ipc.ts';
import { OFFER } from '../../support/offered.ts';
import { errorOf, invite, laptop, offer, pairing, snapshot, studio, transfer } from './scenes.ts';
import { expect, test } from './stage.ts';

/** What the page's controls ask for, and where the keyboard focus goes, with a stand-in behind them. */

const paired = { devices: [laptop, studio] };

test('pairing with an entered invite, by the keyboard alone', async ({ stage }) => {
  const { page } = stage;
  const attempt = { role: 'invitee' } as const;
  const { id } = pairing({ kind: 'connecting' }, attempt);
  await stage.open(snapshot(), { pair: { ok: false, error: errorOf('invite-used') } });
  await page.getByRole('button', { name: 'Pair a device' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('heading', { name: 'Pair a device' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const field = dialog.getByLabel('Invite link or token');
  await expect(field).toBeFocused();
  await expect(dialog.getByRole('button', { name: 'Continue' })).toBeDisabled();
  await page.keyboard.type(' sealane://pair#x ');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert').filter({ hasText: 'This invite was already used.' })).toBeVisible();
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute('aria-invalid', 'true');

  await stage.answer('pair', { ok: true, value: id });
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('heading', { name: 'Connecting…' })).toBeFocused();
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'comparing', code: '123 456' }, attempt) });
  await expect(dialog.getByRole('heading', { name: 'Is this code the same on both screens?' })).toBeFocused();
  await expect(dialog.getByTestId('pairing-code')).toHaveText('123 456');
  await expect(dialog.getByText(`calls itself ${laptop.name}`)).toBeVisible();
  await dialog.getByRole('button', { name: 'Yes, they match' }).click();
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'confirmed', code: '123 456' }, attempt) });
  await expect(dialog.getByRole('heading', { name: 'Waiting for the other device…' })).toBeFocused();
  await stage.push({ type: 'devices', devices: [laptop] });
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'paired', device: laptop }, attempt) });
  await expect(dialog.getByRole('heading', { name: `Paired with ${laptop.name}` })).toBeFocused();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('group', { name: laptop.name })).toBeVisible();
  expect(await stage.calls('pair')).toEqual([['sealane://pair#x'], ['sealane://pair#x']]);
  expect(await stage.calls('answerPairing')).toEqual([[id, true]]);
  expect(await stage.calls('cancelPairing')).toEqual([]);
});

test('an invite is shown, copied, counted down, and withdrawn when the dialog is closed', async ({
  stage,
}) => {
  const { page } = stage;
  const made = invite();
  await stage.open(snapshot(paired), { createInvite: { ok: true, value: made } });
  await page.getByRole('button', { name: 'Pair a device' }).click();
  await page.getByRole('button', { name: 'Show an invite' }).click();
  await expect(page.getByLabel('Invite link', { exact: true })).toHaveValue(made.link);
  await expect(page.getByRole('timer')).toHaveText(/^Works once, for 9:\d\d more\.$/);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.getByText('Copied')).toBeVisible();
  expect(await stage.calls('copyText')).toEqual([[made.link]]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Pair a device' })).toBeFocused();
  expect(await stage.calls('revokeInvite')).toEqual([[made.id]]);
});

test('an invite that somebody uses turns into the comparison; saying no ends it', async ({ stage }) => {
  const { page } = stage;
  const made = invite();
  await stage.open(snapshot(), { createInvite: { ok: true, value: made } });
  await page.getByRole('button', { name: 'Pair a device' }).click();
  await page.getByRole('button', { name: 'Show an invite' }).click();
  await expect(page.getByRole('img', { name: 'QR code of the invite' })).toBeVisible();
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'comparing', code: '123 456' }) });
  await page.getByRole('button', { name: 'No, they differ' }).click();
  const { id } = pairing({ kind: 'connecting' });
  expect(await stage.calls('answerPairing')).toEqual([[id, false]]);
  await stage.push({
    type: 'pairing',
    pairing: pairing({ kind: 'failed', error: errorOf('code-mismatch') }),
  });
  await expect(page.getByRole('heading', { name: 'Not paired' })).toBeFocused();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Show an invite' })).toBeFocused();
  expect(await stage.calls('createInvite')).toHaveLength(2);
});

test('a link from outside fills the field and waits', async ({ stage }) => {
  await stage.open(snapshot(paired));
  await stage.push({ type: 'open-link', link: 'sealane://pair#from-outside' });
  await expect(stage.page.getByLabel('Invite link or token')).toHaveValue('sealane://pair#from-outside');
  await expect(stage.page.getByRole('heading', { name: 'Enter an invite' })).toBeFocused();
  expect(await stage.calls('pair')).toEqual([]);
});

test('a link from outside leaves what is being entered as it is, and says so', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot(paired));
  await page.getByRole('button', { name: 'Pair a device' }).click();
  await page.getByRole('button', { name: 'Enter an invite' }).click();
  await page.getByLabel('Invite link or token').fill('sealane://pair#by-hand');
  await stage.push({ type: 'open-link', link: 'sealane://pair#from-outside' });
  await expect(page.getByText('Finish with the invite that you are entering')).toBeVisible();
  await expect(page.getByLabel('Invite link or token')).toHaveValue('sealane://pair#by-hand');
});

test('an offer is announced, takes the focus when nobody needs it, and gives it to its row', async ({
  stage,
}) => {
  const { page } = stage;
  await stage.open(snapshot(paired));
  await stage.push({ type: 'transfer', transfer: offer });
  const card = page.getByRole('region', { name: 'Studio wants to send you 2,004 files (312 MB)' });
  await expect(card).toBeFocused();
  await expect(page.getByTestId('announcer')).toHaveText(/^Studio wants to send you/);
  await expect(card.getByRole('listitem')).toHaveText([
    'Holiday',
    'Notes.md',
    'Budget 2027.ods',
    'and 6 more',
  ]);
  await page.keyboard.press('Tab');
  await expect(card.getByRole('button', { name: 'Accept', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  const progress = { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null };
  await stage.push({ type: 'transfer', transfer: { ...offer, state: { kind: 'running', progress } } });
  await expect(card).toBeHidden();
  const row = page.getByRole('listitem').filter({ hasText: 'Holiday and 8 more from Studio' });
  await expect(row).toBeFocused();
  expect(await stage.calls('acceptTransfer')).toEqual([[offer.id, OFFER]]);
});

test('an offer leaves the focus alone while somebody is typing', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot(paired));
  await page.getByRole('button', { name: 'Rename this device' }).click();
  await stage.push({ type: 'transfer', transfer: offer });
  await expect(page.getByRole('button', { name: 'Decline' })).toBeVisible();
  const field = page.getByLabel('Name of this device');
  await expect(field).toBeFocused();
  await field.fill('Kitchen');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Rename this device' })).toBeFocused();
  expect(await stage.calls('renameSelf')).toEqual([['Kitchen']]);
  await page.getByRole('button', { name: 'Accept into…' }).click();
  await page.getByRole('button', { name: 'Decline' }).click();
  expect(await stage.calls('acceptTransferInto')).toEqual([[offer.id, OFFER]]);
  expect(await stage.calls('declineTransfer')).toEqual([[offer.id, OFFER]]);
});

test('a transfer from its start to its end', async ({ stage }) => {
  const { page } = stage;
  const view = transfer({ kind: 'connecting' }, { created: Date.now() });
  await stage.open(snapshot(paired));
  await stage.push({ type: 'transfer', transfer: view });
  const row = page.getByRole('list', { name: 'Transfers' }).getByRole('listitem').first();
  const bar = row.getByRole('progressbar', { name: 'Progress of Holiday and 3 more' });
  await expect(row).toContainText(`Connecting to ${laptop.name}…`);
  await expect(bar).not.toHaveAttribute('aria-valuenow');
  const progress = { bytes: 134_000_000, files: 862, bytesPerSecond: 38_000_000, secondsLeft: 110 };
  await stage.push({ type: 'transfer', transfer: { ...view, state: { kind: 'running', progress } } });
  await expect(bar).toHaveAttribute('aria-valuenow', '42');
  await expect(bar).toHaveAttribute(
    'aria-valuetext',
    '42%, 134 MB of 312 MB · 862 of 2,004 files · 38 MB/s · about 2 minutes left',
  );
  await expect(row.getByText('42%')).toBeVisible();
  await expect(row).toContainText('Nothing has moved for');
  await row.getByRole('button', { name: 'Pause' }).click();
  expect(await stage.calls('pauseTransfer')).toEqual([[view.id]]);
  await stage.push({
    type: 'transfer',
    transfer: { ...view, state: { kind: 'paused', by: 'me', progress } },
  });
  await row.getByRole('button', { name: 'Resume' }).click();
  expect(await stage.calls('resumeTransfer')).toEqual([[view.id]]);
  await row.getByRole('button', { name: 'Cancel' }).click();
  expect(await stage.calls('cancelTransfer')).toEqual([[view.id]]);
  await stage.push({ type: 'transfer', transfer: { ...view, state: { kind: 'cancelled', by: 'me' } } });
  await expect(row).toContainText('You cancelled it. · just now');
  await page.getByRole('button', { name: 'Clear history' }).click();
  await expect(page.getByText('What you send and receive will show up here.')).toBeVisible();
});

test('what was received can be shown in its folder', async ({ stage }) => {
  const outcome = {
    bytes: 5,
    files: 1,
    seconds: 1,
    resent: [],
    resentCount: 0,
    grown: [],
    grownCount: 0,
    renamed: [],
    renamedCount: 0,
    into: '/home/ines/Downloads',
    names: ['Holiday'],
  };
  const view = transfer({ kind: 'done', outcome }, { direction: 'receive', itemCount: 1 });
  await stage.open(snapshot({ ...paired, transfers: [view] }));
  await stage.page.getByRole('button', { name: 'Show in folder' }).click();
  expect(await stage.calls('showInFolder')).toEqual([[view.id]]);
});

test('files dropped on a device are sent to it, and beside it nothing happens', async ({ stage }) => {
  const { page } = stage;
  const handle = dropHandleSchema.parse('d'.repeat(32));
  await stage.open(snapshot(paired), {
    sendDropped: { ok: true, value: transfer({ kind: 'connecting' }).id },
  });
  await page.evaluate((value) => {
    window.fake.handle = value;
  }, handle);
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], 'a.txt'));
    transfer.items.add(new File(['y'], 'b.txt'));
    return transfer;
  });
  const card = page.getByRole('group', { name: 'Studio' });
  await page.getByRole('heading', { name: 'Transfers' }).dispatchEvent('drop', { dataTransfer: data });
  await card.dispatchEvent('dragover', { dataTransfer: data });
  await expect(card.getByText('Let go to send to Studio')).toBeVisible();
  await card.dispatchEvent('drop', { dataTransfer: data });
  await expect(card.getByText('Drop files or folders here')).toBeVisible();
  await expect.poll(() => stage.calls('sendDropped')).toEqual([[studio.id, handle]]);
  expect(await page.evaluate(() => window.fake.drops)).toEqual([['a.txt', 'b.txt']]);
  expect(page.url()).toBe('sealane-app://app/');
});

test('a device is looked for where its user says it is', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot(paired), {
    addresses: { ok: true, value: ['192.168.1.5:50391', '[fd00::5]:50391'] },
  });
  const more = page.getByRole('button', { name: 'More about Studio' });
  await more.click();
  await page.getByRole('menuitem', { name: 'Enter its address…' }).click();
  const field = page.getByLabel('Address of Studio');
  await expect(field).toBeFocused();
  await stage.look('address');
  await stage.answer('lookForDevice', { ok: false, error: errorOf('unreachable') });
  await field.fill(' 192.168.1.20:50391 ');
  await page.keyboard.press('Enter');
  await expect(page.getByText(errorOf('unreachable').message)).toBeVisible();
  await expect(field).toBeFocused();
  await expect(field).toHaveAccessibleDescription(errorOf('unreachable').message);
  await stage.look('address-failed');
  await stage.answer('lookForDevice', { ok: true, value: undefined });
  await page.getByRole('button', { name: 'Look there' }).click();
  await expect(field).toBeHidden();
  await expect(more).toBeFocused();
  await expect(page.getByTestId('announcer')).toHaveText('The device was found.');
  expect(await stage.calls('lookForDevice')).toEqual([
    [studio.id, '192.168.1.20:50391'],
    [studio.id, '192.168.1.20:50391'],
  ]);
  await more.click();
  await page.getByRole('menuitem', { name: 'Enter its address…' }).click();
  await page.keyboard.press('Escape');
  await expect(more).toBeFocused();
  // And what the user of the other device is asked for.
  await page.getByRole('button', { name: 'Show id' }).click();
  await expect(page.getByText('192.168.1.5:50391')).toBeVisible();
  await stage.look('own-address');
});

test('the menu of a device sets what happens with its files, and forgets it', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot(paired));
  const more = page.getByRole('button', { name: 'More about Studio' });
  await more.click();
  await expect(page.getByRole('menuitemradio', { name: 'Receive without asking' })).toBeChecked();
  await page.getByRole('menuitemradio', { name: 'Ask before receiving' }).click();
  await more.click();
  await page.getByRole('menuitem', { name: 'Choose a folder for its files…' }).click();
  await more.click();
  await page.getByRole('menuitem', { name: 'Use the usual folder' }).click();
  await more.click();
  await page.getByRole('menuitem', { name: 'Rename…' }).click();
  await page.getByLabel('Name for Studio').fill('Attic');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(more).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Forget this device…' }).click();
  const question = page.getByRole('alertdialog', { name: 'Forget Studio?' });
  await question.getByRole('button', { name: 'Keep it' }).click();
  await expect(question).toBeHidden();
  expect(await stage.calls('forgetDevice')).toEqual([]);
  await more.click();
  await page.getByRole('menuitem', { name: 'Forget this device…' }).click();
  await question.getByRole('button', { name: 'Forget this device' }).click();
  await stage.push({ type: 'devices', devices: [laptop] });
  await expect(page.getByRole('heading', { name: 'Devices' })).toBeFocused();
  expect(await stage.calls('setDeviceAccept')).toEqual([[studio.id, 'ask']]);
  expect(await stage.calls('chooseDeviceFolder')).toEqual([[studio.id]]);
  expect(await stage.calls('resetDeviceFolder')).toEqual([[studio.id]]);
  expect(await stage.calls('renameDevice')).toEqual([[studio.id, 'Attic']]);
  expect(await stage.calls('forgetDevice')).toEqual([[studio.id]]);
});

test('files and folders can be chosen instead of dropped', async ({ stage }) => {
  await stage.open(snapshot(paired), { chooseAndSend: { ok: true, value: null } });
  const card = stage.page.getByRole('group', { name: laptop.name });
  await card.getByRole('button', { name: 'Send files…' }).click();
  await card.getByRole('button', { name: 'Send folder…' }).click();
  expect(await stage.calls('chooseAndSend')).toEqual([
    [laptop.id, 'files'],
    [laptop.id, 'folder'],
  ]);
});

test('a page without a main process says so, and tries again', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot());
  // The scene's answer is there only after this reload has asked once.
  await page.addInitScript(() => {
    window.fake.replies['snapshot'] = {
      ok: false,
      error: { code: 'profile-damaged', message: 'The settings of this device are damaged.' },
    };
  });
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sealane could not start' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveText('The settings of this device are damaged.');
  await stage.answer('snapshot', { ok: true, value: snapshot() });
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Sealane', exact: true })).toBeVisible();
});

test('all that was left out or renamed is shown page by page, escaped, and the focus comes back', async ({
  stage,
}) => {
  const shown = { bytes: 5, files: 1, seconds: 1, resent: [], resentCount: 0, grown: [], grownCount: 0 };
  const outcome = { ...shown, renamed: [], renamedCount: 2, into: null, names: [] };
  const leftOut = { skipped: [], skippedCount: 150 };
  const view = transfer({ kind: 'incomplete', outcome, leftOut });
  const skipped = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({
      kind: 'skipped',
      path: `Holiday/${String(from + n)}\u202e.txt`,
      reason: 'vanished',
    }));
  await stage.open(snapshot({ ...paired, transfers: [view] }), {
    transferDetails: { ok: true, value: { details: skipped(0, 100), next: 9000 } },
  });
  const button = stage.page.getByRole('button', { name: 'Show all of them' });
  await button.click();
  const dialog = stage.page.getByRole('dialog');
  await expect(dialog).toContainText('150 items did not arrive');
  await expect(dialog).toContainText('Holiday/99\\u{202e}.txt was gone before it could be sent');
  expect(await stage.calls('transferDetails')).toEqual([[view.id, 0]]);
  await stage.answer('transferDetails', {
    ok: true,
    value: {
      details: [...skipped(100, 40), { kind: 'renamed', from: 'a:b', to: 'a_b' }],
      next: null,
    },
  });
  // Not by the pointer: scrolling to it fetches, too, and takes it away.
  await dialog.getByRole('button', { name: 'Show more' }).dispatchEvent('click');
  await expect(dialog).toContainText('2 items arrived under other names');
  await expect(dialog).toContainText('a:b as a_b');
  await expect(dialog).toContainText('and 11 more');
  await stage.look('all-details');
  await stage.expectNoSidewaysScroll();
  expect(await stage.calls('transferDetails')).toEqual([
    [view.id, 0],
    [view.id, 9000],
  ]);
  await stage.page.keyboard.press('Escape');
  await expect(button).toBeFocused();
});

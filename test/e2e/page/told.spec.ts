import { deviceView } from '../../support/device-view.ts';
import { errorOf, idOf, laptop, offer, snapshot, studio, transfer } from './scenes.ts';
import { expect, test } from './stage.ts';

/** What the page says of other devices: who they are, whether they are there, and what they think of this one. */

const renamed = deviceView(idOf(21), 'Studio', {
  label: 'Studio (AYFB-CVA, was Old netbook)',
  was: 'Old netbook',
});
const beside = { ...studio, label: 'Studio (BYHA-4DQ)' };

test('a device that has removed its pairing, one that is connected and one that is not', async ({
  stage,
}) => {
  const { page } = stage;
  const gone = { ...studio, hasForgotten: true };
  const there = deviceView(idOf(40), 'Phone', { isConnected: true });
  await stage.open(snapshot({ devices: [gone, there, laptop] }));
  await stage.size(960, 680);
  await stage.look('presence');
  const card = page.getByRole('group', { name: gone.name });
  await expect(card).toContainText('no longer paired there');
  await expect(card).toContainText('It has removed its pairing with this device.');
  await expect(card).not.toContainText(/without asking|seen/);
  await expect(page.getByRole('group', { name: 'Phone' })).toContainText('connected');
  await expect(page.getByRole('group', { name: laptop.name })).toContainText(/seen \d+ minutes ago/);
});

test('a device that took another one’s name says what it was, until that was seen', async ({ stage }) => {
  const { page } = stage;
  const offered = { ...offer, device: { id: renamed.id, name: renamed.label } };
  await stage.open(snapshot({ devices: [laptop, beside, renamed], transfers: [offered] }));
  await stage.size(960, 680);
  await stage.look('renamed');
  await expect(
    page.getByRole('region', { name: /^Studio \(AYFB-CVA, was Old netbook\) wants/ }),
  ).toBeVisible();
  const card = page.getByRole('group', { name: renamed.label });
  await expect(card).toContainText('It has renamed itself. Before, it was Old netbook.');
  await card.getByRole('button', { name: 'I have seen it' }).press('Enter');
  await expect(card.getByRole('button', { name: /^More about/ })).toBeFocused();
  expect(await stage.calls('noteDeviceName')).toEqual([[renamed.id, 'Studio']]);
});

test('a message that nobody dismisses is gone after a minute', async ({ stage }) => {
  const { page } = stage;
  await page.clock.install();
  await stage.open(snapshot({ devices: [laptop] }), {
    chooseAndSend: { ok: false, error: errorOf('nothing-to-send') },
  });
  await page.getByRole('button', { name: 'Send files…' }).press('Enter');
  const message = page.getByRole('alert').filter({ hasText: errorOf('nothing-to-send').message });
  await expect(message).toBeVisible();
  await page.clock.runFor(50_000);
  await expect(message).toBeVisible();
  await page.clock.runFor(11_000);
  await expect(message).toBeHidden();
});

test('offers that were turned away are one notice for each device, which can be dismissed', async ({
  stage,
}) => {
  const { page } = stage;
  await stage.open(snapshot({ devices: [laptop, studio] }));
  await stage.size(960, 680);
  const more = (count: number) => ({
    type: 'turned-away' as const,
    turnedAway: { device: { id: studio.id, name: studio.label }, code: 'offers-open' as const, count },
  });
  await stage.push(more(1));
  await stage.push(more(30));
  const notices = page.getByRole('list', { name: 'Notices' });
  await expect(notices).toContainText('31 offers from Studio were turned away.');
  await stage.look('turned-away');
  await notices.getByRole('button', { name: 'Dismiss this notice' }).press('Enter');
  await expect(notices).toBeHidden();
  await expect(page.locator('body')).not.toBeFocused();
});

test('an offer whose folder could not be used says why, and asks for another one', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot({ devices: [laptop, studio], transfers: [offer] }), {
    acceptTransferInto: { ok: true, value: true },
  });
  await stage.size(960, 680);
  const card = page.getByRole('region', { name: /^Studio wants/ });
  await card.getByRole('button', { name: 'Accept', exact: true }).press('Enter');
  const problem = {
    code: 'destination-unusable' as const,
    message:
      'Nothing can be put into /media/stick/inbox: this user may not write there. Choose another folder.',
    folder: '/media/stick/inbox',
  };
  if (offer.state.kind !== 'offered') throw new Error('no offer');
  await stage.push({ type: 'transfer', transfer: { ...offer, state: { ...offer.state, problem } } });
  await expect(card.getByRole('alert')).toHaveText(problem.message);
  // The same button, so the keyboard is where it was.
  await expect(card.getByRole('button', { name: 'Choose another folder…' })).toBeFocused();
  await stage.look('offer-again');
  await page.keyboard.press('Enter');
  expect(await stage.calls('acceptTransferInto')).toEqual([[offer.id, offer.state.offer]]);
  await card.getByRole('button', { name: 'Try again' }).press('Enter');
  expect(await stage.calls('acceptTransfer')).toHaveLength(2);
});

test('a transfer that waits for its folder can be given another one', async ({ stage }) => {
  const { page } = stage;
  const waiting = transfer(
    {
      kind: 'waiting',
      error: { code: 'destination-unusable', message: 'Gone.', folder: '/media/stick' },
      retryAt: null,
      progress: { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null },
    },
    { direction: 'receive' },
  );
  await stage.open(snapshot({ devices: [laptop], transfers: [waiting] }), {
    moveTransfer: { ok: true, value: true },
  });
  await stage.size(960, 680);
  await stage.look('move-transfer');
  await page.getByRole('button', { name: 'Choose another folder…' }).press('Enter');
  expect(await stage.calls('moveTransfer')).toEqual([[waiting.id]]);
});

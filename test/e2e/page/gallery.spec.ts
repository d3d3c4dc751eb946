import {
  errorOf,
  everyState,
  hostile,
  invite,
  laptop,
  offer,
  pairing,
  snapshot,
  studio,
  transfer,
} from './scenes.ts';
import type { TransferView } from '../../../shared/views.ts';
import { digest, item, items } from '../../support/offered.ts';
import { expect, test } from './stage.ts';

/** Every state of the page, looked at by axe and kept as a picture: light and dark, wide and narrow. */

const paired = { devices: [laptop, studio] };

test('nothing paired yet', async ({ stage }) => {
  await stage.open(snapshot({ notices: [{ kind: 'key-in-file' }] }));
  await stage.size(960, 680);
  await stage.look('empty');
  await stage.size(560, 480);
  await stage.look('empty-narrow');
  await stage.expectNoSidewaysScroll();
});

test('devices, an offer and transfers', async ({ stage }) => {
  await stage.open(
    snapshot({
      ...paired,
      transfers: [offer, ...everyState],
      notices: [{ kind: 'slow-cipher' }, { kind: 'port-changed', port: 50_391 }],
    }),
  );
  await stage.size(960, 680);
  await stage.look('main');
  await stage.page.getByRole('button', { name: 'Show id' }).click();
  await stage.page.getByRole('button', { name: '103 items not transferred' }).click();
  await stage.page.getByRole('button', { name: '104 items arrived under other names' }).click();
  await stage.page.getByRole('main').evaluate((main) => {
    main.scrollTo(0, main.scrollHeight);
  });
  await stage.look('main-end');
  await stage.size(560, 480);
  await stage.page.evaluate(() => {
    window.scrollTo(0, 0);
  });
  await stage.look('main-narrow');
  await stage.page.getByRole('heading', { name: 'Transfers' }).scrollIntoViewIfNeeded();
  await stage.page.screenshot({ path: 'test-results/page/main-narrow-transfers.png' });
  await stage.expectNoSidewaysScroll();
  // What 960 × 680 at a zoom of 200 % leaves.
  await stage.size(480, 340);
  await stage.page.evaluate(() => {
    window.scrollTo(0, 0);
  });
  await stage.look('main-zoomed');
  await stage.expectNoSidewaysScroll();
});

test('one device and nothing else', async ({ stage }) => {
  await stage.open(snapshot({ devices: [laptop] }));
  await stage.size(960, 680);
  await stage.look('one-device');
});

test('the menu of a device, renaming and forgetting it', async ({ stage }) => {
  await stage.open(snapshot(paired));
  await stage.size(960, 680);
  await stage.page.getByRole('button', { name: 'More about Studio' }).click();
  await stage.page.getByRole('menuitem', { name: 'Use the usual folder' }).hover();
  await stage.look('menu');
  await stage.page.getByRole('menuitem', { name: 'Rename…' }).click();
  await stage.look('rename');
  await stage.page.keyboard.press('Escape');
  await stage.page.getByRole('button', { name: 'More about Studio' }).click();
  await stage.page.getByRole('menuitem', { name: 'Forget this device…' }).click();
  await expect(stage.page.getByRole('alertdialog', { name: 'Forget Studio?' })).toBeVisible();
  await stage.look('forget');
});

test('every step of pairing', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot(paired), { createInvite: { ok: true, value: invite() } });
  await stage.size(960, 680);
  await page.getByRole('button', { name: 'Pair a device' }).click();
  await stage.look('pair-choose');
  await page.getByRole('button', { name: 'Show an invite' }).click();
  await expect(page.getByRole('img', { name: 'QR code of the invite' })).toBeVisible();
  await stage.look('pair-show');
  await stage.size(560, 480);
  await stage.look('pair-show-narrow');
  await stage.size(960, 680);
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'Enter an invite' }).click();
  await stage.answer('pair', {
    ok: false,
    error: errorOf('invite-expired'),
  });
  await page.getByLabel('Invite link or token').fill(invite().link);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('This invite has expired.')).toBeVisible();
  await stage.look('pair-enter');
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'comparing', code: '483 190' }) });
  await stage.look('pair-compare');
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'confirmed', code: '483 190' }) });
  await stage.look('pair-confirmed');
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'paired', device: laptop }) });
  await stage.look('pair-done');
  const known = { knownAs: 'Kay (was Mallory)' };
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'comparing', code: '483 190' }, known) });
  await expect(page.getByText('You know this device already, as Kay (was Mallory).')).toBeVisible();
  await stage.look('pair-compare-known');
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'paired', device: laptop }, known) });
  await expect(page.getByText('You knew this device already, as Kay (was Mallory).')).toBeVisible();
  await stage.look('pair-done-known');
  await stage.push({
    type: 'pairing',
    pairing: pairing({
      kind: 'failed',
      error: errorOf('code-mismatch'),
    }),
  });
  await stage.look('pair-failed');
});

test('an invite that is no longer good', async ({ stage }) => {
  await stage.open(snapshot(), { createInvite: { ok: true, value: invite(-1) } });
  await stage.page.getByRole('button', { name: 'Pair a device' }).click();
  await stage.page.getByRole('button', { name: 'Show an invite' }).click();
  await expect(stage.page.getByRole('button', { name: 'New invite' })).toBeVisible();
  await stage.look('pair-expired');
});

test('the smallest window, at a zoom of 200 %', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot({ ...paired, transfers: [offer, ...everyState] }), {
    createInvite: { ok: true, value: invite() },
  });
  await stage.size(280, 240);
  await stage.look('smallest');
  await stage.expectNoSidewaysScroll();
  await page.getByRole('button', { name: 'Pair a device' }).click();
  await page.getByRole('button', { name: 'Show an invite' }).click();
  await expect(page.getByRole('timer')).toBeAttached();
  await stage.look('smallest-show');
  await stage.push({ type: 'pairing', pairing: pairing({ kind: 'comparing', code: '483 190' }) });
  await page.getByRole('button', { name: 'Yes, they match' }).scrollIntoViewIfNeeded();
  await stage.look('smallest-compare');
  await stage.expectNoSidewaysScroll();
});

test('offers with hidden files and programs, marked before the yes', async ({ stage }) => {
  const folder = item('Holiday', { kind: 'folder' });
  const marked: Partial<Omit<TransferView, 'id' | 'state'>> = {
    items: [
      folder,
      item('.profile', { program: true }),
      item('Setup.exe'),
      item('.config', { kind: 'folder' }),
      item('Notes.md'),
      item('more'),
    ],
    itemCount: 9,
    hiddenCount: 14,
    programCount: 3,
  };
  const said: Partial<Omit<TransferView, 'id' | 'state'>> = {
    items: [item('photo.jpg'), item('.env')],
    itemCount: 2,
    hiddenCount: 1,
  };
  const plain: Partial<Omit<TransferView, 'id' | 'state'>> = {
    items: items('letter.txt'),
    itemCount: 1,
    totalFiles: 1,
    totalBytes: 10,
  };
  const long: Partial<Omit<TransferView, 'id' | 'state'>> = {
    items: [item(`${'long name '.repeat(24)}.exe`)],
    itemCount: 1,
    programCount: 1,
  };
  const offers = [marked, said, plain, long].map((parts, index) =>
    transfer(
      { kind: 'offered', offer: digest(index) },
      {
        direction: 'receive',
        // The fourth of one device has no card.
        device: index < 3 ? offer.device : { id: laptop.id, name: laptop.name },
        created: index,
        ...parts,
      },
    ),
  );
  await stage.open(snapshot({ ...paired, transfers: offers }));
  await stage.size(960, 680);
  const first = stage.page.getByRole('region').filter({ hasText: '.profile' });
  await expect(first.getByRole('listitem')).toHaveText([
    'Holiday, folder',
    '.profile, hidden, program',
    'Setup.exe, program',
    '.config, folder, hidden',
    'Notes.md',
    'and 4 more',
  ]);
  await expect(first.getByText('Contains 14 hidden items and 3 programs.')).toBeVisible();
  const second = stage.page.getByRole('region').filter({ hasText: 'photo.jpg' });
  await expect(second.getByRole('listitem')).toHaveText(['photo.jpg', '.env, hidden']);
  await expect(second.getByText('Contains')).toBeHidden();
  // What a screen reader is told of the card when it takes the focus.
  await expect(first).toHaveAccessibleName(
    'Studio wants to send you 2,004 files (312 MB): Holiday and 8 more. Contains 14 hidden items and 3 programs',
  );
  await stage.look('offer-marks');
  await stage.size(360, 640);
  await stage.look('offer-marks-narrow');
  await stage.expectNoSidewaysScroll();
  await stage.size(960, 680);
  await stage.lookWithForcedColours('offer-marks-forced');
});

test('names that would mislead', async ({ stage }) => {
  const named = items(
    'invoice\u202efdp.exe',
    '<img src=x onerror=alert(1)>',
    '\u001b[2J\u001b]0;owned\u0007',
    'a'.repeat(255),
  );
  const device = { id: hostile.id, name: hostile.name };
  await stage.open(
    snapshot({
      self: { id: laptop.id, name: 'Desk\u202e\u200b<b>' },
      devices: [hostile],
      transfers: [
        { ...offer, device, items: named, itemCount: 2_000_000 },
        transfer(
          { kind: 'running', progress: { bytes: 1, files: 0, bytesPerSecond: 0, secondsLeft: null } },
          { device, items: named },
        ),
      ],
    }),
  );
  await stage.size(960, 680);
  await stage.look('hostile');
  await expect(stage.page.locator('img')).toHaveCount(0);
  expect(await stage.page.locator('body').innerText()).not.toMatch(
    /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u200b]/,
  );
  await stage.size(560, 480);
  await stage.expectNoSidewaysScroll();
  await stage.look('hostile-narrow');
});

test('files dragged over the window', async ({ stage }) => {
  await stage.open(snapshot(paired));
  await stage.size(960, 680);
  await stage.page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['x'], 'a.txt'));
    const options = { bubbles: true, cancelable: true, dataTransfer: data };
    window.dispatchEvent(new DragEvent('dragenter', options));
    document.querySelector('.device')?.dispatchEvent(new DragEvent('dragover', options));
  });
  await stage.look('dragging');
});

test('something went wrong', async ({ stage }) => {
  await stage.open(snapshot(paired), {
    chooseAndSend: {
      ok: false,
      error: errorOf('nothing-to-send'),
    },
  });
  await stage.size(960, 680);
  await stage.page
    .getByRole('group', { name: 'Studio' })
    .getByRole('button', { name: 'Send files…' })
    .click();
  await expect(
    stage.page.getByRole('alert').filter({ hasText: errorOf('nothing-to-send').message }),
  ).toBeVisible();
  await stage.look('problem');
});

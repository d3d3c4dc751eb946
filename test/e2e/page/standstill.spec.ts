import { errorOf, laptop, snapshot, standstills, studio, transfer } from './scenes.ts';
import { expect, test } from './stage.ts';
import { OFFERED } from '../../support/offered.ts';

/** Transfers that do not move: what their rows say, that they stay calm, and what can be done. */

const paired = { devices: [laptop, studio] };

test('every reason to stand still', async ({ stage }) => {
  const into = '/home/ines/Downloads';
  const partial = { folder: `${into}/.sealane-1`, into, bytes: 134_000_000, isWhole: true, isThere: true };
  await stage.open(snapshot({ ...paired, transfers: [...standstills] }), {
    partialData: { ok: true, value: partial },
  });
  await expect(
    stage.page
      .getByRole('listitem')
      .filter({ hasText: 'Scans' })
      .getByText(`What has arrived takes 134 MB in ${into}, hidden until all of it is there.`),
  ).toBeVisible();
  await stage.size(960, 900);
  await stage.look('standstill');
  await stage.size(560, 480);
  await stage.page.getByRole('heading', { name: 'Transfers' }).scrollIntoViewIfNeeded();
  await stage.look('standstill-narrow');
  await stage.expectNoSidewaysScroll();
});

test('a row does not flicker between two tries, and keeps its progress', async ({ stage }) => {
  const { page } = stage;
  const progress = { bytes: 134_000_000, files: 862, bytesPerSecond: 0, secondsLeft: null };
  const view = transfer({ kind: 'running', progress: { ...progress, bytesPerSecond: 5_000_000 } });
  await stage.open(snapshot({ ...paired, transfers: [view] }));
  const waiting = {
    kind: 'waiting',
    error: errorOf('unreachable'),
    retryAt: Date.now() + 1_000,
    progress,
  } as const;
  const row = page.getByRole('listitem').filter({ hasText: `to ${laptop.name}` });
  await stage.push({ type: 'transfer', transfer: { ...view, state: waiting } });
  await expect(row).toHaveAttribute('data-state', 'waiting');
  await expect(page.getByTestId('announcer')).toHaveText(
    /^Waiting: .* cannot be reached\. .* by itself\. .*$/,
  );
  const calm = await row.innerText();
  expect(calm).toContain('42%');
  expect(calm).toContain('134 MB of 312 MB · 862 of 2,004 files');
  for (const state of [{ kind: 'connecting' }, waiting, { kind: 'connecting' }, OFFERED] as const) {
    await stage.push({ type: 'transfer', transfer: { ...view, state } });
    expect(await row.innerText()).toBe(calm);
    await expect(row.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '42');
  }
});

test('pausing and resuming keep the keyboard focus on their button', async ({ stage }) => {
  const { page } = stage;
  const progress = { bytes: 134_000_000, files: 862, bytesPerSecond: 0, secondsLeft: null };
  const view = transfer({ kind: 'running', progress });
  await stage.open(snapshot({ ...paired, transfers: [view] }));
  await page.getByRole('button', { name: 'Pause' }).focus();
  await page.keyboard.press('Enter');
  expect(await stage.calls('pauseTransfer')).toEqual([[view.id]]);
  await stage.push({
    type: 'transfer',
    transfer: { ...view, state: { kind: 'paused', by: 'me', progress } },
  });
  await expect(page.getByRole('button', { name: 'Resume' })).toBeFocused();
  await page.keyboard.press('Enter');
  expect(await stage.calls('resumeTransfer')).toEqual([[view.id]]);
  for (const state of [{ kind: 'connecting' }, OFFERED, { kind: 'running', progress }] as const) {
    await stage.push({ type: 'transfer', transfer: { ...view, state } });
    await expect(page.getByRole('button', { name: 'Pause' })).toBeFocused();
    await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '42');
  }
});

test('a transfer that is over is taken from the list, and the focus is not lost with it', async ({
  stage,
}) => {
  const { page } = stage;
  const over = transfer({ kind: 'declined' });
  await stage.open(snapshot({ ...paired, transfers: [over, transfer({ kind: 'cancelled', by: 'me' })] }));
  const rows = page.getByRole('list', { name: 'Transfers' }).getByRole('listitem');
  await expect(rows).toHaveCount(2);
  await page.getByRole('button', { name: 'Remove' }).first().focus();
  await page.keyboard.press('Enter');
  await expect(rows).toHaveCount(1);
  expect(await stage.calls('removeTransfer')).toEqual([[over.id]]);
  await expect(page.getByRole('heading', { name: 'Transfers' })).toBeFocused();
});

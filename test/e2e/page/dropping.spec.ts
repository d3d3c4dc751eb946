import type { CDPSession, Locator } from '@playwright/test';
import { dropHandleSchema } from '../../../shared/ipc.ts';
import { ERRORS } from '../../../shared/errors.ts';
import { invite, laptop, snapshot, studio, transfer } from './scenes.ts';
import { expect, test } from './stage.ts';
import type { Stage } from './stage.ts';

/** What is dragged into the window, as the system drags it. */

const paired = { devices: [laptop, studio] };

type Dragged =
  | { readonly files: string[]; readonly items: [] }
  | { readonly files: []; readonly items: { mimeType: string; data: string }[] };

/** Drags this over the middle of an element and lets it go there. */
async function drop({ page }: Stage, target: Locator, dragged: Dragged): Promise<void> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const box = await target.boundingBox();
  if (box === null) throw new Error('it is not to be seen');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', {
      type,
      x,
      y,
      data: { ...dragged, dragOperationsMask: 1 },
    });
  await session.detach();
}

test('a link that is dragged onto the field for an invite is in it', async ({ stage }) => {
  const { page } = stage;
  const { link } = invite();
  await stage.open(snapshot(paired));
  await page.getByRole('button', { name: 'Pair a device' }).press('Enter');
  await page.getByRole('button', { name: 'Enter an invite' }).press('Enter');
  const field = page.getByLabel('Invite link or token');
  await drop(stage, field, { files: [], items: [{ mimeType: 'text/plain', data: link }] });
  await expect(field).toHaveValue(link);
  await expect(page.getByRole('button', { name: 'Continue' })).toBeEnabled();
});

test('a file that is dropped on a field, and text beside every field, do nothing', async ({ stage }) => {
  const { page } = stage;
  await stage.open(snapshot(paired));
  await page.getByRole('button', { name: 'Rename this device' }).press('Enter');
  const field = page.getByLabel('Name of this device');
  await drop(stage, field, { files: [import.meta.filename], items: [] });
  const text = [{ mimeType: 'text/plain', data: 'https://example.com/' }];
  await drop(stage, page.getByRole('heading', { name: 'Devices' }), { files: [], items: text });
  await expect(field).toHaveValue('Ines’ desk');
  expect(page.url()).toBe('sealane-app://app/');
});

test('files that are dropped before the card takes them are not sent, and that is said', async ({
  stage,
}) => {
  const { page } = stage;
  await stage.open(snapshot(paired), {
    sendDropped: { ok: true, value: transfer({ kind: 'connecting' }).id },
  });
  await page.evaluate(
    (handle) => {
      window.fake.handle = handle;
    },
    dropHandleSchema.parse('d'.repeat(32)),
  );
  const card = page.getByRole('group', { name: 'Studio' });
  await expect(page.locator('[data-unsteady]')).toHaveCount(0);
  const said = page.getByRole('alert').filter({ hasText: ERRORS['drop-too-soon'].message });
  // As the page of a window that has just come up is held, for as long as this takes.
  await card.evaluate((element) => {
    element.setAttribute('data-unsteady', '');
  });
  await drop(stage, card, { files: [import.meta.filename], items: [] });
  await expect(said).toBeVisible();
  expect(await stage.calls('sendDropped')).toEqual([]);

  await card.evaluate((element) => {
    element.removeAttribute('data-unsteady');
  });
  await drop(stage, card, { files: [import.meta.filename], items: [] });
  await expect.poll(() => stage.calls('sendDropped')).toHaveLength(1);
});

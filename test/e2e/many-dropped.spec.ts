import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { pairDesktops } from '../support/desktop.ts';
import { World } from './world.ts';

test('as many files as a folder shows can be dropped at once', async () => {
  const world = await World.create();
  try {
    const desk = await world.open('Desk', 'light');
    const laptop = await world.open('Laptop', 'dark');
    await pairDesktops(desk, laptop);
    await mkdir(world.folder, { recursive: true });
    const paths = Array.from({ length: 10_001 }, (_, index) =>
      join(world.folder, `p${String(index).padStart(5, '0')}.txt`),
    );
    await Promise.all(paths.map((path) => writeFile(path, 'x')));
    const letGo = await desk.drag('Laptop', paths);
    await letGo();
    await expect(laptop.offer('Desk')).toContainText('10,001 files');
    await expect(desk.transfer('p00000.txt and 10,000 more to Laptop')).toBeVisible();
  } finally {
    await world.dispose();
  }
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { finishPublishing } from '../../../../src-main/engine/content/leftover.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { offeredOf } from '../../../support/offers.ts';
import { Stage, file, finish } from './play.ts';
import { newFolder } from './support.ts';

it('a publication that was cut short is brought to its end in another thread: this one goes on meanwhile', async () => {
  const many = 4000;
  const disk: Disk = {
    ...nodeDisk,
    link: (from, to) => {
      if (to.endsWith('0002')) throw new Error('killed');
      nodeDisk.link(from, to);
    },
  };
  const stage = new Stage(join(newFolder(), 'in'));
  stage.offered = offeredOf({ itemCount: many, files: many, folders: 0, bytes: 0 });
  stage.disk = disk;
  stage.connect();
  for (let n = 0; n < many; n += 1) await stage.play(file(String(n).padStart(4, '0'), ''));
  await stage.play(finish(stage.reception));
  await expect(stage.publish()).rejects.toThrow();
  await stage.kill();

  const published = (): number =>
    readdirSync(stage.destination).filter((name) => !name.startsWith('.')).length;
  expect(published()).toBe(2);
  const finished = finishPublishing(stage.journalFolder);
  const over = new AbortController();
  void finished.finally(() => {
    over.abort();
  });
  const seen = new Set<number>();
  while (!over.signal.aborted) {
    seen.add(published());
    await setImmediate();
  }
  const summary = await finished;
  expect(summary?.files).toBe(many);
  expect(summary?.names).toHaveLength(16);
  // In one thread there would be nothing to be seen between the first move and the last.
  expect([...seen].some((count) => count > 2 && count < many)).toBe(true);
  expect(published()).toBe(many);
});

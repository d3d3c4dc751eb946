import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RESERVE_BYTES } from '../../../../src-main/engine/files/destination.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import { detailsFile } from '../../../../src-main/engine/content/leftover.ts';
import { offeredOf } from '../../../support/offers.ts';
import { Stage, file, finish, skip } from './play.ts';

const MIB = 1024 * 1024;

/** All is here but the last word; `space`: what is free on the disk then. */
async function arrived(space: (stage: Stage) => number): Promise<Stage> {
  const stage = new Stage();
  stage.offered = offeredOf({ itemCount: 1, files: 1, folders: 0, bytes: 1 });
  let isPublishing = false;
  stage.disk = {
    ...nodeDisk,
    link: (from, to) => {
      isPublishing = true;
      nodeDisk.link(from, to);
    },
    space: (path) => ({
      ...nodeDisk.space(path),
      freeBytes: isPublishing ? space(stage) : RESERVE_BYTES + 64 * MIB,
    }),
  };
  stage.connect();
  await stage.play(file('letter.txt', 'x'));
  for (let n = 0; n < 20; n += 1) await stage.play(skip('\u0001'.repeat(3000)));
  await stage.play(finish(stage.reception));
  return stage;
}

const done = { files: 1, names: ['letter.txt'], skippedCount: 20 };

it('the full list of what was left out is kept where there is room for it', async () => {
  const stage = await arrived(() => RESERVE_BYTES + MIB);
  expect(await stage.publish()).toMatchObject(done);
  expect(existsSync(detailsFile(stage.journalFolder))).toBe(true);
});

it('the full list of what was left out takes nothing of what is kept free', async () => {
  const stage = await arrived(() => RESERVE_BYTES + MIB / 32);
  expect(await stage.publish()).toMatchObject(done);
  expect(existsSync(detailsFile(stage.journalFolder))).toBe(false);
});

it('the full list of what was left out does not take the room that the end of the transfer needs', async () => {
  const stage = await arrived(({ journalFolder }) =>
    existsSync(detailsFile(journalFolder)) ? RESERVE_BYTES : RESERVE_BYTES + MIB,
  );
  expect(await stage.publish()).toMatchObject(done);
});

import {
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../../../src-main/engine/content/journal.ts';
import { markFolder } from '../../../../src-main/engine/files/folder-mark.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import { codeOf } from '../support.ts';
import { picture, systemError } from '../files/world.ts';
import { HERE, WHOLE, begun, rest } from './begun.ts';
import { Stage, file, finish } from './play.ts';
import { START, newFolder } from './support.ts';

/**
 * Another user, who may rename what is in the folder above, puts a folder of his own in the place of the
 * destination while the transfer waits. Whose a folder is only root can set.
 */

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** Puts the other user's folder in the destination's place; gives how things are put back. */
function swap({ destination }: Stage, mode = 0o777): () => void {
  renameSync(destination, `${destination} old`);
  mkdirSync(destination, { mode });
  chownSync(destination, NOBODY, NOBODY);
  return () => {
    rmdirSync(destination);
    renameSync(`${destination} old`, destination);
  };
}

function below(): string {
  return join(newFolder(), 'In');
}

describe.runIf(isRoot)('a destination that another user has swapped for a folder of his own', () => {
  it.each([0o777, 0o755, 0o700])(
    '(mode %o) is waited for, and gone on with once it is back',
    async (mode) => {
      const stage = await begun(below());
      const putBack = swap(stage, mode);
      for (let n = 0; n < 3; n += 1) expect(await codeOf(() => stage.connect())).toBe('destination-changed');
      expect(readdirSync(stage.destination)).toEqual([]);
      putBack();
      expect(stage.connect()).toEqual(HERE);
      expect(await rest(stage)).toEqual(WHOLE);
    },
  );

  it('with a copy of what can be seen of it is waited for as well', async () => {
    const stage = await begun(below());
    const { place } = Journal.peek(stage.journalFolder).header ?? expect.fail('no journal');
    const putBack = swap(stage);
    for (const name of ['tree', 'again']) mkdirSync(join(place.folder.path, name), { recursive: true });
    expect(await codeOf(() => stage.connect())).toBe('destination-changed');
    rmSync(place.folder.path, { recursive: true });
    putBack();
    expect(stage.connect()).toEqual(HERE);
    expect(await rest(stage)).toEqual(WHOLE);
  });

  it('is waited for where the transfer was being published', async () => {
    const stage = new Stage(below());
    const disk = nodeDisk;
    stage.disk = {
      ...disk,
      link: (from, to) => {
        if (to.endsWith('b')) throw systemError('EIO');
        linkSync(from, to);
      },
      rename: () => {
        throw systemError('EIO');
      },
    };
    stage.connect();
    await stage.play(file('a', 'a'), file('b', 'b'));
    await stage.play(finish(stage.reception));
    expect(await codeOf(() => stage.publish())).toBe('destination-unusable');
    await stage.cut();
    stage.disk = disk;
    const putBack = swap(stage);
    expect(await codeOf(() => stage.connect())).toBe('destination-changed');
    expect(readdirSync(stage.destination)).toEqual([]);
    putBack();
    stage.connect();
    await stage.play(finish(stage.reception));
    await stage.publish();
    expect(picture(stage.destination)).toEqual({ a: 'a', b: 'b' });
  });

  it('is waited for where its staging folder was gone, and the process was killed as it began anew', async () => {
    const stage = await begun(below());
    const destination = markFolder(stage.destination);
    const journal = Journal.create(stage.journalFolder);
    const token = '0123456789abcdef'.repeat(2);
    const { destination: into } = stage;
    journal.intend({ into, destination, made: [], name: '.sealane-2222222222222222', token });
    journal.close();
    const putBack = swap(stage);
    expect(await codeOf(() => stage.connect())).toBe('destination-changed');
    expect(readdirSync(into)).toEqual([]);
    putBack();
    expect(stage.connect()).toEqual(START);
  });

  it('is waited for where it could not be begun anew before, for another reason', async () => {
    const stage = await begun(below());
    rmSync(stage.stagingFolder, { recursive: true });
    const folders = join(stage.journalFolder, 'folders');
    rmSync(folders);
    mkdirSync(folders);
    expect(await codeOf(() => stage.connect())).toBe('profile-unusable');
    rmdirSync(folders);
    const putBack = swap(stage);
    expect(await codeOf(() => stage.connect())).toBe('destination-changed');
    expect(readdirSync(stage.destination)).toEqual([]);
    putBack();
    expect(stage.connect()).toEqual(START);
  });

  it('keeps nothing from being given up, which touches nothing of his', async () => {
    const stage = await begun(below());
    swap(stage);
    const { place } = Journal.peek(stage.journalFolder).header ?? expect.fail('no journal');
    mkdirSync(join(place.folder.path, 'tree'), { recursive: true });
    const before = picture(stage.destination);
    expect(await codeOf(() => stage.connect())).toBe('destination-changed');
    await stage.discard();
    expect(picture(stage.destination)).toEqual(before);
  });

  it('for a link of his own is not followed', async () => {
    const stage = await begun(below());
    const prey = newFolder();
    const putBack = swap(stage);
    rmdirSync(stage.destination);
    symlinkSync(prey, stage.destination);
    expect(await codeOf(() => stage.connect())).toBe('destination-unusable');
    expect(readdirSync(prey)).toEqual([]);
    unlinkSync(stage.destination);
    mkdirSync(stage.destination);
    putBack();
    expect(stage.connect()).toEqual(HERE);
  });
});

describe('a destination that its user moved away and made again', () => {
  it('gets everything anew, and what was moved stays as it is', async () => {
    const stage = await begun(below());
    const old = `${stage.destination} old`;
    renameSync(stage.destination, old);
    mkdirSync(stage.destination);
    const before = picture(old);
    expect(stage.connect()).toEqual(START);
    await stage.play(file('a', 'anew'));
    await stage.play(finish(stage.reception));
    await stage.publish();
    expect(picture(stage.destination)).toEqual({ a: 'anew' });
    expect(picture(old)).toEqual(before);
  });
});

describe('a staging folder without its token', () => {
  it('is not taken for the one that was made, though it has its number: another may have it by now', async () => {
    const stage = await begun();
    const { stagingFolder } = stage;
    unlinkSync(join(stagingFolder, 'id'));
    const before = picture(stagingFolder);
    expect(stage.connect()).toEqual(START);
    expect(picture(stagingFolder)).toEqual(before);
  });
});

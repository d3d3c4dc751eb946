import { existsSync, readdirSync, statSync, truncateSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ContentRecord } from '../../../../src-main/engine/content/records.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import { codeOf } from '../support.ts';
import { picture, systemError } from '../files/world.ts';
import { HERE, WHOLE, begun, rest } from './begun.ts';
import { FAIL, Stage, data, entry, file, finish, folder, missing, superseded } from './play.ts';
import { newFolder } from './support.ts';

/** The unfinished file begins once more, and all before it is here. */
const BEFORE = { entry: HERE.entry, offset: 0 };

function anew(path: string, size: number, again?: number): ContentRecord {
  const record = entry(path, size, again);
  if (record.type !== 'entry' || record.entry.kind !== 'file') throw new Error('no file');
  return { ...record, entry: { ...record.entry, anew: true } };
}

/** What makes the part of `f/c` void that is here; `again` where it is a newer version. */
const voids: [string, (again?: number) => readonly ContentRecord[]][] = [
  ['FAIL', (again) => [entry('f/c', 10, again), FAIL]],
  ['MISSING', (again) => [missing('f/c', again)]],
  ['SUPERSEDED', (again) => [superseded('f/c', again)]],
  ['an ENTRY with anew', (again) => [anew('f/c', 10, again)]],
];

describe.each(voids)(
  'what is safe, when a file of which a part is here becomes void by %s',
  (_what, said) => {
    it('is gone on behind after a kill', async () => {
      const stage = await begun();
      expect(stage.connect()).toEqual(HERE);
      await stage.play(said());
      await stage.kill();
      // And after another one, before anything came.
      expect(stage.connect()).toEqual(BEFORE);
      await stage.kill();
      expect(stage.connect()).toEqual(BEFORE);
      expect(stage.progress).toEqual({ bytes: 2, files: 2 });
      expect(picture(stage.tree())).toEqual({ f: '/', 'f/a': 'a', 'f/g': '/', 'f/g/b': 'b' });
      await stage.play(entry('f/c', 10), data('12345'));
      expect(await stage.reconnect()).toEqual(HERE);
      expect(await rest(stage)).toEqual(WHOLE);
    });

    it('is gone on behind when there is no room for what comes next', async () => {
      const stage = await begun();
      let isFull = false;
      const write = (fd: number, bytes: Uint8Array): number => {
        if (isFull) throw systemError('ENOSPC');
        return nodeDisk.write(fd, bytes);
      };
      stage.disk = { ...nodeDisk, write };
      stage.connect();
      isFull = true;
      const next = said()[0]?.type === 'entry' && said().length === 1 ? [data('1')] : file('f/z', 'z');
      expect(await codeOf(() => stage.play(said(), next))).toBe('no-space');
      await stage.cut();
      isFull = false;
      expect(stage.connect()).toEqual(BEFORE);
      await stage.play(entry('f/c', 10), data('12345'));
      expect(await stage.reconnect()).toEqual(HERE);
      expect(await rest(stage)).toEqual(WHOLE);
    });

    it('is gone on behind as well where the file is a newer version', async () => {
      const stage = new Stage();
      stage.connect();
      await stage.play(folder('f'), file('f/c', 'old'), [entry('f/c', 10, 1), data('12345')]);
      await stage.reconnect();
      await stage.play(said(1));
      await stage.kill();
      expect(stage.connect()).toEqual({ entry: 2, offset: 0 });
      expect(picture(stage.tree())).toEqual({ f: '/', 'f/c': 'old' });
      expect(readdirSync(join(stage.stagingFolder, 'again'))).toEqual([]);
      await stage.play(file('f/c', 'new', 1));
      await stage.play(finish(stage.reception));
      await stage.publish();
      expect(picture(stage.destination)).toEqual({ f: '/', 'f/c': 'new' });
    });
  },
);

describe('another file that has got the name of one that is void, and is not safe yet', () => {
  /** On a disk both are called `x_`. */
  const [first, other] = ['x\u0001', 'x\u0002'];

  async function end(stage: Stage): Promise<void> {
    expect(stage.connect()).toEqual({ entry: 1, offset: 0 });
    expect(picture(stage.tree())).toEqual({ a: 'a' });
    await stage.play(file(first, 'the first'), file(other, 'the second'));
    await stage.play(finish(stage.reception));
    await stage.publish();
    expect(picture(stage.destination)).toEqual({ a: 'a', x_: 'the first', 'x_ (2)': 'the second' });
  }

  it('is not taken for it after a kill', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(file('a', 'a'), [entry(first, 9), data('the ')]);
    await stage.reconnect();
    await stage.play([entry(first, 9), FAIL], file(other, 'the second'));
    expect(picture(stage.tree())).toEqual({ a: 'a', x_: 'the second' });
    await stage.kill();
    await end(stage);
  });

  it('is not taken for it after a kill where a checkpoint of the void one was under way', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(file('a', 'a'));
    let held: (() => void)[] | undefined;
    const sync = async (fd: number): Promise<void> => {
      if (held !== undefined) await new Promise<void>((resolve) => held?.push(resolve));
      await nodeDisk.sync(fd);
    };
    await stage.cut();
    stage.disk = { ...nodeDisk, sync };
    stage.connect();
    held = [];
    const holding = held;
    await stage.play([entry(first, 9), data('the ')]);
    await expect.poll(() => holding.length).toBeGreaterThan(0);
    await stage.play([FAIL], file(other, 'the second'));
    const journal = join(stage.journalFolder, 'journal');
    const before = statSync(journal).size;
    held = undefined;
    for (const resolve of holding) resolve();
    // The checkpoint under way is written, and the next one, which has all of it, is not begun.
    stage.reception.halt();
    await expect.poll(() => statSync(journal).size).toBeGreaterThan(before);
    await stage.kill();
    await end(stage);
  });
});

describe('an unfinished file that somebody else', () => {
  it.each<readonly [string, (path: string) => void]>([
    ['took away', unlinkSync],
    [
      'cut short',
      (path) => {
        truncateSync(path, 4);
      },
    ],
  ])('%s begins anew, and nothing else does', async (_what, lose) => {
    const stage = await begun();
    const before = stage.stagingFolder;
    lose(stage.tree('f', 'c'));
    expect(stage.connect()).toEqual(BEFORE);
    expect(stage.stagingFolder).toBe(before);
    expect(existsSync(stage.tree('f', 'c'))).toBe(false);
    await stage.play(entry('f/c', 10), data('12345'));
    await stage.reconnect();
    expect(await rest(stage)).toEqual(WHOLE);
  });

  it('took away is no part of what is safe either, as long as it has not come anew', async () => {
    const stage = await begun();
    unlinkSync(stage.tree('f', 'c'));
    stage.connect();
    await stage.play(entry('f/c', 8), data('another'));
    await stage.kill();
    expect(stage.connect()).toEqual(BEFORE);
    await stage.play(entry('f/c', 10), data('12345'));
    await stage.reconnect();
    expect(await rest(stage)).toEqual(WHOLE);
  });

  it('took away needs room once more', async () => {
    const MIB = 1024 * 1024;
    const stage = new Stage(newFolder());
    stage.offered = { ...stage.offered, files: 1, bytes: 40 * MIB };
    stage.connect();
    await stage.play(entry('g', 40 * MIB), data(new Uint8Array(30 * MIB)));
    await stage.cut();
    unlinkSync(stage.tree('g'));
    const { disk } = stage;
    const free = (freeBytes: number): void => {
      stage.disk = { ...disk, space: (path) => ({ ...disk.space(path), freeBytes }) };
    };
    free(40 * MIB);
    expect(await codeOf(() => stage.connect())).toBe('no-space');
    free(100 * MIB);
    expect(stage.connect()).toEqual({ entry: 0, offset: 0 });
  });
});

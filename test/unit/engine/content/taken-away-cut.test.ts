import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReceiveSummary } from '../../../../src-main/engine/content/contract.ts';
import { finishPublishing } from '../../../../src-main/engine/content/leftover.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { codeOf } from '../support.ts';
import { picture } from '../files/world.ts';
import { Stage, file, finish, folder } from './play.ts';
import { newFolder } from './support.ts';

/** More than the journal remembers each move of. */
const NAMES = Array.from({ length: 40 }, (_, n) => `n${String(n).padStart(2, '0')}`);

/** Moves `n` things and is killed: from then on nothing is done any more. */
function movesOnly(n: number, when: 'before' | 'after' = 'before'): Disk {
  let left = n;
  const guard =
    (call: 'link' | 'rename') =>
    (from: string, to: string): void => {
      if (left === 0 && when === 'before') throw new Error('killed');
      if (left < 0) throw new Error('killed');
      left -= 1;
      nodeDisk[call](from, to);
      if (left < 0) throw new Error('killed');
    };
  return { ...nodeDisk, link: guard('link'), rename: guard('rename') };
}

/** Forty files of four bytes and a folder with two, of which `moved` are under their names. */
async function cut(disk: Disk): Promise<Stage> {
  const stage = new Stage(join(newFolder(), 'in'));
  stage.offered = { ...stage.offered, itemCount: 100, files: 100, firstFiles: 100 };
  stage.disk = disk;
  stage.connect();
  for (const name of NAMES) await stage.play(file(name, 'data'));
  await stage.play(folder('z'), file('z/a', 'aa'), file('z/b', 'bb'));
  await stage.play(finish(stage.reception));
  await expect(stage.publish()).rejects.toThrow();
  await stage.kill();
  stage.disk = nodeDisk;
  return stage;
}

const shown = (stage: Stage): string[] =>
  readdirSync(stage.destination).filter((name) => !name.startsWith('.'));
const hidden = (stage: Stage): string[] => readdirSync(stage.tree()).sort();
const gone = (path: string) => ({ path, reason: 'taken-away' });

/** Ways to bring it to its end. */
const ways: Readonly<Record<string, (stage: Stage) => Promise<ReceiveSummary | null>>> = {
  'when the sender is back': async (stage) => {
    stage.connect();
    await stage.play(finish(stage.reception));
    return stage.publish();
  },
  'when it is given up': (stage) => finishPublishing(stage.journalFolder),
};

describe('what something takes away while a publication is cut short', () => {
  it.each(Object.entries(ways))('is left out, and said so, %s', async (_way, end) => {
    const stage = await cut(movesOnly(20));
    const [first = '', second = ''] = hidden(stage);
    rmSync(stage.tree(first));
    truncateSync(stage.tree(second), 1);
    rmSync(stage.tree('z', 'b'));
    const expected = {
      files: 39,
      bytes: 38 * 4 + 2,
      skippedCount: 3,
      skipped: [gone(first), gone(second), gone('z/b')],
    };
    expect(await end(stage)).toMatchObject(expected);
    expect(shown(stage).sort()).toEqual([...NAMES.filter((name) => ![first, second].includes(name)), 'z']);
    // Asked once more it says the same.
    await stage.cut();
    expect(await finishPublishing(stage.journalFolder)).toMatchObject(expected);
  });

  it.each(Object.entries(ways))('is counted once, however often it is cut short, %s', async (_way, end) => {
    const stage = await cut(movesOnly(20));
    const [first = ''] = hidden(stage);
    rmSync(stage.tree(first));
    stage.disk = movesOnly(10);
    stage.connect();
    expect(stage.progress.files).toBe(41);
    await stage.play(finish(stage.reception));
    await expect(stage.publish()).rejects.toThrow();
    await stage.kill();
    stage.disk = nodeDisk;
    const second = hidden(stage).find((name) => name.startsWith('n')) ?? expect.fail('all are moved');
    rmSync(stage.tree(second));
    expect(await end(stage)).toMatchObject({
      files: 40,
      skippedCount: 2,
      skipped: [gone(first), gone(second)],
    });
    expect(shown(stage)).toHaveLength(39);
  });

  it('is a folder with all that is in it', async () => {
    const stage = await cut(movesOnly(40));
    rmSync(stage.tree('z'), { recursive: true });
    // As a process that is killed leaves it: claimed, and not moved.
    if (!existsSync(join(stage.destination, 'z'))) mkdirSync(join(stage.destination, 'z'));
    expect(await finishPublishing(stage.journalFolder)).toMatchObject({
      files: 40,
      skipped: [gone('z/a'), gone('z/b')],
    });
  });

  it('is also what a foreign file of another size stands for under its name', async () => {
    const stage = await cut(movesOnly(20));
    const [first = ''] = hidden(stage);
    rmSync(stage.tree(first));
    writeFileSync(join(stage.destination, first), 'another');
    expect(await finishPublishing(stage.journalFolder)).toMatchObject({ files: 41, skipped: [gone(first)] });
  });

  it('with a link in its place, is nothing that could be published', async () => {
    const stage = await cut(movesOnly(20));
    rmSync(stage.tree('z', 'a'));
    symlinkSync('/etc/hostname', stage.tree('z', 'a'));
    expect(
      await codeOf(() => {
        stage.connect();
      }),
    ).toBe('destination-changed');
    expect(shown(stage)).toHaveLength(20);
  });

  it('is not said of what stands under its own name already, whatever the user does with it', async () => {
    const stage = await cut(movesOnly(20));
    const [first = '', second = '', third = ''] = shown(stage).reverse();
    rmSync(join(stage.destination, first));
    truncateSync(join(stage.destination, second), 1);
    writeFileSync(join(stage.destination, third), 'longer than it was');
    expect(await finishPublishing(stage.journalFolder)).toMatchObject({ files: 42, skippedCount: 0 });
    expect(shown(stage)).toHaveLength(40);
  });

  it.each(['before', 'after'] as const)(
    'is not said where only the note of what was moved is lost (killed %s a move)',
    async (when) => {
      const stage = await cut(movesOnly(20, when));
      writeFileSync(join(stage.journalFolder, 'moved'), '"n0');
      expect(await finishPublishing(stage.journalFolder)).toMatchObject({ files: 42, skippedCount: 0 });
      expect(picture(stage.destination)).toMatchObject({ n39: 'data', 'z/a': 'aa' });
    },
  );
});

import { readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../support.ts';
import { picture } from '../files/world.ts';
import { FAIL, Stage, entry, file, finish, folder } from './play.ts';

async function received(): Promise<Stage> {
  const stage = new Stage();
  stage.connect();
  await stage.play(folder('f'), file('f/a', 'aaa'), file('f/b', 'b'), folder('f/g'), file('f/g/c', 'cc'));
  // A longer version of one of them, and one that fails.
  await stage.play(file('f/b', 'bbb', 2), entry('f/g/c', 1, 4), FAIL);
  await stage.play(finish(stage.reception));
  return stage;
}

const failed = { path: 'f/g/c', reason: 'changed' };
const gone = (path: string) => ({ path, reason: 'taken-away' });

describe('a file that was whole, and that something takes away before all is published,', () => {
  const ways: [string, (path: string) => void][] = [
    ['removed', rmSync],
    [
      'cut',
      (path) => {
        truncateSync(path, 1);
      },
    ],
    [
      'made longer',
      (path) => {
        writeFileSync(path, 'longer');
      },
    ],
  ];
  it.each(ways)('%s, is left out, and said so, then and later', async (_how, takeAway) => {
    const stage = await received();
    takeAway(stage.tree('f', 'a'));
    const expected = { files: 2, bytes: 5, skippedCount: 2, skipped: [failed, gone('f/a')] };
    expect(await stage.publish()).toMatchObject(expected);
    expect(picture(stage.destination)).toEqual({ f: '/', 'f/b': 'bbb', 'f/g': '/', 'f/g/c': 'cc' });
    await stage.reconnect();
    expect(await stage.publish()).toMatchObject(expected);
  });

  it('is counted once where a newer version of it had failed', async () => {
    const stage = await received();
    rmSync(stage.tree('f', 'g', 'c'));
    expect(await stage.publish()).toMatchObject({ files: 2, skippedCount: 1, skipped: [failed] });
  });

  it('is looked for as its newest version', async () => {
    const stage = await received();
    await stage.reconnect();
    await stage.play(finish(stage.reception));
    // Only now is it in the place of the older one.
    truncateSync(stage.tree('f', 'b'), 1);
    expect(await stage.publish()).toMatchObject({ files: 2, skipped: [failed, gone('f/b')] });
  });

  it('and was all there was: nothing is there', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(file('a', 'a'));
    await stage.play(finish(stage.reception));
    rmSync(stage.tree('a'));
    expect(await stage.publish()).toMatchObject({ files: 0, names: [], skipped: [gone('a')] });
  });

  it('with a link in its place, is nothing that could be published', async () => {
    const stage = await received();
    rmSync(stage.tree('f', 'a'));
    symlinkSync('/etc/hostname', stage.tree('f', 'a'));
    expect(await codeOf(() => stage.publish())).toBe('destination-changed');
    expect(readdirSync(stage.destination).filter((name) => !name.startsWith('.'))).toEqual([]);
  });

  it('is found among many, a thousand at a time', async () => {
    const stage = new Stage();
    stage.offered = { ...stage.offered, files: 3000, firstFiles: 3000, itemCount: 9 };
    stage.connect();
    await stage.play(folder('f'), ...Array.from({ length: 1500 }, (_, n) => file(join('f', String(n)), 'x')));
    await stage.play(finish(stage.reception));
    for (const n of [0, 512, 1499]) rmSync(stage.tree('f', String(n)));
    const paths = [0, 512, 1499].map((n) => gone(`f/${String(n)}`));
    expect(await stage.publish()).toMatchObject({ files: 1497, skippedCount: 3, skipped: paths });
  });
});

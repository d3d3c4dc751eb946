import {
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../support.ts';
import { lay, picture } from '../files/world.ts';
import { HERE, WHOLE, begun, rest } from './begun.ts';
import { START, newFolder } from './support.ts';

describe('a staging folder that somebody changed while nobody was connected', () => {
  const precious = (world: string): void => {
    lay(world, { 'outside/a': 'precious', 'outside/g/b': 'precious', 'outside/c': '1234567890 precious' });
  };

  it.each<readonly [string, (tree: (...names: string[]) => string, outside: string) => void]>([
    [
      'a folder',
      (tree, outside) => {
        swap(tree('f'), outside);
      },
    ],
    [
      'a folder below',
      (tree, outside) => {
        swap(tree('f', 'g'), join(outside, 'g'));
      },
    ],
    [
      'the tree',
      (tree, outside) => {
        swap(tree(), outside);
      },
    ],
    [
      'the folder of newer versions',
      (tree, outside) => {
        swap(join(tree(), '..', 'again'), outside);
      },
    ],
    [
      'a file',
      (tree, outside) => {
        swap(tree('f', 'a'), join(outside, 'a'));
      },
    ],
    [
      'the unfinished file',
      (tree, outside) => {
        swap(tree('f', 'c'), join(outside, 'c'));
      },
    ],
  ])('%s is a link to the outside: noticed, and nothing outside is touched', async (_what, change) => {
    const world = newFolder();
    precious(world);
    const stage = await begun(join(world, 'dest'));
    const before = picture(join(world, 'outside'));
    const { stagingFolder } = stage;
    change((...names) => join(stagingFolder, 'tree', ...names), join(world, 'outside'));
    expect(await codeOf(() => stage.connect())).toBe('destination-changed');
    expect(picture(join(world, 'outside'))).toEqual(before);
  });

  it.each<readonly [string, (path: string) => void]>([
    [
      'a folder',
      (path) => {
        mkdirSync(path);
      },
    ],
    [
      'a folder with something in it',
      (path) => {
        lay(path, { 'not a file': '' });
      },
    ],
  ])('a file is %s', async (_what, make) => {
    const stage = await begun();
    unlinkSync(stage.tree('f', 'c'));
    make(stage.tree('f', 'c'));
    expect(await codeOf(() => stage.connect())).toBe('destination-changed');
  });

  it('the unfinished file has a second name: it is not cut', async () => {
    const world = newFolder();
    precious(world);
    const stage = await begun(join(world, 'dest'));
    unlinkSync(stage.tree('f', 'c'));
    linkSync(join(world, 'outside', 'c'), stage.tree('f', 'c'));
    expect(await codeOf(() => stage.connect())).toBe('destination-changed');
    expect(readFileSync(join(world, 'outside', 'c'), 'utf8')).toBe('1234567890 precious');
  });

  it.each<readonly [string, (staging: string, outside: string) => void]>([
    [
      'a link',
      (staging, outside) => {
        symlinkSync(outside, staging);
      },
    ],
    [
      'another folder',
      (staging) => {
        lay(staging, { 'tree/f/a': 'theirs', 'again/x': 'theirs', id: '0'.repeat(32) });
      },
    ],
  ])('it is gone, and %s is in its place: left alone, and begun anew', async (_what, replace) => {
    const world = newFolder();
    precious(world);
    const stage = await begun(join(world, 'dest'));
    const { stagingFolder } = stage;
    renameSync(stagingFolder, join(world, 'moved'));
    replace(stagingFolder, join(world, 'outside'));
    const before = picture(stagingFolder);
    expect(stage.connect()).toEqual(START);
    expect(readdirSync(stage.destination)).toHaveLength(2);
    await stage.discard();
    expect(picture(stagingFolder)).toEqual(before);
    expect(readdirSync(stage.destination)).toHaveLength(1);
  });

  it('it has another number, as on a stick that was plugged in again: it is known by its token', async () => {
    const stage = await begun();
    const { stagingFolder } = stage;
    renameSync(stagingFolder, `${stagingFolder} copy`);
    mkdirSync(stagingFolder, { mode: 0o700 });
    for (const name of ['tree', 'again', 'id'])
      renameSync(join(`${stagingFolder} copy`, name), join(stagingFolder, name));
    rmSync(`${stagingFolder} copy`, { recursive: true });
    expect(stage.connect()).toEqual(HERE);
    expect(await rest(stage)).toEqual(WHOLE);
  });
});

function swap(path: string, target: string): void {
  rmSync(path, { recursive: true });
  symlinkSync(target, path);
}

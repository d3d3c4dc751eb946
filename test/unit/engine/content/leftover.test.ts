import { existsSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discardJournaled } from '../../../../src-main/engine/content/leftover.ts';
import { lay, picture } from '../files/world.ts';
import { begun } from './begun.ts';
import { Stage, file, finish } from './play.ts';
import { newFolder } from './support.ts';

describe('what an interrupted transfer left', () => {
  it('is removed with the folders that were made for it, and its journal', async () => {
    const world = newFolder();
    lay(world, { 'there/mine': 'mine' });
    const stage = await begun(join(world, 'there', 'new', 'newer'));
    writeFileSync(join(stage.journalFolder, 'job.json'), '{}');
    await discardJournaled(stage.journalFolder);
    expect(picture(world)).toEqual({ there: '/', 'there/mine': 'mine' });
    expect(readdirSync(stage.journalFolder)).toEqual(['job.json']);
    await discardJournaled(stage.journalFolder);
  });

  it('is removed by the header of its journal alone', async () => {
    const stage = await begun();
    for (const name of ['entries', 'folders']) rmSync(join(stage.journalFolder, name));
    await discardJournaled(stage.journalFolder);
    expect(readdirSync(stage.destination)).toEqual([]);
  });

  it('is left alone when no journal speaks of it', async () => {
    const stage = await begun();
    const before = picture(stage.destination);
    writeFileSync(join(stage.journalFolder, 'journal'), 'rubbish');
    await discardJournaled(stage.journalFolder);
    await discardJournaled(join(stage.journalFolder, 'nowhere'));
    expect(picture(stage.destination)).toEqual(before);
    expect(readdirSync(stage.journalFolder)).toEqual([]);
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
        lay(staging, { 'tree/precious': 'precious', id: 'x' });
      },
    ],
  ])('CVE-2023-29380: nothing is deleted behind %s in its place', async (_what, replace) => {
    const world = newFolder();
    lay(world, { 'outside/tree/precious': 'precious' });
    const stage = await begun(join(world, 'in'));
    const { stagingFolder } = stage;
    renameSync(stagingFolder, join(world, 'moved'));
    replace(stagingFolder, join(world, 'outside'));
    const before = picture(world);
    await discardJournaled(stage.journalFolder);
    expect(picture(world)).toEqual(before);
  });

  it('is not a folder of the user’s that got its number, where the process was killed before the journal was removed', async () => {
    const stage = await begun();
    const { stagingFolder } = stage;
    for (const each of readdirSync(stagingFolder)) rmSync(join(stagingFolder, each), { recursive: true });
    lay(stagingFolder, { 'photo.jpg': 'the only copy' });
    const before = picture(stage.destination);
    expect(await discardJournaled(stage.journalFolder)).toBe(true);
    expect(picture(stage.destination)).toEqual(before);
  });

  it('is not what was published', async () => {
    const stage = new Stage(join(newFolder(), 'in'));
    stage.connect();
    await stage.play(file('a', 'a'));
    await stage.play(finish(stage.reception));
    await stage.publish();
    await discardJournaled(stage.journalFolder);
    expect(picture(stage.destination)).toEqual({ a: 'a' });
    expect(existsSync(join(stage.journalFolder, 'journal'))).toBe(false);
  });
});

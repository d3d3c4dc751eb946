import { existsSync, mkdirSync, rmSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { picture } from '../files/world.ts';
import { codeOf } from '../support.ts';
import { HERE, WHOLE, begun } from './begun.ts';
import { END, Stage, data, entry, file, finish, folder } from './play.ts';

const gone = (...paths: string[]) => paths.map((path) => ({ path, reason: 'taken-away' }));
const without = (...paths: string[]) =>
  Object.fromEntries(Object.entries(WHOLE).filter(([path]) => !paths.includes(path)));

/** The rest of what `begun` begins; gives what is said of all of it. */
async function published(stage: Stage) {
  await stage.play([entry('f/c', 10), data('67890'), END]);
  await stage.play(finish(stage.reception));
  return stage.publish();
}

describe('what something takes away from the staging folder between two connections', () => {
  it('is left out and said so where it is a file, and the rest is gone on with', async () => {
    const stage = await begun();
    rmSync(stage.tree('f', 'a'));
    expect(stage.connect()).toEqual(HERE);
    // However often.
    expect(await stage.reconnect()).toEqual(HERE);
    expect(await published(stage)).toMatchObject({
      files: 2,
      bytes: 11,
      skipped: gone('f/a'),
      skippedCount: 1,
    });
    expect(picture(stage.destination)).toEqual(without('f/a'));
  });

  it('is made once more where it is a folder, and what was in it is left out and said so', async () => {
    const stage = await begun();
    rmSync(stage.tree('f', 'g'), { recursive: true });
    expect(stage.connect()).toEqual(HERE);
    expect(await published(stage)).toMatchObject({ files: 2, skipped: gone('f/g/b') });
    expect(picture(stage.destination)).toEqual(without('f/g/b'));
  });

  it('may be all that has come: the unfinished file then comes anew', async () => {
    const stage = await begun();
    rmSync(stage.tree('f'), { recursive: true });
    expect(stage.connect()).toEqual({ ...HERE, offset: 0 });
    await stage.play(file('f/c', '1234567890'));
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({ files: 1, skipped: gone('f/a', 'f/g/b') });
    expect(picture(stage.destination)).toEqual(without('f/a', 'f/g/b'));
  });

  it('is noticed where a link is in its place', async () => {
    const stage = await begun();
    rmSync(stage.tree('f', 'g'), { recursive: true });
    symlinkSync('/etc', stage.tree('f', 'g'));
    expect(await codeOf(() => stage.connect())).toBe('destination-changed');
  });

  it('is there again with a newer version', async () => {
    const stage = await begun();
    rmSync(stage.tree('f', 'a'));
    stage.connect();
    await stage.play([entry('f/c', 10), data('67890'), END], file('f/a', 'newer', 1));
    expect((await stage.reconnect()).entry).toBe(6);
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({ files: 3, bytes: 16, skippedCount: 0 });
    expect(picture(stage.destination)).toEqual({ ...WHOLE, 'f/a': 'newer' });
  });
});

describe('a publication that could not begin after files were missed', () => {
  /** Two files of which one is missed, and a profile that refuses one list as the publication begins. */
  async function refused(): Promise<Stage> {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), file('f/a', 'a'), file('f/b', 'bb'));
    await stage.play(finish(stage.reception));
    rmSync(stage.tree('f', 'a'));
    const moved = join(stage.journalFolder, 'moved');
    mkdirSync(moved);
    await expect(stage.publish()).rejects.toThrow();
    await stage.cut();
    rmdirSync(moved);
    return stage;
  }

  it('is made up for by the next connection, and counts what was missed once', async () => {
    const stage = await refused();
    expect(stage.connect()).toEqual({ entry: 3, offset: 0 });
    expect(stage.progress).toEqual({ bytes: 3, files: 1 });
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({
      files: 1,
      bytes: 2,
      skipped: gone('f/a'),
      skippedCount: 1,
    });
    expect(picture(stage.destination)).toEqual({ f: '/', 'f/b': 'bb' });
  });

  it('does not put under its name what was said to be left out, and is there again', async () => {
    const stage = await refused();
    writeFileSync(stage.tree('f', 'a'), 'a');
    stage.connect();
    expect(existsSync(stage.tree('f', 'a'))).toBe(false);
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({ files: 1, skipped: gone('f/a'), skippedCount: 1 });
  });

  it('takes newer versions meanwhile, of what was missed, too', async () => {
    const stage = await refused();
    stage.connect();
    await stage.play(file('f/a', 'aaa', 1), file('f/b', 'bbb', 2));
    expect(await stage.reconnect()).toEqual({ entry: 5, offset: 0 });
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({ files: 2, bytes: 6, skipped: [], skippedCount: 0 });
    expect(picture(stage.destination)).toEqual({ f: '/', 'f/a': 'aaa', 'f/b': 'bbb' });
  });
});

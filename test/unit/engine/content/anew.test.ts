import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ContentRecord } from '../../../../src-main/engine/content/records.ts';
import { codeOf } from '../support.ts';
import { END, Stage, data, entry, file, finish } from './play.ts';
import { offeredOf } from '../../../support/offers.ts';

/**
 * A file of which a part is here and void, because the sender's file changed: it comes anew under its own
 * entry.
 */

/** The beginning of a file that comes anew. */
function anew(path: string, size: number, again?: number): ContentRecord {
  const record = entry(path, size, again);
  if (record.type !== 'entry' || record.entry.kind !== 'file') throw new Error('no file');
  return { ...record, entry: { ...record.entry, anew: true } };
}

async function halfWay(): Promise<Stage> {
  const stage = new Stage();
  stage.offered = offeredOf({ itemCount: 2, files: 2, folders: 0, bytes: 9 });
  stage.connect();
  await stage.play(entry('a', 6), data('old'));
  expect(await stage.reconnect()).toEqual({ entry: 0, offset: 3 });
  return stage;
}

describe('a file that comes anew where it would have gone on', () => {
  it('has nothing of what was there, and counts once', async () => {
    const stage = await halfWay();
    await stage.play(anew('a', 6), data('new'));
    expect(stage.reception.parser.cursor).toEqual({ entry: 0, offset: 3 });
    expect(stage.progress).toEqual({ bytes: 3, files: 0 });
    await stage.play(data('er!'), END, file('b', 'bbb'));
    await stage.play(finish(stage.reception));
    const { files, bytes } = await stage.publish();
    expect({ files, bytes }).toEqual({ files: 2, bytes: 9 });
    expect(readFileSync(join(stage.destination, 'a'), 'utf8')).toBe('newer!');
    expect(stage.progress).toEqual({ bytes: 9, files: 2 });
  });

  it('goes on where it stands when the line is cut once more, or the process is killed', async () => {
    const stage = await halfWay();
    await stage.play(anew('a', 6), data('ne'));
    expect(await stage.reconnect()).toEqual({ entry: 0, offset: 2 });
    await stage.play(entry('a', 6), data('we'));
    await stage.kill();
    const { offset } = stage.connect();
    await stage.play(anew('a', 6), data('latest'), END, file('b', 'bbb'));
    await stage.play(finish(stage.reception));
    expect(offset).toBeGreaterThan(0);
    await stage.publish();
    expect(readFileSync(join(stage.destination, 'a'), 'utf8')).toBe('latest');
  });

  it('may be shorter than what is here of it', async () => {
    const stage = await halfWay();
    await stage.play(anew('a', 2), data('xy'), END);
    await stage.play(finish(stage.reception));
    await stage.publish();
    expect(readFileSync(join(stage.destination, 'a'), 'utf8')).toBe('xy');
  });

  it('may be a newer version of a file that is here', async () => {
    const stage = new Stage();
    stage.offered = offeredOf({ itemCount: 1, files: 2, folders: 0, bytes: 9 });
    stage.connect();
    await stage.play(file('a', 'one'), entry('a', 6, 0), data('two'));
    await stage.reconnect();
    await stage.play(anew('a', 6, 0), data('three!'), END);
    await stage.play(finish(stage.reception));
    await stage.publish();
    expect(readFileSync(join(stage.destination, 'a'), 'utf8')).toBe('three!');
  });

  it('is a breach where no file goes on', async () => {
    for (const before of [[], [...file('a', 'aaa')]]) {
      const stage = new Stage();
      stage.connect();
      await stage.play(...before);
      expect(await codeOf(() => stage.play(anew('b', 3)))).toBe('content-mismatch');
    }
    const stage = await halfWay();
    await stage.play(anew('a', 3), data('abc'), END);
    expect(await codeOf(() => stage.play(anew('b', 3)))).toBe('content-mismatch');
  });

  it('is held against what was offered like any other', async () => {
    const stage = await halfWay();
    expect(await codeOf(() => stage.play(anew('a', 10)))).toBe('content-mismatch');
  });
});

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../support.ts';
import { picture as look } from '../files/world.ts';
import { END, FAIL, Stage, data, entry, file, finish, folder, missing, skip, superseded } from './play.ts';
import { PLENTY } from './support.ts';
import type { ContentRecord } from '../../../../src-main/engine/content/records.ts';

/** What is published, without the names of the folders. */
async function publish(stage: Stage): Promise<Record<string, string>> {
  await stage.play(finish(stage.reception));
  await stage.publish();
  return Object.fromEntries(Object.entries(look(stage.destination)).filter(([, what]) => what !== '/'));
}

/** With or without another connection in between. */
const between: [string, (stage: Stage) => Promise<unknown>][] = [
  ['at once', () => Promise.resolve()],
  ['after a cut', (stage) => stage.reconnect()],
];

describe.each(between)('a file that is said again, %s', (_when, pause) => {
  it('takes the place of what is there, and is counted once', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), file('f/a', 'old'), file('f/b', 'b'), folder('f/e'));
    await pause(stage);
    await stage.play(file('f/a', 'newer', 1));
    expect(stage.progress.files).toBe(2);
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({ files: 2, bytes: 6, skippedCount: 0, names: ['f'] });
    expect(look(stage.destination)).toEqual({ f: '/', 'f/a': 'newer', 'f/b': 'b', 'f/e': '/' });
    expect(Math.round(statSync(join(stage.destination, 'f')).mtimeMs)).toBe(1_600_000_000_000);
    expect(Math.round(statSync(join(stage.destination, 'f', 'a')).mtimeMs)).toBe(1_700_000_000_000);
  });

  it('replaces the right one of those whose names met', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), file('f/x\u0001', 'one'), file('f/x\u0002', 'two'), file('f/x_', 'three'));
    await pause(stage);
    await stage.play(file('f/x\u0002', 'TWO', 2), file('f/x_', 'THREE', 3));
    await pause(stage);
    await stage.play(file('f/x\u0001', 'ONE', 1));
    expect(await publish(stage)).toEqual({ 'f/x_': 'ONE', 'f/x_ (2)': 'TWO', 'f/x_ (3)': 'THREE' });
  });

  it('again and again is there once, as it was last', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), file('f/a', 'first'));
    for (const content of ['second', '3', '']) {
      await pause(stage);
      await stage.play(file('f/a', content, 1), file('f/a', `${content}!`, 1));
    }
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({ files: 1, bytes: 1 });
    expect(look(stage.destination)).toEqual({ f: '/', 'f/a': '!' });
  });

  it('is made like any other when its first version never came, and found when it changes once more', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), superseded('f/a'), file('f/b', 'b'));
    await pause(stage);
    // A version that was superseded, too, before it came.
    await stage.play(superseded('f/a', 1), file('f/a', 'second', 1));
    expect(stage.progress.files).toBe(2);
    await pause(stage);
    await stage.play(file('f/a', 'third', 1));
    expect(stage.progress.files).toBe(2);
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({ files: 2, bytes: 6 });
    expect(look(stage.destination)).toEqual({ f: '/', 'f/a': 'third', 'f/b': 'b' });
  });

  it('is no longer among the left out when it arrives after all', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), [entry('f/a', 3), data('x'), FAIL], missing('f/b'), missing('f/c'));
    await pause(stage);
    await stage.play([entry('f/a', 2, 1), FAIL], file('f/b', 'b', 2));
    await pause(stage);
    await stage.play(file('f/a', 'whole', 1));
    await pause(stage);
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({
      files: 2,
      bytes: 6,
      skipped: [{ path: 'f/c', reason: 'vanished' }],
      skippedCount: 1,
    });
    expect(look(stage.destination)).toEqual({ f: '/', 'f/a': 'whole', 'f/b': 'b' });
  });

  it('that fails leaves the older version', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), file('f/a', 'old'));
    await pause(stage);
    await stage.play([entry('f/a', 5, 1), data('new'), FAIL]);
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({
      files: 1,
      bytes: 3,
      skipped: [{ path: 'f/a', reason: 'changed' }],
    });
    expect(look(stage.destination)).toEqual({ f: '/', 'f/a': 'old' });
  });

  it('that no system can hold is left out once', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), file('f/NUL', 'x'));
    await pause(stage);
    await stage.play(file('f/NUL', 'xx', 1));
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({ files: 0, skippedCount: 1 });
  });

  it.each<readonly [string, ContentRecord[]]>([
    ['a folder', file('f', 'x', 0)],
    ['what is not yet', file('f/a', 'x', 2)],
    ['a newer version that took the place of the first', [...file('f/a', 'y', 1), ...file('f/a', 'z', 2)]],
    ['a newer version that failed', [entry('f/a', 1, 1), FAIL, ...file('f/a', 'z', 2)]],
    ['a newer version that comes later', [superseded('f/a', 1), ...file('f/a', 'z', 2)]],
    ['a newer version that is missing', [missing('f/a', 1), superseded('f/a', 2)]],
  ])('is refused for %s', async (_what, records) => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), file('f/a', 'x'));
    await pause(stage);
    expect(await codeOf(() => stage.play(records))).toBe('content-mismatch');
    await stage.discard();
    expect(readdirSync(stage.destination)).toEqual([]);
  });

  it.each([1, 2])(
    'makes no second file of the one that was agreed to, said of its entry %d',
    async (said) => {
      const stage = new Stage();
      stage.offered = { ...PLENTY, firstFiles: 1 };
      stage.connect();
      await stage.play(missing('a'), file('a', '1', 0), [entry('a', 1, 0), FAIL]);
      await pause(stage);
      expect(await codeOf(() => stage.play(file('a', '2', said)))).toBe('content-mismatch');
      await stage.discard();
      expect(readdirSync(stage.destination)).toEqual([]);
    },
  );

  it('has the path of the file that it is a newer version of', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(file('letter.txt', 'x'), superseded('later.txt'), missing('gone.txt'));
    for (const [first, honest] of ['letter.txt', 'later.txt', 'gone.txt'].entries()) {
      for (const other of ['run.sh', `${honest}/x`, honest.toUpperCase()])
        expect(await codeOf(() => stage.play(file(other, 'y', first)))).toBe('content-mismatch');
      await stage.reconnect();
      for (const lie of [superseded('other', first), missing('other', first)])
        expect(await codeOf(() => stage.play(lie))).toBe('content-mismatch');
      await stage.reconnect();
    }
  });

  it.each([
    ['here', file('a', 'x')],
    ['superseded', [superseded('a')]],
    ['missing', [missing('a')]],
  ])('is no program where the one that is %s is none', async (_what, first) => {
    const stage = new Stage();
    stage.connect();
    await stage.play(first);
    const program: ContentRecord = {
      type: 'entry',
      entry: { kind: 'file', path: ['a'], size: 0, mtimeUs: 0, executable: true, again: 0 },
    };
    expect(await codeOf(() => stage.play(program))).toBe('content-mismatch');
  });

  it('is none of what was left out before anything was offered', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(skip('a'));
    expect(await codeOf(() => stage.play(file('a', 'x', 0)))).toBe('content-mismatch');
  });
});

describe('an entry whose content comes later', () => {
  it('leaves nothing of what an earlier connection brought of it', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), [entry('f/a', 10), data('12345')]);
    expect(await stage.reconnect()).toEqual({ entry: 1, offset: 5 });
    expect(readdirSync(stage.tree('f'))).toEqual(['a']);
    await stage.play(superseded('f/a'));
    expect(readdirSync(stage.tree('f'))).toEqual([]);
    expect(await stage.reconnect()).toEqual({ entry: 2, offset: 0 });
    await stage.play(file('f/a', 'new', 1));
    expect(await publish(stage)).toEqual({ 'f/a': 'new' });
  });

  it('counts as an entry and not as left out', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), superseded('f/a'), superseded('f/b'), finish(stage.reception));
    expect(stage.reception.parser.cursor.entry).toBe(3);
    expect(await stage.publish()).toMatchObject({ files: 0, skippedCount: 0 });
  });
});

describe('a file that goes on', () => {
  it('is the very one that was begun', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), [entry('f/a', 10), data('12345')]);
    await stage.reconnect();
    await stage.play([entry('f/a', 10), data('67890'), END]);
    expect(await publish(stage)).toEqual({ 'f/a': '1234567890' });
  });

  it.each([
    ['of another name', entry('f/b', 10)],
    ['of another size', entry('f/a', 11)],
    ['said again', entry('f/a', 10, 1)],
  ])('is not another one: %s', async (_what, other) => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), file('f/z', ''), [entry('f/a', 10), data('12345')]);
    await stage.reconnect();
    expect(await codeOf(() => stage.play(other))).toBe('content-mismatch');
  });

  it('may be a newer version of another one', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), file('f/a', 'old'), [entry('f/a', 10, 1), data('12345')]);
    expect(await stage.reconnect()).toEqual({ entry: 2, offset: 5 });
    expect(look(stage.tree())).toEqual({ f: '/', 'f/a': 'old' });
    await stage.play([entry('f/a', 10, 1), data('67890'), END]);
    await stage.reconnect();
    expect(look(stage.tree())).toEqual({ f: '/', 'f/a': '1234567890' });
    expect(await publish(stage)).toEqual({ 'f/a': '1234567890' });
  });

  it('may be a newer version that fails', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), file('f/a', 'old'), [entry('f/a', 5, 1), data('1234')]);
    await stage.reconnect();
    await stage.play([entry('f/a', 5, 1), FAIL]);
    expect(await publish(stage)).toEqual({ 'f/a': 'old' });
  });

  it('may be one that is dropped here', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f'), [entry('f/NUL', 10), data('12345')]);
    expect(await stage.reconnect()).toEqual({ entry: 1, offset: 5 });
    expect(stage.progress).toEqual({ bytes: 5, files: 0 });
    await stage.play([entry('f/NUL', 10), data('67890'), END]);
    await stage.play(finish(stage.reception));
    expect(await stage.publish()).toMatchObject({
      files: 0,
      skipped: [{ path: 'f/NUL', reason: 'name-reserved' }],
      skippedCount: 1,
    });
  });

  it('may end there, with nothing more to come', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play([entry('a', 5), data('12345')]);
    expect(await stage.reconnect()).toEqual({ entry: 0, offset: 5 });
    await stage.play([entry('a', 5), END]);
    expect(await publish(stage)).toEqual({ a: '12345' });
  });

  it('may fail after all', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play([entry('a', 5), data('1234')]);
    await stage.reconnect();
    await stage.play(missing('a'), file('b', 'b'));
    expect(await publish(stage)).toEqual({ b: 'b' });
  });
});

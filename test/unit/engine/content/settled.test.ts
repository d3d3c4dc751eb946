import { describe, expect, it } from 'vitest';
import type { ContentRecord } from '../../../../src-main/engine/content/records.ts';
import { offeredOf } from '../../../support/offers.ts';
import { codeOf } from '../support.ts';
import { FAIL, Stage, entry, file, finish, folder, missing, skip, superseded } from './play.ts';

type Records = readonly (ContentRecord | readonly ContentRecord[])[];

/** Two files were agreed to: `a` and `b`. */
function stage(): Stage {
  const begun = new Stage();
  const counts = { itemCount: 9, files: 9, folders: 9, bytes: 1000 };
  begun.offered = offeredOf(counts, { firstFiles: 2, minFirstFiles: 2 });
  begun.connect();
  return begun;
}

const ways: [string, (of: Stage) => Promise<unknown>][] = [
  ['at once', () => Promise.resolve()],
  ['over two connections', (of) => of.reconnect()],
];

describe.each(ways)('each file that was agreed to, %s', (_when, pause) => {
  const short: [string, Records, Records][] = [
    ['something else that is left out', [superseded('a'), file('b', 'b')], [skip('c'), skip('d')]],
    [
      'a newer version of another one that fails',
      [superseded('a'), file('b', 'b')],
      [entry('b', 1, 1), FAIL],
    ],
    ['a newer version of another one that is gone', [superseded('a'), file('b', 'b')], [missing('b', 1)]],
    ['a newer version of another one', [superseded('a'), file('b', 'b')], [file('b', 'B', 1)]],
    ['a folder that is left out for its name', [superseded('a'), file('b', 'b')], [folder('NUL')]],
    ['one more that is superseded', [superseded('a'), file('b', 'b')], [superseded('a', 0)]],
    ['other records, where it was never said', [file('b', 'b')], [skip('c'), missing('b', 0), folder('f')]],
    [
      'nothing, of two that are superseded',
      [superseded('a'), superseded('b')],
      [file('a', 'a', 0), skip('b')],
    ],
  ];
  it.each(short)('is not made up for by %s', async (_what, before, after) => {
    const of = stage();
    await of.play(...before);
    await pause(of);
    await of.play(...after);
    expect(await codeOf(() => of.play(finish(of.reception)))).toBe('content-mismatch');
  });

  const whole: [string, Records, Records][] = [
    ['arrives later', [superseded('a'), file('b', 'b')], [superseded('a', 0), file('a', 'a', 0)]],
    ['fails later', [superseded('a'), file('b', 'b')], [entry('a', 1, 0), FAIL]],
    ['is gone later', [superseded('a'), file('b', 'b')], [missing('a', 0)]],
    ['fails, and arrives after all', [entry('a', 1), FAIL, file('b', 'b')], [file('a', 'a', 0)]],
    ['arrives, and fails later', [file('a', 'a'), file('b', 'b')], [entry('a', 1, 0), FAIL, missing('a', 0)]],
    ['is left out for its name', [superseded('NUL'), file('b', 'b')], [file('NUL', 'x', 0)]],
  ];
  it.each(whole)('is there or listed where it %s', async (_what, before, after) => {
    const of = stage();
    await of.play(...before);
    await pause(of);
    await of.play(...after);
    await of.play(finish(of.reception));
    const { files, skippedCount } = await of.publish();
    expect(files + skippedCount).toBeGreaterThanOrEqual(2);
  });
});

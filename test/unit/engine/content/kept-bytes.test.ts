import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ContentRecord } from '../../../../src-main/engine/content/records.ts';
import { codeOf } from '../support.ts';
import { offeredOf } from '../../../support/offers.ts';
import { END, Stage, data, entry, file, finish, superseded } from './play.ts';

/** Of which the newest versions together may have 100 bytes, however many more the offer counts. */
const MOST = 100;

async function stageWith(...records: readonly (readonly ContentRecord[])[]): Promise<Stage> {
  const stage = new Stage();
  const counts = { itemCount: 9, files: 9, folders: 0, bytes: 8 * MOST };
  stage.offered = offeredOf(counts, { maxKeptBytes: MOST });
  stage.connect();
  await stage.play(...records);
  return stage;
}

/** Bytes in files below a folder. */
function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile() && each.name !== 'id')
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

const x = (length: number): string => 'x'.repeat(length);

/**
 * What is there already; a file that would bring it to so many bytes beyond MOST; and the bytes that are
 * there before.
 */
const cases: [string, readonly (readonly ContentRecord[])[], (more: number) => ContentRecord, number][] = [
  ['the only file', [], (more) => entry('a', MOST + more), 0],
  ['one more file', [file('a', x(40))], (more) => entry('b', 60 + more), 40],
  ['a newer version of a file that never came', [[superseded('a')]], (more) => entry('a', MOST + more, 0), 0],
  [
    'a newer version of a file that is here',
    [file('a', x(40)), file('b', x(10))],
    (more) => entry('a', 90 + more, 0),
    50,
  ],
  [
    'a newer version of a newer version',
    [file('a', x(10)), file('a', x(30), 0), file('b', x(10))],
    (more) => entry('a', 90 + more, 0),
    40,
  ],
];

describe.each(cases)('%s that would be more than was agreed to', (_what, before, said, kept) => {
  it('is refused when it is said, before any of it is written', async () => {
    const stage = await stageWith(...before);
    for (let connection = 0; connection < 2; connection += 1) {
      expect((await stage.reconnect()).entry).toBe(before.length);
      expect(await codeOf(() => stage.play(said(1)))).toBe('content-mismatch');
      expect(bytesIn(stage.stagingFolder)).toBe(kept);
    }
  });

  it('arrives where it is exactly as much', async () => {
    const stage = await stageWith(...before);
    const record = said(0);
    if (record.type !== 'entry' || record.entry.kind !== 'file') throw new Error('no file');
    await stage.play(record, data(x(record.entry.size)), END);
    await stage.play(finish(stage.reception));
    await stage.publish();
    expect(bytesIn(stage.destination)).toBe(MOST);
  });
});

it('files that are left out for their names count for nothing of what was agreed to', async () => {
  const stage = await stageWith(file('NUL', x(90)), file('a', x(MOST)));
  await stage.play(finish(stage.reception));
  expect(await stage.publish()).toMatchObject({ bytes: MOST, skippedCount: 1 });
});

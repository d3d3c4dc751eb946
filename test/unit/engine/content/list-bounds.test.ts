import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAX_DETAILS_BYTES } from '../../../../shared/limits.ts';
import { detailsFile } from '../../../../src-main/engine/content/leftover.ts';
import { sideFiles } from '../../../../src-main/engine/files/staging.ts';
import { transferDetailSchema } from '../../../../shared/views.ts';
import type { TransferDetail } from '../../../../shared/views.ts';
import { offeredOf } from '../../../support/offers.ts';
import { lay, picture } from '../files/world.ts';
import { Stage, file, finish, folder, missing, skip } from './play.ts';

/** 3 KB on the line, and six times as much in a list. */
const LONG = '\u0001'.repeat(3000);
const MORE_THAN_FITS = Math.ceil(MAX_DETAILS_BYTES / (6 * LONG.length)) + 200;

function stage(files = 900): Stage {
  const begun = new Stage();
  begun.offered = offeredOf({ itemCount: 900, files, folders: 40, bytes: 100_000 });
  begun.connect();
  return begun;
}

function kept({ journalFolder }: Stage): TransferDetail[] {
  const lines = readFileSync(detailsFile(journalFolder), 'utf8').trimEnd().split('\n');
  return lines.map((line) => transferDetailSchema.parse(JSON.parse(line)));
}

const listed = (of: Stage, list: 'leftOut' | 'renames') => statSync(sideFiles(of.journalFolder)[list]).size;

describe('of what a sender says', () => {
  it('is left out, as much is listed as is kept, over as many connections as it likes; the rest is counted', async () => {
    const of = stage(1);
    await of.play(file('letter.txt', 'x'));
    for (let n = 0; n < MORE_THAN_FITS; n += 1) {
      await of.play(skip(LONG));
      if (n % 100 === 99) await of.reconnect();
    }
    await of.cut();
    expect(listed(of, 'leftOut')).toBeLessThanOrEqual(MAX_DETAILS_BYTES);
    expect(listed(of, 'leftOut')).toBeGreaterThan(MAX_DETAILS_BYTES - 6 * LONG.length - 100);
    of.connect();
    await of.play(finish(of.reception));
    expect(await of.publish()).toMatchObject({ files: 1, skippedCount: MORE_THAN_FITS });
    const details = kept(of);
    expect(details.length).toBeGreaterThan(MORE_THAN_FITS - 210);
    expect(details.length).toBeLessThan(MORE_THAN_FITS);
  });

  it('is left out once all has arrived, no more is listed either', async () => {
    const of = stage(1);
    of.disk = {
      ...of.disk,
      link: () => {
        throw new Error('killed');
      },
      rename: () => {
        throw new Error('killed');
      },
    };
    await of.cut();
    of.connect();
    await of.play(file('letter.txt', 'x'));
    await of.play(finish(of.reception));
    await expect(of.publish()).rejects.toThrow();
    await of.cut();
    of.connect();
    for (let n = 0; n < MORE_THAN_FITS; n += 1) await of.play(skip(LONG));
    await of.cut();
    expect(listed(of, 'leftOut')).toBeLessThanOrEqual(MAX_DETAILS_BYTES);
  });

  it('is left out, no more is listed for arriving after all and being gone again', async () => {
    const of = stage(4);
    await of.play(missing('a'));
    for (let n = 0; n < MORE_THAN_FITS; n += 1) await of.play(skip(LONG));
    const b = MORE_THAN_FITS + 1;
    await of.play(missing('b'));
    await of.reconnect();
    await of.play(file('a', '2', 0));
    await of.reconnect();
    const before = listed(of, 'leftOut');
    await of.play(file('b', '2', b));
    await of.cut();
    // Of what was not listed there is nothing to be taken back.
    expect(listed(of, 'leftOut')).toBe(before);
    of.connect();
    await of.play(finish(of.reception));
    const { skippedCount } = await of.publish();
    expect(skippedCount).toBe(MORE_THAN_FITS);
    expect(kept(of).map((each) => (each.kind === 'skipped' ? each.path : ''))).not.toContain('a');
  });

  it('gets another name, as much is listed as is kept, and each is counted once', async () => {
    const of = stage();
    lay(of.destination, { top_: 'mine', late_: 'mine' });
    await of.play(file('top\n', '1'));
    const deep = Array.from(
      { length: 12 },
      (_, depth) => `${String.fromCharCode(97 + depth)}${'\u0001'.repeat(200)}`,
    );
    for (const depth of deep.keys()) await of.play(folder(deep.slice(0, depth + 1).join('/')));
    for (let n = 0; n < 350; n += 1) await of.play(file(`${deep.join('/')}/${String(n)}\u0001`, ''));
    await of.reconnect();
    await of.play(file('late\n', '2'), file('later\n', '3'));
    await of.reconnect();
    expect(listed(of, 'renames')).toBeGreaterThan(MAX_DETAILS_BYTES / 2);
    expect(listed(of, 'renames')).toBeLessThan(MAX_DETAILS_BYTES + 350 * 3 + 100);
    await of.play(finish(of.reception));
    const { renamed, renamedCount } = await of.publish();
    expect(renamedCount).toBe(1 + 12 + 350 + 2);
    expect(renamed[0]).toEqual({ from: 'top\n', to: 'top_ (2)' });
    expect(Object.keys(picture(of.destination))).toEqual(
      expect.arrayContaining(['late_ (2)', 'later_', 'top_ (2)']),
    );
    expect(kept(of).length).toBeLessThan(363);
  });
});

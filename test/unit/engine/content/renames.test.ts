import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  detailsFile,
  discardJournaled,
  finishPublishing,
} from '../../../../src-main/engine/content/leftover.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { offeredOf } from '../../../support/offers.ts';
import { lay, picture } from '../files/world.ts';
import { FAIL, Stage, entry, file, finish, folder } from './play.ts';
import { newFolder } from './support.ts';

/** A disk whose user is killed before the `n`th link: from then on nothing is done any more. */
function crashingBeforeLink(n: number): Disk {
  let left = n;
  return {
    ...nodeDisk,
    link: (from, to) => {
      left -= 1;
      if (left <= 0) throw new Error('killed');
      nodeDisk.link(from, to);
    },
    rename: (from, to) => {
      if (left <= 0) throw new Error('killed');
      nodeDisk.rename(from, to);
    },
  };
}

const sorted = (renamed: readonly { readonly from: string; readonly to: string }[]) =>
  renamed.map(({ from, to }) => `${from} → ${to}`).sort();

describe('what gets another name', () => {
  it('because of its characters and because its name is taken is told once, with the name it has in the end', async () => {
    const stage = new Stage();
    lay(stage.destination, { a_: 'mine', abc: 'mine', 'f_/x': 'mine', 'same.txt': 'mine' });
    stage.connect();
    await stage.play(file('a\n', 'a'), file('b\t', 'b'), file('same.txt', 's'), file('other.txt', 'o'));
    await stage.play(
      folder('f\r'),
      file('f\r/in\n', 'i'),
      file('f\r/kept', 'k'),
      folder('abc'),
      file('abc/y', 'y'),
    );
    await stage.play(finish(stage.reception));
    const { renamed, renamedCount } = await stage.publish();
    expect(sorted(renamed)).toEqual(
      [
        'a\n → a_ (2)',
        'abc → abc (2)',
        'b\t → b_',
        'f\r → f_ (2)',
        'f\r/in\n → f_ (2)/in_',
        'same.txt → same (2).txt',
      ].sort(),
    );
    expect(renamedCount).toBe(6);
    for (const { to } of renamed) expect(Object.keys(picture(stage.destination))).toContain(to);
  });

  it('is told only of what is there in the end, and once of what came in several versions', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(file('a\n', 'a'), entry('gone\n', 1), FAIL, file('b', 'b'));
    await stage.play(file('a\n', 'newer', 0));
    await stage.play(finish(stage.reception));
    const { renamed, renamedCount } = await stage.publish();
    expect({ renamed, renamedCount }).toEqual({ renamed: [{ from: 'a\n', to: 'a_' }], renamedCount: 1 });
  });

  it('is still known after any number of kills, and counted once', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(folder('f\n'), file('f\n/1\n', '1'));
    await stage.reconnect();
    await stage.play(file('f\n/2\n', '2'));
    // Nothing vouches for this one: it comes again.
    const from = await (async () => {
      await stage.kill();
      return stage.connect();
    })();
    const rest = [file('f\n/2\n', '2'), file('f\n/3', '3'), file('z\n', 'z')].slice(from.entry - 2);
    for (const each of rest) {
      await stage.play(each);
      await stage.reconnect();
    }
    await stage.play(finish(stage.reception));
    const { renamed, renamedCount } = await stage.publish();
    expect(sorted(renamed)).toEqual(['f\n → f_', 'f\n/1\n → f_/1_', 'f\n/2\n → f_/2_', 'z\n → z_']);
    expect(renamedCount).toBe(4);
  });

  it.each([1, 2, 3, 60, 150])(
    'is known, and counted once, when the process is killed before the move of number %i',
    async (n) => {
      const names = Array.from({ length: 155 }, (_, number) => `${String(number).padStart(3, '0')}.txt`);
      const stage = new Stage(join(newFolder(), 'in'));
      stage.offered = offeredOf({ itemCount: 200, files: 200, folders: 0, bytes: 10_000 });
      stage.disk = crashingBeforeLink(n);
      lay(stage.destination, Object.fromEntries(names.map((name) => [name, 'mine'])));
      stage.connect();
      // Some have another name already when they come.
      const sent = [...names, ...['x\n', 'y\n', 'z']];
      for (const name of sent) await stage.play(file(name, 'yours'));
      await stage.play(finish(stage.reception));
      await expect(stage.publish()).rejects.toThrow();
      await stage.kill();
      const first = await finishPublishing(stage.journalFolder);
      expect(first?.renamedCount).toBe(157);
      expect(first?.renamed).toHaveLength(100);
      for (const { from, to } of first?.renamed ?? []) {
        expect(sent).toContain(from);
        expect(to).toMatch(/^(\d+ \(2\)\.txt|[xy]_)$/);
      }
      // All of it, for whoever asks later.
      const details = readFileSync(detailsFile(stage.journalFolder), 'utf8').trimEnd().split('\n');
      expect(new Set(details).size).toBe(157);
      expect(details).toHaveLength(157);
      // Once more, when its last word was lost: the same.
      expect(await finishPublishing(stage.journalFolder)).toEqual(first);
      expect(readdirSync(stage.destination)).toHaveLength(155 + 158);
      await discardJournaled(stage.journalFolder);
      expect(readdirSync(stage.journalFolder)).toEqual([]);
    },
  );
});

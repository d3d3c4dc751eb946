import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../../../src-main/engine/content/journal.ts';
import type { Move } from '../../../../src-main/engine/files/publish.ts';
import { JOURNAL_HEADER, newFolder } from './support.ts';

const SLACK = 256 * 1024;

/** A journal of a publication that has told of these; gives its length, and what it says once it is opened again. */
function told(tell: (journal: Journal) => void): {
  readonly length: number;
  readonly moves: readonly Move[];
} {
  const folder = newFolder();
  const journal = Journal.create(folder);
  journal.start(JOURNAL_HEADER);
  tell(journal);
  const said = journal.state?.moves;
  journal.close();
  const opened = Journal.open(folder) ?? expect.fail('no journal');
  opened.journal.close();
  expect(opened.state.moves).toEqual(said);
  return { length: statSync(join(folder, 'journal')).size, moves: opened.state.moves };
}

const long = '\u0001'.repeat(50);
const move = (name: string, target: string, renamed: number): Move => ({
  name,
  target,
  claims: false,
  renamed,
});

describe('what a journal says of the names that things are about to get', () => {
  it('is all of the last plan, and of the plans before the first ones and what gets another name', () => {
    const plan = (n: number): Move[] =>
      Array.from({ length: 30 }, (_, each) => {
        const name = `${String(n)} ${String(each)}`;
        return move(name, each % 10 === 0 ? `_${name}` : name, 3 * n + 1 + Math.floor(each / 10));
      });
    const { moves } = told((journal) => {
      for (let n = 0; n < 3; n += 1) journal.plan(plan(n));
      journal.move({ ...move('last', 'last', 9), claims: true });
    });
    const first = plan(0).filter(({ name, target }, each) => each < 16 || name !== target);
    const second = plan(1).filter(({ name, target }) => name !== target);
    const names = [...first, ...second, ...plan(2)].map(({ name }) => name);
    expect(moves.map(({ name }) => name).sort()).toEqual([...names, 'last'].sort());
  });

  it('is bounded where the names of the same things are chosen again and again, and the last ones count', () => {
    const plan = (n: number): Move[] =>
      Array.from({ length: 50 }, (_, each) => move(`${long}${String(each)}`, `${long} ${String(n)}`, 1));
    const once = told((journal) => {
      journal.plan(plan(200));
    });
    const often = told((journal) => {
      for (let n = 1; n <= 200; n += 1) journal.plan(plan(n));
    });
    expect(often.moves).toEqual(once.moves);
    expect(often.length).toBeLessThan(6 * once.length + SLACK);
  });

  it('is the same after it was written anew, with what comes behind the plan', () => {
    const { moves } = told((journal) => {
      for (let n = 1; n <= 3000; n += 1) {
        if (n % 100 === 0) journal.plan([move(`${long}${String(n)}`, `_${String(n)}`, n / 100)]);
        journal.move({
          ...move(`folder ${String(n)}`, `folder ${String(n)}`, Math.floor(n / 100)),
          claims: true,
        });
      }
    });
    expect(moves.filter(({ name }) => name.startsWith(long))).toHaveLength(30);
    expect(moves.at(-1)).toMatchObject({ name: 'folder 3000', claims: true, renamed: 30 });
  });
});

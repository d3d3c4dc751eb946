import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Journal } from '../../../../src-main/engine/content/journal.ts';
import type { Checkpoint, SkippedGrowth } from '../../../../src-main/engine/content/journal-state.ts';
import { NOTHING_LANDED } from '../../../../src-main/engine/content/landing.ts';
import { openReception } from '../../../../src-main/engine/content/open-reception.ts';
import { AT_START } from '../../../../src-main/engine/content/parser.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { EMPTY_MARK as NONE } from '../../../../src-main/engine/files/side-file.ts';
import { diskOfTest } from '../../../support/disk-of-test.ts';
import { offeredOf } from '../../../support/offers.ts';
import { canMount } from '../../../support/small-disk.ts';
import { codeOf } from '../support.ts';
import { END, FAIL, Stage, data, entry, file, finish, folder, skip } from './play.ts';
import { JOURNAL_HEADER as HEADER, TRANSFER, agreedTo, newFolder } from './support.ts';

const KIB = 1024;
const RESERVE = 16 * KIB * KIB;
/** What a journal may have beyond twice what it says. */
const SLACK = 256 * KIB;

const sizeOf = (journalFolder: string): number => statSync(join(journalFolder, 'journal')).size;

function checkpoint(at: number, path: readonly string[] = []): Checkpoint {
  return {
    parser: { ...AT_START, entry: at, folder: [...path] },
    landing: NOTHING_LANDED,
    staging: { folders: NONE, entries: NONE, renames: NONE, leftOut: NONE, partial: null },
  };
}

/** What was left out, under long names. */
function left(count: number, anew: boolean, from = 0): SkippedGrowth {
  const files = Array.from({ length: count }, (_, n) => ({
    path: `${'\u0001'.repeat(500)}${String(from + n)}`,
    reason: 'vanished' as const,
    entry: from + n,
  }));
  return { anew, files };
}

function started(journalFolder: string, disk?: Disk): Journal {
  const journal = Journal.create(journalFolder, disk);
  onTestFinished(() => {
    journal.close();
  });
  journal.start(HEADER);
  return journal;
}

function read(journalFolder: string) {
  const opened = Journal.open(journalFolder) ?? expect.fail('no journal');
  opened.journal.close();
  return opened.state;
}

describe('a journal', () => {
  const long = Array.from({ length: 12 }, () => '\u0001'.repeat(250));
  const ways: [string, number, (journal: Journal, n: number) => void][] = [
    [
      'of many small checkpoints',
      8000,
      (journal, n) => {
        journal.checkpoint(checkpoint(n), null);
      },
    ],
    [
      'of checkpoints in a folder with a long path',
      200,
      (journal, n) => {
        journal.checkpoint(checkpoint(n, long), null);
      },
    ],
    [
      'of a list of what was left out that changes again and again',
      60,
      (journal, n) => {
        journal.checkpoint(checkpoint(n), left(90 + (n % 2), true));
      },
    ],
    [
      'of a list of what was left out that grows',
      100,
      (journal, n) => {
        journal.checkpoint(checkpoint(n, long), left(1, false, n));
      },
    ],
    [
      'of many moves',
      8000,
      (journal, n) => {
        const name = `${'\u0001'.repeat(50)}${String(n)}`;
        journal.move({ name, target: String(n), claims: true, renamed: n });
      },
    ],
    [
      'of many names tried for one move',
      8000,
      (journal, n) => {
        journal.move({ name: 'a', target: `${'\u0001'.repeat(50)}${String(n)}`, claims: false, renamed: 0 });
      },
    ],
  ];
  it.each(ways)('%s is bounded by what it says, and says it', async (_what, times, step) => {
    const journalFolder = newFolder();
    const journal = started(journalFolder);
    // The same, in one that was never long.
    const short = newFolder();
    let longest = 0;
    for (let n = 1; n <= times; n += 1) {
      step(journal, n);
      longest = Math.max(longest, sizeOf(journalFolder));
    }
    await journal.sync();
    expect(journal.isDirty).toBe(false);
    const state = read(journalFolder);
    const again = started(short);
    again.checkpoint(state.checkpoint ?? checkpoint(0), { anew: true, files: [...state.skipped] });
    for (const move of state.moves) again.move(move);
    expect({ ...read(short), checkpoint: state.checkpoint }).toEqual(state);
    expect(longest).toBeLessThan(3 * sizeOf(short) + SLACK);
    expect(existsSync(join(journalFolder, 'journal.new'))).toBe(false);
    const last = { checkpoint: state.checkpoint?.parser.entry, move: state.moves.at(-1)?.target };
    expect([last.checkpoint === times, last.move?.endsWith(String(times)) ?? false]).toContain(true);
  });

  it('that was left and gone on with again and again is no longer for it', () => {
    const journalFolder = newFolder();
    started(journalFolder).close();
    for (let n = 1; n <= 400; n += 1) {
      const { journal, state } = Journal.open(journalFolder) ?? expect.fail('no journal');
      expect(state.checkpoint?.parser.entry ?? 0).toBe(n - 1);
      journal.checkpoint(checkpoint(n), left(2, n % 5 === 0, n));
      journal.close();
      expect(read(journalFolder).skipped.length).toBe(n < 5 ? 2 * n : 2 + 2 * (n % 5));
    }
    expect(sizeOf(journalFolder)).toBeLessThan(SLACK + 100 * KIB);
  });

  it('forgets what was left out and never came to a checkpoint, also when it is written anew', () => {
    const journalFolder = newFolder();
    const journal = started(journalFolder);
    journal.checkpoint(checkpoint(1), left(1, false));
    journal.close();
    const whole = sizeOf(journalFolder);
    const { journal: again } = Journal.open(journalFolder) ?? expect.fail('no journal');
    again.checkpoint(checkpoint(2), left(1, false, 1));
    again.close();
    // Killed between the two records of that checkpoint.
    truncateSync(join(journalFolder, 'journal'), sizeOf(journalFolder) - 20);
    const { journal: last, state } = Journal.open(journalFolder) ?? expect.fail('no journal');
    expect(state.checkpoint?.parser.entry).toBe(1);
    expect(sizeOf(journalFolder)).toBe(whole);
    for (let n = 3; n < 1500; n += 1) last.checkpoint(checkpoint(n), null);
    last.close();
    expect(read(journalFolder).skipped).toEqual(left(1, false).files);
  });

  it('refuses a record that does not belong there, and is as it was', async () => {
    const journalFolder = newFolder();
    const journal = started(journalFolder);
    journal.checkpoint(checkpoint(1), null);
    await journal.begin();
    await journal.end(['a']);
    expect(
      await codeOf(() => {
        journal.checkpoint(checkpoint(2), null);
      }),
    ).toBe('internal');
    expect(read(journalFolder)).toMatchObject({ phase: 'published', checkpoint: checkpoint(1) });
  });
});

describe('a journal on a disk with little room', () => {
  const disk = (free: () => number): Disk => ({
    ...nodeDisk,
    space: (path) => ({ ...nodeDisk.space(path), freeBytes: free() }),
  });
  const small: [string, (journal: Journal) => void | Promise<void>][] = [
    [
      'a checkpoint',
      (journal) => {
        journal.checkpoint(checkpoint(2), null);
      },
    ],
    [
      'what was left out',
      (journal) => {
        journal.checkpoint(checkpoint(2), left(1, false));
      },
    ],
    [
      'a checkpoint that vouches for less',
      (journal) => {
        journal.retract(checkpoint(0));
      },
    ],
    ['the beginning of a publication', (journal) => journal.begin()],
    [
      'a move',
      (journal) => {
        journal.move({ name: 'a', target: 'a', claims: true, renamed: 0 });
      },
    ],
    ['the end of a publication', (journal) => journal.end(['a'])],
  ];
  it.each(small)('writes not even %s into what is kept free, and says what it said', async (_what, step) => {
    const journalFolder = newFolder();
    let free = RESERVE + SLACK;
    const journal = started(
      journalFolder,
      disk(() => free),
    );
    journal.checkpoint(checkpoint(1), null);
    const before = sizeOf(journalFolder);
    free = RESERVE;
    expect(await codeOf(() => step(journal))).toBe('no-space');
    expect(await codeOf(() => step(journal))).toBe('internal');
    expect(sizeOf(journalFolder)).toBe(before);
    expect(read(journalFolder)).toMatchObject({ checkpoint: checkpoint(1), phase: 'receiving' });
  });

  it('is not begun in what is kept free', async () => {
    const stage = new Stage();
    const { disk: real } = stage;
    const only = stage.journalFolder;
    stage.disk = {
      ...real,
      space: (path) => ({ ...real.space(path), ...(path === only ? { freeBytes: RESERVE } : {}) }),
    };
    expect(await codeOf(() => stage.connect())).toBe('no-space');
    expect(stage.hasStaging).toBe(false);
    stage.disk = real;
    expect(stage.connect()).toEqual({ entry: 0, offset: 0 });
  });

  it('is not written anew into what is kept free, and counts as it is', async () => {
    const journalFolder = newFolder();
    let free = RESERVE + 4 * SLACK;
    const journal = started(
      journalFolder,
      disk(() => free),
    );
    journal.checkpoint(checkpoint(1), left(100, true));
    for (let n = 2; sizeOf(journalFolder) < 800 * KIB; n += 1) journal.checkpoint(checkpoint(n), null);
    free = RESERVE + 100 * KIB;
    let n = 100_000;
    const code = await codeOf(() => {
      for (; n < 200_000; n += 1) journal.checkpoint(checkpoint(n), null);
    });
    expect(code).toBe('no-space');
    expect(read(journalFolder)).toMatchObject({ checkpoint: checkpoint(n) });
    expect(read(journalFolder).skipped).toHaveLength(100);
  });
});

describe('what a sender does to the journal of its receiver', () => {
  it('a byte at a time below a long path costs it no length', async () => {
    const stage = new Stage();
    stage.offered = offeredOf({ itemCount: 1, files: 1, folders: 20, bytes: 10_000 });
    stage.connect();
    const path: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      path.push('\u0001'.repeat(250));
      await stage.play(folder(path.join('/')));
    }
    const said = entry([...path, 'f'].join('/'), 10_000);
    for (let n = 0; n < 60; n += 1) {
      await stage.play(said, data('x'));
      expect((await stage.reconnect()).offset).toBe(n + 1);
    }
    expect(sizeOf(stage.journalFolder)).toBeLessThan(SLACK + 150 * KIB);
  });

  it('a long list of what is left out that changes again and again costs it no more than a few such lists', async () => {
    const stage = new Stage();
    stage.offered = offeredOf({ itemCount: 1, files: 100, folders: 0, bytes: 0 });
    stage.connect();
    await stage.play(entry('x', 0), FAIL);
    for (let n = 0; n < 99; n += 1) await stage.play(skip('\u0001'.repeat(500) + String(n)));
    await stage.reconnect();
    for (let n = 0; n < 10; n += 1) {
      await stage.play(entry('x', 0, 0), END);
      await stage.reconnect();
      await stage.play(entry('x', 0, 0), FAIL);
      await stage.reconnect();
    }
    expect(read(stage.journalFolder).skipped).toHaveLength(100);
    expect(sizeOf(stage.journalFolder)).toBeLessThan(3 * 310 * KIB + SLACK);
  });

  it('thousands of folders at the top are published with no more than a few noted', async () => {
    const stage = new Stage();
    const many = 1500;
    stage.offered = offeredOf({ itemCount: many + 1, files: 1, folders: many, bytes: 1 });
    mkdirSync(join(stage.destination, 'f'));
    for (let n = 2; n < 300; n += 1) mkdirSync(join(stage.destination, `f (${String(n)})`));
    stage.connect();
    await stage.play(file('f', 'x'));
    for (let n = 0; n < many; n += 1) await stage.play(folder(`${'"'.repeat(240)}${String(n)}`));
    await stage.play(finish(stage.reception));
    const { names } = await stage.publish();
    expect(names).toHaveLength(16);
    expect(existsSync(join(stage.destination, `${'"'.repeat(240)}${String(many - 1)}`))).toBe(true);
    expect(existsSync(join(stage.destination, 'f (300)'))).toBe(true);
    expect(sizeOf(stage.journalFolder)).toBeLessThan(SLACK + 150 * KIB);
    expect(read(stage.journalFolder)).toMatchObject({ phase: 'published', names });
  });

  it.runIf(canMount)('it leaves free what is kept free, and what is safe stays so', async () => {
    const disk = await diskOfTest(32 * KIB * KIB);
    const journalFolder = await disk.place('transfer');
    const destination = newFolder();
    const counts = { itemCount: 1, files: 2, folders: 20, bytes: 1000 };
    const open = () => {
      const agreed = agreedTo(destination);
      return openReception({ transfer: TRANSFER, agreed, journalFolder, offered: offeredOf(counts) });
    };
    let reception = open();
    const play = (...records: ReturnType<typeof file>): void => {
      for (const record of records) {
        reception.parser.accept(record);
        reception.apply(record);
      }
    };
    const path: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      path.push('\u0001'.repeat(250));
      play(folder(path.join('/')));
    }
    const said = entry([...path, 'f'].join('/'), 1000);
    play(said, data('x'));
    await reception.suspend();
    await disk.leave(RESERVE + 100 * KIB);
    let safe = 1;
    for (let n = 0; n < 20; n += 1) {
      reception = open();
      const { offset } = reception.parser.cursor;
      expect(offset).toBeGreaterThanOrEqual(safe);
      safe = offset;
      play(said, data('x'));
      await reception.suspend();
      expect(disk.free).toBeGreaterThanOrEqual(RESERVE);
    }
    expect(safe).toBeLessThan(20);
    disk.clear();
    reception = open();
    expect(reception.parser.cursor).toEqual({ entry: 12, offset: safe });
    await reception.discard();
  });
});

it(
  'a process that is killed behind any of its calls leaves a journal that says all it said',
  { timeout: 300_000 },
  () => {
    const program = fileURLToPath(new URL('./fixtures/dying-journal.ts', import.meta.url));
    const journalFolder = newFolder();
    started(journalFolder).close();
    let said = 0;
    for (let killAfter = 1; ; killAfter += 1) {
      const run = spawnSync(process.execPath, [program, journalFolder, String(killAfter)], {
        encoding: 'utf8',
      });
      const lines = run.stdout.trim().split('\n');
      const wrote = lines
        .filter((line) => line.startsWith('wrote'))
        .map((line) => Number(line.split(' ')[1]));
      said = Math.max(said, ...wrote);
      const { checkpoint: last, skipped } = read(journalFolder);
      expect(readdirSync(journalFolder)).toEqual(['journal']);
      expect(last?.parser.entry ?? 0).toBeGreaterThanOrEqual(said);
      // A checkpoint that was not said may be there all the same.
      expect(last?.parser.entry ?? 0).toBeLessThanOrEqual(said + 1);
      said = last?.parser.entry ?? 0;
      expect(skipped).toHaveLength(said === 0 ? 0 : 30);
      if (lines.at(-1)?.startsWith('all') === true) break;
      expect(run.signal).toBe('SIGKILL');
    }
    expect(said).toBeGreaterThan(30);
  },
);

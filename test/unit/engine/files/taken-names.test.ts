import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { freeName } from '../../../../src-main/engine/files/names.ts';
import type { PublishLog } from '../../../../src-main/engine/files/publication.ts';
import type { Move } from '../../../../src-main/engine/files/publish.ts';
import { NO_LOG, newFolder, put, rejectionOf, stage, systemError } from './world.ts';

interface Counted {
  readonly disk: Disk;
  readonly log: PublishLog;
  /** The names that were made, or were to be, in order. */
  readonly tried: readonly string[];
  readonly plans: readonly (readonly Move[])[];
  readonly claims: readonly Move[];
}

/** Counts what publishing does; `onTry` may put something in its way. */
function counted(links: 'has links' | 'has none', onTry: (path: string) => void = () => undefined): Counted {
  const tried: string[] = [];
  const plans: (readonly Move[])[] = [];
  const claims: Move[] = [];
  const disk: Disk = {
    ...nodeDisk,
    link: (from, to) => {
      if (links === 'has none') throw systemError('EPERM');
      tried.push(basename(to));
      onTry(to);
      nodeDisk.link(from, to);
    },
  };
  const log: PublishLog = {
    ...NO_LOG,
    plan: (moves) => {
      plans.push(moves);
    },
    move: (move) => {
      claims.push(move);
    },
  };
  return { disk, log, tried, plans, claims };
}

/** Takes the name, and its numbers up to `last`. */
function take(folder: string, name: string, last: number): void {
  for (let n = 1; n <= last; n += 1) writeFileSync(join(folder, n === 1 ? name : freeName(name, n)), 'mine');
}

describe('a name of which very many numbers are taken', () => {
  it.each(['has links', 'has none'] as const)(
    'is given the next one at the first try, noted once, on a disk that %s',
    async (links) => {
      const folder = newFolder();
      take(folder, 'a', 3000);
      const { disk, log, tried, plans, claims } = counted(links);
      const staging = stage(folder, disk);
      put(staging, ['a'], 'yours');
      expect((await staging.publish(log)).names).toEqual(['a (3001)']);
      expect(plans.flat().map(({ target }) => target)).toEqual(['a (3001)']);
      expect(tried.length + claims.length).toBe(1);
      expect(readFileSync(join(folder, 'a (3001)'), 'utf8')).toBe('yours');
    },
  );

  it('is given to none of many long names that share its numbers more than once', async () => {
    const folder = newFolder();
    const nameOf = (n: number): string => `${'p'.repeat(250)}${String(n).padStart(5, '0')}`;
    expect(freeName(nameOf(1), 2000)).toBe(freeName(nameOf(2), 2000));
    take(folder, nameOf(0), 2000);
    for (let n = 1; n < 40; n += 1) writeFileSync(join(folder, nameOf(n)), 'mine');
    const { disk, log, tried, plans } = counted('has links');
    const staging = stage(folder, disk);
    for (let n = 0; n < 40; n += 1) put(staging, [nameOf(n)], 'yours');
    expect((await staging.publish(log)).renamedCount).toBe(40);
    expect(tried).toHaveLength(40);
    expect(plans).toHaveLength(1);
    const names = readdirSync(folder);
    expect(names).toHaveLength(2039 + 40);
    const yours = names.filter((name) => readFileSync(join(folder, name), 'utf8') === 'yours');
    const expected = Array.from({ length: 40 }, (_, n) => freeName(nameOf(0), 2001 + n));
    expect(yours.sort()).toEqual(expected.sort());
  });
});

describe('a name that is free when it is chosen, and taken when it is made', () => {
  it('stays whose it is, and the next one is chosen', async () => {
    const folder = newFolder();
    const world = counted('has links', (path) => {
      if (['b', 'b (2)'].includes(basename(path))) writeFileSync(path, 'mine');
    });
    const staging = stage(folder, world.disk);
    for (const name of ['a', 'b', 'c']) put(staging, [name], 'yours');
    const { names, renamedCount } = await staging.publish(world.log);
    expect({ names, renamedCount }).toEqual({ names: ['a', 'b (3)', 'c'], renamedCount: 1 });
    expect(world.tried).toEqual(['a', 'b', 'b (2)', 'b (3)', 'c']);
    const last = world.plans.at(-1)?.map(({ name, target, renamed }) => [name, target, renamed]);
    expect(last).toEqual([
      ['b', 'b (3)', 1],
      ['c', 'c', 1],
    ]);
    for (const name of ['b', 'b (2)']) expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
  });

  it('is looked for no more than so often, where whichever is chosen is taken', async () => {
    const folder = newFolder();
    const world = counted('has links', (path) => {
      writeFileSync(path, 'mine');
    });
    const staging = stage(folder, world.disk);
    put(staging, ['a'], 'yours');
    expect(await rejectionOf(staging.publish(world.log))).toBe('destination-unusable');
    expect(world.tried).toHaveLength(100);
    expect(new Set(world.tried).size).toBe(100);
  });
});

import { once } from 'node:events';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLock, LOCK_FILE } from '../../../../src-main/engine/store/lock.ts';
import { runFixture, startFixture, temporaryFolder } from './support.ts';

const DAY_MS = 24 * 60 * 60_000;

/** A process that has the lock of the profile in `folder`. */
async function holder(folder: string) {
  const child = startFixture('hold-lock', folder);
  await once(child.stdout, 'data');
  return child;
}

describe('the lock of a profile', () => {
  it('runs one task at a time, in order, and goes on after one that failed', async () => {
    const lock = createLock(await temporaryFolder());
    const log: string[] = [];
    const task = (name: string) =>
      lock.run(async () => {
        log.push(`${name} begins`);
        await delay(5);
        log.push(`${name} ends`);
        if (name === 'first') throw new Error('no');
        return name;
      });
    const results = await Promise.allSettled([task('first'), task('second')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(log).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });

  it('excludes another lock of the same profile', async () => {
    const folder = await temporaryFolder();
    let inside = 0;
    const task = async (): Promise<void> => {
      inside += 1;
      await delay(5);
      expect(inside).toBe(1);
      inside -= 1;
    };
    const locks = [createLock(folder), createLock(folder), createLock(folder)];
    await Promise.all(locks.flatMap((lock) => [lock.run(task), lock.run(task)]));
  });

  it('excludes other processes', async () => {
    const folder = await temporaryFolder();
    await Promise.all([1, 2, 3].map(() => runFixture('enter-lock', folder, '60')));
    expect(await readdir(folder)).toEqual([LOCK_FILE]);
  });

  it('is free at once when the process that held it was killed', async () => {
    const folder = await temporaryFolder();
    const child = await holder(folder);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await createLock(folder).run(() => Promise.resolve('done'))).toBe('done');
  });

  it.each([
    ['a day from now, after a clock that was set back', DAY_MS],
    ['long ago', -DAY_MS],
  ])('that was left behind, and is dated %s, keeps no process out', async (_when, off) => {
    const folder = await temporaryFolder();
    const child = await holder(folder);
    const date = new Date(Date.now() + off);
    const dateAll = async () => {
      for (const name of await readdir(folder)) await utimes(join(folder, name), date, date);
    };
    await dateAll();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await dateAll();
    expect(await createLock(folder).run(() => Promise.resolve('done'))).toBe('done');
  });

  it('that is dated long ago is still its holder’s', async () => {
    const folder = await temporaryFolder();
    const child = await holder(folder);
    let other = false;
    const entered = createLock(folder).run(() => Promise.resolve((other = true)));
    for (let i = 0; i < 20; i += 1) {
      for (const name of await readdir(folder)) await utimes(join(folder, name), new Date(0), new Date(0));
      await delay(20);
    }
    expect(other).toBe(false);
    child.stdin.end('\n');
    expect(await entered).toBe(true);
  });

  it.runIf(process.platform !== 'win32')(
    'stays that of a process that was suspended, however long it slept',
    async () => {
      const folder = await temporaryFolder();
      const child = await holder(folder);
      child.kill('SIGSTOP');
      const entered = createLock(folder).run(() => readdir(folder));
      // Longer than a lock that lives by a clock could be kept by a process that does not run.
      await delay(5_000);
      child.kill('SIGCONT');
      child.stdin.end('\n');
      expect(await entered).toContain('ended');
    },
    20_000,
  );

  it('is not in the way of what an earlier version left under the names of its own locks', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'store.lock'));
    await writeFile(join(folder, 'store.holder'), 'another');
    expect(await createLock(folder).run(() => Promise.resolve('done'))).toBe('done');
  });

  it('fails at once where no lock can be made', async () => {
    const lock = createLock(join(await temporaryFolder(), 'absent'));
    await expect(lock.run(() => Promise.resolve())).rejects.toThrow('ENOENT');
  });
});

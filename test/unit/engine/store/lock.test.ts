import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLock } from '../../../../src-main/engine/store/lock.ts';
import { temporaryFolder } from './support.ts';

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

  it('is taken over from a process that was killed while it held it', async () => {
    const folder = await temporaryFolder();
    const left = join(folder, 'store.lock');
    await mkdir(left);
    const before = new Date(Date.now() - 5_000);
    await utimes(left, before, before);
    expect(await createLock(folder).run(() => Promise.resolve('done'))).toBe('done');
  });

  it('runs a task again whose lock was taken over before it took effect', async () => {
    const folder = await temporaryFolder();
    let runs = 0;
    let effects = 0;
    await createLock(folder).run(async (assertHeld) => {
      runs += 1;
      if (runs === 1) {
        // What another process leaves that took over, changed something and is done.
        await rm(join(folder, 'store.lock'), { recursive: true });
        await writeFile(join(folder, 'store.holder'), 'another');
      }
      await assertHeld();
      effects += 1;
    });
    expect([runs, effects]).toEqual([2, 1]);
  });

  it('fails at once where no lock can be made', async () => {
    const lock = createLock(join(await temporaryFolder(), 'absent'));
    await expect(lock.run(() => Promise.resolve())).rejects.toThrow('ENOENT');
  });
});

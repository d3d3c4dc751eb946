import { describe, expect, it } from 'vitest';
import { createSync } from '../../../../src-main/engine/files/sync.ts';
import { systemError } from './world.ts';

/** File descriptors are their own devices; each sync takes what `durations` says next, in ms. */
function watched(durations: (call: number, fd: number) => number) {
  let [time, calls] = [0, 0];
  const here: number[] = [];
  const elsewhere: number[] = [];
  const sync = createSync({
    here: (fd) => {
      here.push(fd);
      time += durations(calls++, fd);
    },
    elsewhere: (fd) => {
      elsewhere.push(fd);
      return Promise.resolve();
    },
    deviceOf: (fd) => fd,
    now: () => time,
  });
  return { sync, here, elsewhere };
}

describe('a sync', () => {
  it('is done in this thread where it takes no time', async () => {
    const { sync, here, elsewhere } = watched(() => 0.001);
    for (let n = 0; n < 1000; n++) await sync(1);
    expect([here.length, elsewhere.length]).toEqual([1000, 0]);
  });

  it('is handed over where the disk takes its time, after the few by which that is noticed', async () => {
    const { sync, here, elsewhere } = watched(() => 5);
    for (let n = 0; n < 1000; n++) await sync(1);
    expect([here.length, elsewhere.length]).toEqual([3, 997]);
  });

  it('is handed over from the first one on that takes long', async () => {
    const { sync, here, elsewhere } = watched((call) => (call === 9 ? 2000 : 0.001));
    for (let n = 0; n < 100; n++) await sync(1);
    expect([here.length, elsewhere.length]).toEqual([10, 90]);
  });

  it('is handed over where one in eight takes its time', async () => {
    const { sync, elsewhere } = watched((call) => (call % 8 === 0 ? 5 : 0.001));
    for (let n = 0; n < 1000; n++) await sync(1);
    expect(elsewhere.length).toBeGreaterThan(800);
  });

  it('stays here when this thread was interrupted now and then', async () => {
    const { sync, elsewhere } = watched((call) => (call % 20 === 0 ? 5 : 0.001));
    for (let n = 0; n < 1000; n++) await sync(1);
    expect(elsewhere).toEqual([]);
  });

  it('is judged for each file system by itself', async () => {
    const { sync, here, elsewhere } = watched((_call, fd) => (fd === 1 ? 5 : 0.001));
    for (let n = 0; n < 100; n++) {
      await sync(1);
      await sync(2);
    }
    expect(new Set(elsewhere)).toEqual(new Set([1]));
    expect(here.filter((fd) => fd === 2)).toHaveLength(100);
  });

  it('does not ask for the device that it is told', async () => {
    const { sync, here, elsewhere } = watched((_call, fd) => (fd === 1 ? 5 : 0.001));
    // The disk that 1 lies on is slow, and now 2 is said to lie on it, too.
    for (let n = 0; n < 3; n++) await sync(1);
    await sync(2, 1);
    expect([here.length, elsewhere]).toEqual([3, [2]]);
  });

  it('rejects with what went wrong, in whichever thread', async () => {
    const fails = {
      here: () => {
        throw systemError('EIO');
      },
      elsewhere: () => Promise.reject(systemError('EIO')),
      deviceOf: () => 1,
    };
    let time = 0;
    await expect(createSync({ ...fails, now: () => time })(1)).rejects.toThrow('EIO');
    const slow = createSync({ ...fails, here: () => (time += 5), now: () => time });
    for (let n = 0; n < 3; n++) await slow(1);
    await expect(slow(1)).rejects.toThrow('EIO');
  });
});

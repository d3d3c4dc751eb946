import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../../../src-main/engine/store/contract.ts';
import { MAX_HISTORY } from '../../../../src-main/engine/store/contract.ts';
import { openDocument } from '../../../../src-main/engine/store/document.ts';
import { historySchema } from '../../../../src-main/engine/store/history.ts';
import { createLock } from '../../../../src-main/engine/store/lock.ts';
import { openStore } from '../../../../src-main/engine/store/store.ts';
import { openedStore, rejectionCode, running, temporaryFolder, transfer, transferId } from './support.ts';

const cancelled = { kind: 'cancelled', by: 'me' } as const;

function numbers(store: Store): number[] {
  return store.history.list().map(({ created }) => created);
}

describe('the history of a store', () => {
  it('has the newest first, replaces in place, and is there after opening again', async () => {
    const profile = await temporaryFolder();
    const store = await openedStore(profile);
    for (const n of [2, 1, 3]) await store.history.put(transfer(n, cancelled));
    await store.history.put(transfer(2, { kind: 'declined' }));
    expect(numbers(store)).toEqual([3, 2, 1]);
    const again = await openedStore(profile);
    expect(again.history.list()).toEqual(store.history.list());
    expect(again.history.list()[1]?.state.kind).toBe('declined');
  });

  it('keeps the newest 500', async () => {
    const store = await openedStore(await temporaryFolder());
    for (let n = 1; n <= MAX_HISTORY + 2; n += 1) await store.history.put(transfer(n, running(0)));
    await store.history.put(transfer(0, cancelled));
    expect(numbers(store)).toEqual(Array.from({ length: MAX_HISTORY }, (_, i) => MAX_HISTORY + 2 - i));
  });

  it('shows running transfers at once, but writes them together, once a second', async () => {
    const store = await openedStore(await temporaryFolder());
    const heard: number[] = [];
    const begun = performance.now();
    store.history.onChange(() => heard.push(performance.now() - begun));
    for (let bytes = 0; heard.length < 2; bytes += 1) {
      await store.history.put(transfer(1, running(bytes)));
      await store.history.put(transfer(2, running(bytes)));
      expect(store.history.list().map(({ state }) => state)).toEqual([running(bytes), running(bytes)]);
      await delay(20);
    }
    // Timers may be some milliseconds early by another clock.
    expect(heard[0]).toBeGreaterThan(950);
    expect(heard[1]).toBeGreaterThan(1_950);
  });

  it('writes an ended transfer at once, with what is unwritten', async () => {
    const profile = await temporaryFolder();
    const store = await openedStore(profile);
    await store.history.put(transfer(1, running(10)));
    await store.history.put(transfer(2, cancelled));
    const again = await openedStore(profile);
    expect(again.history.list()).toEqual([transfer(2, cancelled), transfer(1, running(10))]);
  });

  it('writes what is unwritten when the store is closed', async () => {
    const profile = await temporaryFolder();
    const store = await openStore({ profile, defaultName: 'laptop', now: Date.now });
    await store.history.put(transfer(1, running(10)));
    await store.close();
    expect((await openedStore(profile)).history.list()).toEqual([transfer(1, running(10))]);
  });

  it('keeps what could not be written, and writes it once it can', async () => {
    const profile = await temporaryFolder();
    const store = await openedStore(profile);
    // Nobody can write a folder, not even root.
    const inTheWay = join(profile, 'history.copy.json');
    await rm(inTheWay, { force: true });
    await mkdir(inTheWay);
    await store.history.put(transfer(1, running(10)));
    expect(await rejectionCode(store.history.put(transfer(2, cancelled)))).toBe('profile-unusable');
    // The one that is written by itself, a second later, fails where nobody hears of it.
    await store.history.put(transfer(1, running(20)));
    await delay(1_200);
    expect(store.history.list()).toEqual([transfer(2, cancelled), transfer(1, running(20))]);
    await rmdir(inTheWay);
    await store.history.put(transfer(3, cancelled));
    const again = await openedStore(profile);
    expect(again.history.list()).toEqual([
      transfer(3, cancelled),
      transfer(2, cancelled),
      transfer(1, running(20)),
    ]);
  });

  it('forgets what is removed, written or not', async () => {
    const profile = await temporaryFolder();
    const store = await openedStore(profile);
    for (const n of [1, 2]) await store.history.put(transfer(n, cancelled));
    for (const n of [3, 4]) await store.history.put(transfer(n, running(0)));
    await store.history.remove([transferId(2), transferId(3)]);
    expect(numbers(store)).toEqual([4, 1]);
    await store.close();
    expect(numbers(await openedStore(profile))).toEqual([4, 1]);
  });

  it('merges what several processes put', async () => {
    const profile = await temporaryFolder();
    const [one, other] = [await openedStore(profile), await openedStore(profile)];
    await one.history.put(transfer(1, cancelled));
    await other.history.put(transfer(2, running(5)));
    await one.history.put(transfer(3, cancelled));
    await other.close();
    const folder = { folder: profile, name: 'history', lock: createLock(profile) };
    const onDisk = await openDocument({ ...folder, schema: historySchema, empty: () => [] });
    expect(onDisk.read().map(({ created }) => created)).toEqual([3, 2, 1]);
  });
});

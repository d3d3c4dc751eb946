import { mkdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  MAX_LISTED_SKIPS,
  MAX_NAME_BYTES,
  MAX_OFFER_NAMES,
  MAX_PATH_BYTES,
} from '../../../../shared/limits.ts';
import type { LeftOut, Outcome, TransferState, TransferView } from '../../../../shared/views.ts';
import type { Store } from '../../../../src-main/engine/store/contract.ts';
import {
  MAX_RECEIVED_BYTES_PER_DEVICE,
  MAX_RECEIVED_PER_DEVICE,
  MAX_SENT,
  MAX_SENT_BYTES,
} from '../../../../src-main/engine/store/contract.ts';
import { openDocument } from '../../../../src-main/engine/store/document.ts';
import { historySchema } from '../../../../src-main/engine/store/history.ts';
import { createLock } from '../../../../src-main/engine/store/lock.ts';
import { openStore } from '../../../../src-main/engine/store/store.ts';
import { boundState, boundView, bytesAtRest } from '../../../../src-main/engine/store/view-bytes.ts';
import { cameTo } from '../../../support/ended.ts';
import { deviceId, openedStore, rejectionCode, running, temporaryFolder, transfer } from './support.ts';

const progress = { bytes: 5, files: 0, bytesPerSecond: 0, secondsLeft: null };
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

  it('keeps the newest 500 of what was sent', async () => {
    const store = await openedStore(await temporaryFolder());
    for (let n = 1; n <= MAX_SENT + 2; n += 1) await store.history.put(transfer(n, running(0)));
    await store.history.put(transfer(0, cancelled));
    expect(numbers(store)).toEqual(Array.from({ length: MAX_SENT }, (_, i) => MAX_SENT + 2 - i));
  });

  it('keeps what was sent, and what others sent, however much one device sends', async () => {
    const store = await openedStore(await temporaryFolder());
    const from = (name: string) => ({ direction: 'receive' as const, device: { id: deviceId(name), name } });
    await store.history.put(transfer(1, cancelled));
    await store.history.put(transfer(2, cancelled, from('friend')));
    for (let n = 3; n <= MAX_SENT + 100; n += 1) {
      await store.history.put(transfer(n, running(0), from('flood')));
    }
    await store.history.put(transfer(MAX_SENT + 101, cancelled, from('flood')));
    expect(numbers(store).slice(-2)).toEqual([2, 1]);
    expect(numbers(store)).toHaveLength(MAX_RECEIVED_PER_DEVICE + 2);
  });

  describe('with transfers whose names and paths are as long as a peer can make them', () => {
    const escaped = (length: number) => '\u0001'.repeat(length);
    const items = Array.from({ length: MAX_OFFER_NAMES }, () => ({
      name: escaped(MAX_NAME_BYTES),
      kind: 'file' as const,
      hidden: false,
      program: false,
    }));
    const outcome = (names: readonly string[]): Outcome => ({
      bytes: 0,
      files: 0,
      seconds: 1,
      resent: Array.from({ length: MAX_LISTED_SKIPS }, () => escaped(MAX_PATH_BYTES)),
      resentCount: 200,
      grown: [],
      grownCount: 0,
      renamed: [],
      renamedCount: 0,
      into: null,
      names: [...names],
    });
    const leftOut: LeftOut = {
      skipped: Array.from({ length: MAX_LISTED_SKIPS }, () => ({
        path: escaped(MAX_PATH_BYTES),
        reason: 'vanished' as const,
      })),
      skippedCount: 100,
    };
    const ended = (names: readonly string[]) =>
      ({ kind: 'incomplete', outcome: outcome(names), leftOut }) as const;
    const flood = (n: number, change: Partial<TransferView> = {}) =>
      transfer(n, ended(items.map(({ name }) => name)), { items, ...change });
    const from = (name: string) => ({ direction: 'receive' as const, device: { id: deviceId(name), name } });
    const sizeOnDisk = async (profile: string) => (await stat(join(profile, 'history.json'))).size;

    it('is bounded in bytes, and keeps what is not that device’s as it was', async () => {
      const profile = await temporaryFolder();
      const store = await openedStore(profile);
      const own = transfer(1, cancelled);
      const received = transfer(2, { kind: 'declined' }, from('friend'));
      await store.history.put(own);
      await store.history.put(received);
      for (let n = 3; n < 223; n += 1) {
        await store.history.put(flood(n, from('flood')));
        expect(await sizeOnDisk(profile)).toBeLessThan(MAX_RECEIVED_BYTES_PER_DEVICE + 4096);
      }
      const { history } = await openedStore(profile);
      expect(history.list().slice(-2)).toEqual([received, own]);
      const kept = history.list().slice(0, -2);
      expect(kept.length).toBeGreaterThan(50);
      expect(kept[0]?.created).toBe(222);
      // Lists went before records did, and what they count stays.
      for (const view of kept)
        expect(view).toMatchObject({
          items: [items[0]],
          state: {
            outcome: { resent: [], resentCount: 200, names: [] },
            leftOut: { skipped: [], skippedCount: 100 },
          },
        });
    }, 120_000);

    it('loses lists before any of what was sent, and none of one that was sent lately', async () => {
      const profile = await temporaryFolder();
      const own = { items: items.slice(0, 1), state: ended([]) };
      const before = Array.from({ length: 120 }, (_, n) => boundView(transfer(120 - n, own.state, own)));
      const folder = { folder: profile, name: 'history', lock: createLock(profile) };
      const written = await openDocument({ ...folder, schema: historySchema, empty: () => [] });
      await written.change(() => [before, undefined]);
      expect(await sizeOnDisk(profile)).toBeGreaterThan(MAX_SENT_BYTES);
      const store = await openedStore(profile);
      await store.history.put(transfer(121, cancelled));
      expect(await sizeOnDisk(profile)).toBeLessThan(MAX_SENT_BYTES + 4096);
      const list = (await openedStore(profile)).history.list();
      expect(list).toHaveLength(121);
      const listed = (view: TransferView | undefined) =>
        view?.state.kind === 'incomplete' ? view.state.leftOut.skipped.length : undefined;
      expect(listed(list[1])).toBeGreaterThan(0);
      expect(listed(list.at(-1))).toBe(0);
    });

    it('has at most 32 KiB of lists in each, however they are spread over them', () => {
      for (const view of [flood(1), { ...flood(2), items: [] }]) {
        const { items: shown, itemCount, state } = boundView(view);
        const { names, skipped, resent, skippedCount } = cameTo({ state });
        expect(bytesAtRest([shown, names, skipped, resent])).toBeLessThanOrEqual(32 * 1024 + 16);
        expect([itemCount, skippedCount]).toEqual([view.itemCount, 100]);
        const made = cameTo({ state: boundState(ended([]), shown) });
        expect(bytesAtRest([shown, made.names, made.skipped, made.resent])).toBeLessThanOrEqual(
          32 * 1024 + 16,
        );
      }
      // What fits is left as it is.
      const small = transfer(3, { kind: 'done', outcome: { ...outcome(['a']), resent: ['b'] } });
      expect(boundView(small)).toEqual(small);
    });
  });

  it('does not keep at the top, nor before what is newer, what was sent while the clock said 2100', async () => {
    const store = await openedStore(await temporaryFolder(), () => 1000);
    const in2100 = Date.UTC(2100, 0);
    await store.history.put(transfer(1, cancelled));
    await store.history.put(transfer(2, cancelled, { created: in2100 }));
    await store.history.put(transfer(3, cancelled));
    expect(numbers(store)).toEqual([3, 1, in2100]);
    for (let n = 4; n < MAX_SENT + 4; n += 1) await store.history.put(transfer(n, cancelled));
    expect(numbers(store)).not.toContain(in2100);
  }, 60_000);

  it('keeps apart what has the same id, from another device or in the other direction', async () => {
    const profile = await temporaryFolder();
    const store = await openedStore(profile);
    const received = { direction: 'receive' as const };
    const other = { ...received, device: { id: deviceId('other'), name: 'other' } };
    await store.history.put(transfer(1, { kind: 'declined' }));
    await store.history.put(transfer(1, cancelled, { ...received, created: 2 }));
    await store.history.put(transfer(1, cancelled, { ...other, created: 3 }));
    const again = await openedStore(profile);
    expect(again.history.list().map(({ created, state }) => [created, state.kind])).toEqual([
      [3, 'cancelled'],
      [2, 'cancelled'],
      [1, 'declined'],
    ]);
    await again.history.remove([transfer(1, cancelled, { ...received, created: 2 })]);
    expect(numbers(again)).toEqual([3, 1]);
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
    await store.history.remove([transfer(2, cancelled), transfer(3, running(0))]);
    expect(numbers(store)).toEqual([4, 1]);
    await store.close();
    expect(numbers(await openedStore(profile))).toEqual([4, 1]);
  });

  it.each<[string, TransferState]>([
    [
      'that it waits',
      { kind: 'waiting', error: { code: 'interrupted', message: '' }, retryAt: null, progress },
    ],
    ['that it runs', running(5)],
    ['that it is paused', { kind: 'paused', by: 'peer', progress }],
  ])('keeps the end that one process has written, however late another one puts %s', async (_, late) => {
    const profile = await temporaryFolder();
    const [one, other] = [await openedStore(profile), await openedStore(profile)];
    await one.history.put(transfer(1, late));
    await other.history.put(transfer(1, cancelled));
    await one.history.flush();
    expect(one.history.list().map(({ state: { kind } }) => kind)).toEqual(['cancelled']);
    await one.history.put(transfer(1, late));
    expect(one.history.find(transfer(1, late))?.state.kind).toBe('cancelled');
    await one.close();
    await other.close();
    expect((await openedStore(profile)).history.list().map(({ state: { kind } }) => kind)).toEqual([
      'cancelled',
    ]);
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

import { rename } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import type { DeviceRecord } from '../../../../src-main/engine/store/contract.ts';
import { device, deviceId, openedStore, putDevice, rejectionCode, temporaryFolder } from './support.ts';

describe('the devices of a store', () => {
  it('are put, replaced in place, and there after opening again', async () => {
    const profile = await temporaryFolder();
    const { devices } = await openedStore(profile);
    await putDevice(devices, device('a'));
    await putDevice(devices, device('b', { into: '/somewhere', lastSeen: 5 }));
    await putDevice(devices, device('a', { accept: 'always' }));
    const expected = [device('a', { accept: 'always' }), device('b', { into: '/somewhere', lastSeen: 5 })];
    expect(devices.list()).toEqual(expected);
    expect((await openedStore(profile)).devices.list()).toEqual(expected);
    expect(devices.get(deviceId('b'))).toEqual(expected[1]);
    expect(devices.get(deviceId('c'))).toBeUndefined();
  });

  it('are changed by field; one that is not there is not made', async () => {
    const { devices } = await openedStore(await temporaryFolder());
    await putDevice(devices, device('a', { into: '/somewhere' }));
    const changed = device('a', { into: '/somewhere', name: 'desk' });
    expect(await devices.change(deviceId('a'), { name: 'desk' })).toEqual(changed);
    expect(await devices.change(deviceId('b'), { name: 'desk' })).toBeUndefined();
    expect(devices.list()).toEqual([changed]);
  });

  it('are removed, and it is said whether there was one', async () => {
    const { devices } = await openedStore(await temporaryFolder());
    await putDevice(devices, device('a'));
    expect(await devices.remove(deviceId('a'))).toBe(true);
    expect(await devices.remove(deviceId('a'))).toBe(false);
    expect(devices.list()).toEqual([]);
  });

  it('are put and changed from the newest record, which another process may have written meanwhile', async () => {
    const profile = await temporaryFolder();
    const [{ devices }, another] = [await openedStore(profile), await openedStore(profile)];
    await putDevice(devices, device('a', { accept: 'always', lastSeen: 1 }));
    await another.devices.change(deviceId('a'), { accept: 'ask' });
    await Promise.all([
      devices.change(deviceId('a'), { name: 'desk' }),
      devices.put(deviceId('a'), (known) => ({ ...device('a'), ...known, paired: 2 })),
      devices.change(deviceId('a'), (known) => ({ lastSeen: (known.lastSeen ?? 0) + known.paired })),
    ]);
    const expected = device('a', { name: 'desk', paired: 2, lastSeen: 3 });
    expect(devices.get(deviceId('a'))).toEqual(expected);
  });

  it('stay as they are when what is to be put is refused for what the newest record is', async () => {
    const profile = await temporaryFolder();
    const [{ devices }, another] = [await openedStore(profile), await openedStore(profile)];
    await putDevice(devices, device('a'));
    await another.devices.remove(deviceId('a'));
    const put = devices.put(deviceId('a'), (known) => {
      if (known === undefined) throw new SealaneError('device-forgotten');
      return known;
    });
    expect(await rejectionCode(put)).toBe('device-forgotten');
    await devices.refresh();
    expect(devices.list()).toEqual([]);
  });

  it('keep the first eight addresses', async () => {
    const { devices } = await openedStore(await temporaryFolder());
    const addresses = Array.from({ length: 10 }, (_, port) => ({ host: 'host', port }));
    await putDevice(devices, device('a', { addresses }));
    expect(devices.get(deviceId('a'))?.addresses).toEqual(addresses.slice(0, 8));
    const changed = await devices.change(deviceId('a'), { addresses: addresses.slice(1) });
    expect(changed?.addresses).toEqual(addresses.slice(1, 9));
  });

  it('are unknown from the moment they are forgotten, and gone once that can be written', async () => {
    const profile = await temporaryFolder();
    const store = await openedStore(profile);
    const { devices } = store;
    await putDevice(devices, device('a'));
    await putDevice(devices, device('b'));
    const heard: (readonly DeviceRecord[])[] = [];
    devices.onChange(() => heard.push(devices.list()));
    await rename(profile, `${profile}-away`);
    const removed = devices.remove(deviceId('a'));
    expect(heard).toEqual([[device('b')]]);
    expect(await rejectionCode(removed)).toBe('profile-unusable');
    expect([devices.get(deviceId('a')), devices.list()]).toEqual([undefined, [device('b')]]);
    await rename(`${profile}-away`, profile);
    await devices.refresh();
    expect(devices.list()).toEqual([device('b')]);
    // Whatever is written next takes it along.
    await devices.change(deviceId('b'), { name: 'desk' });
    const expected = [device('b', { name: 'desk' })];
    expect([heard.at(-1), heard.length]).toEqual([expected, 2]);
    expect((await openedStore(profile)).devices.list()).toEqual(expected);
  });

  it('that were forgotten in vain are forgotten for good when the store is closed, and when asked again', async () => {
    const profile = await temporaryFolder();
    for (const again of [false, true]) {
      const store = await openedStore(profile);
      await putDevice(store.devices, device('a'));
      await rename(profile, `${profile}-away`);
      await rejectionCode(store.devices.remove(deviceId('a')));
      await rename(`${profile}-away`, profile);
      if (again) expect(await store.devices.remove(deviceId('a'))).toBe(true);
      else await store.close();
      expect((await openedStore(profile)).devices.list()).toEqual([]);
    }
  });

  it('that were forgotten can be paired anew, from nothing that was known, on disk or not', async () => {
    const profile = await temporaryFolder();
    const { devices } = await openedStore(profile);
    await putDevice(devices, device('a', { accept: 'always' }));
    await rename(profile, `${profile}-away`);
    await rejectionCode(devices.remove(deviceId('a')));
    await rename(`${profile}-away`, profile);
    const known: unknown[] = [];
    await devices.put(deviceId('a'), (record) => {
      known.push(record);
      return device('a', { paired: 2 });
    });
    expect([known, devices.list()]).toEqual([[undefined], [device('a', { paired: 2 })]]);
    expect((await openedStore(profile)).devices.list()).toEqual([device('a', { paired: 2 })]);
  });

  it('that are put and forgotten at once stay forgotten, in the order in which that was asked', async () => {
    const profile = await temporaryFolder();
    const { devices } = await openedStore(profile);
    await putDevice(devices, device('a'));
    const lists: (readonly DeviceRecord[])[] = [];
    devices.onChange(() => lists.push(devices.list()));
    const put = putDevice(devices, device('a', { name: 'again' }));
    const removed = devices.remove(deviceId('a'));
    await Promise.all([put, removed]);
    expect([lists, devices.list()]).toEqual([[[]], []]);
    expect((await openedStore(profile)).devices.list()).toEqual([]);
  });

  it('call listeners only for what changed something', async () => {
    const { devices } = await openedStore(await temporaryFolder());
    let heard = 0;
    devices.onChange(() => (heard += 1));
    await putDevice(devices, device('a'));
    await putDevice(devices, device('a'));
    await devices.change(deviceId('a'), { name: 'a' });
    await devices.remove(deviceId('b'));
    expect(heard).toBe(1);
  });
});

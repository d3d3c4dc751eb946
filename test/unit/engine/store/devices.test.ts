import { describe, expect, it } from 'vitest';
import { device, deviceId, openedStore, temporaryFolder } from './support.ts';

describe('the devices of a store', () => {
  it('are put, replaced in place, and there after opening again', async () => {
    const profile = await temporaryFolder();
    const { devices } = await openedStore(profile);
    await devices.put(device('a'));
    await devices.put(device('b', { into: '/somewhere', lastSeen: 5 }));
    await devices.put(device('a', { accept: 'always' }));
    const expected = [device('a', { accept: 'always' }), device('b', { into: '/somewhere', lastSeen: 5 })];
    expect(devices.list()).toEqual(expected);
    expect((await openedStore(profile)).devices.list()).toEqual(expected);
    expect(devices.get(deviceId('b'))).toEqual(expected[1]);
    expect(devices.get(deviceId('c'))).toBeUndefined();
  });

  it('are changed by field; one that is not there is not made', async () => {
    const { devices } = await openedStore(await temporaryFolder());
    await devices.put(device('a', { into: '/somewhere' }));
    const changed = device('a', { into: '/somewhere', name: 'desk' });
    expect(await devices.change(deviceId('a'), { name: 'desk' })).toEqual(changed);
    expect(await devices.change(deviceId('b'), { name: 'desk' })).toBeUndefined();
    expect(devices.list()).toEqual([changed]);
  });

  it('are removed, and it is said whether there was one', async () => {
    const { devices } = await openedStore(await temporaryFolder());
    await devices.put(device('a'));
    expect(await devices.remove(deviceId('a'))).toBe(true);
    expect(await devices.remove(deviceId('a'))).toBe(false);
    expect(devices.list()).toEqual([]);
  });

  it('keep the first eight addresses', async () => {
    const { devices } = await openedStore(await temporaryFolder());
    const addresses = Array.from({ length: 10 }, (_, port) => ({ host: 'host', port }));
    await devices.put(device('a', { addresses }));
    expect(devices.get(deviceId('a'))?.addresses).toEqual(addresses.slice(0, 8));
    const changed = await devices.change(deviceId('a'), { addresses: addresses.slice(1) });
    expect(changed?.addresses).toEqual(addresses.slice(1, 9));
  });

  it('call listeners only for what changed something', async () => {
    const { devices } = await openedStore(await temporaryFolder());
    let heard = 0;
    devices.onChange(() => (heard += 1));
    await devices.put(device('a'));
    await devices.put(device('a'));
    await devices.change(deviceId('a'), { name: 'a' });
    await devices.remove(deviceId('b'));
    expect(heard).toBe(1);
  });
});

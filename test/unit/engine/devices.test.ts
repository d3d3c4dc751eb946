import { describe, expect, it } from 'vitest';
import { findDevice } from '../../../src-main/engine/devices.ts';
import type { DeviceRecord } from '../../../src-main/engine/store/contract.ts';
import { formatDeviceId } from '../../../shared/device-id.ts';

const device = (byte: number, name: string): DeviceRecord => ({
  id: formatDeviceId(new Uint8Array(32).fill(byte)),
  name,
  accept: 'ask',
  into: null,
  lastSeen: null,
  paired: 0,
  addresses: [],
});
const laptop = device(1, 'Laptop');
const desktop = device(200, 'desktop');
const other = device(99, 'Desktop');
const all = [laptop, desktop, other];

describe('finding a device', () => {
  it.each([
    ['its name', 'Laptop', laptop],
    ['its name in another case', 'LAPTOP', laptop],
    ['its id', laptop.id, laptop],
    ['its id without dashes, in small letters', desktop.id.replaceAll('-', '').toLowerCase(), desktop],
    ['the start of its id', desktop.id.slice(0, 7), desktop],
  ])('by %s', (_name, text, found) => {
    expect(findDevice(all, text)).toBe(found);
  });

  it.each([
    ['whose name differs by case only', 'Desktop', [desktop, other]],
    [
      'whose name is composed of other characters',
      'Caf\u00e9',
      [device(5, 'Caf\u00e9'), device(6, 'Cafe\u0301')],
    ],
    [
      'that calls itself like the start of the id of another',
      laptop.id.slice(0, 4),
      [laptop, device(7, laptop.id.slice(0, 4))],
    ],
  ])('prefers none of two, one of them %s', (_name, text, devices) => {
    for (const order of [devices, devices.toReversed()])
      expect(() => findDevice(order, text)).toThrow(expect.objectContaining({ code: 'device-ambiguous' }));
  });

  it('takes no device that has just taken a name for the one that was called so until now', () => {
    const renamed: DeviceRecord = { ...laptop, name: 'laptop-2', was: 'Laptop' };
    const taker: DeviceRecord = { ...desktop, name: 'laptop', was: 'desktop' };
    expect(findDevice([renamed, desktop], 'Laptop')).toBe(renamed);
    expect(findDevice([renamed, desktop], 'laptop-2')).toBe(renamed);
    for (const devices of [
      [renamed, taker],
      [taker, renamed],
      [laptop, taker],
    ])
      expect(() => findDevice(devices, 'laptop')).toThrow(
        expect.objectContaining({ code: 'device-ambiguous' }),
      );
    // The name it had is still its own, and nobody else's.
    expect(findDevice([renamed, taker], 'desktop')).toBe(taker);
    const noted: DeviceRecord = { ...renamed, was: null };
    expect(findDevice([noted, taker], 'Laptop')).toBe(taker);
  });

  it('takes a whole id for the device that has it, whatever another one calls itself', () => {
    expect(findDevice([device(7, laptop.id), laptop], laptop.id)).toBe(laptop);
  });

  it('says when none fits, and when several do', () => {
    expect(() => findDevice(all, 'nobody')).toThrow(expect.objectContaining({ code: 'device-unknown' }));
    expect(() => findDevice(all, '')).toThrow(expect.objectContaining({ code: 'device-unknown' }));
    expect(() => findDevice(all, 'DESKTOP')).toThrow(expect.objectContaining({ code: 'device-ambiguous' }));
    expect(() => findDevice([laptop, device(2, 'Laptop')], 'Laptop')).toThrow(
      expect.objectContaining({ code: 'device-ambiguous' }),
    );
  });
});

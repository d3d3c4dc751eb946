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
    ['its exact name, where another differs by case only', 'Desktop', other],
    ['its id', laptop.id, laptop],
    ['its id without dashes, in small letters', desktop.id.replaceAll('-', '').toLowerCase(), desktop],
    ['the start of its id', desktop.id.slice(0, 7), desktop],
  ])('by %s', (_name, text, found) => {
    expect(findDevice(all, text)).toBe(found);
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

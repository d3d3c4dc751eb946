import { describe, expect, it } from 'vitest';
import { formatDeviceId } from '../../../../shared/device-id.ts';
import type { DeviceId } from '../../../../shared/device-id.ts';
import { devicesToTell, tellEach } from '../../../../src-main/engine/transfer/announcement.ts';
import type { DeviceRecord } from '../../../../src-main/engine/store/contract.ts';

const idOf = (byte: number): DeviceId => formatDeviceId(new Uint8Array(32).fill(byte));
const ids = Array.from({ length: 20 }, (_, index) => idOf(index));
const never = new AbortController().signal;

function record(byte: number, change: Partial<DeviceRecord> = {}): DeviceRecord {
  return {
    id: idOf(byte),
    name: 'Kay',
    isNamed: false,
    accept: 'ask',
    into: null,
    lastSeen: null,
    paired: 0,
    addresses: [],
    ...change,
  };
}

describe('the devices that hear that this one is there', () => {
  it('are all that trust it and are not called anyway, the last seen first', () => {
    const devices = [
      record(1, { lastSeen: 10 }),
      record(2, { hasForgotten: true, lastSeen: 40 }),
      record(3),
      record(4, { lastSeen: 30, hasForgotten: false }),
      record(5, { lastSeen: 20 }),
    ];
    expect(devicesToTell(devices, (id) => id === idOf(5))).toEqual([idOf(4), idOf(1), idOf(3)]);
  });

  it('are told once each, four at a time, whatever becomes of the others', async () => {
    const told: DeviceId[] = [];
    let atOnce = 0;
    let most = 0;
    await tellEach(
      ids,
      async (device) => {
        told.push(device);
        atOnce += 1;
        most = Math.max(most, atOnce);
        await new Promise((resolve) => setImmediate(resolve));
        atOnce -= 1;
        if (told.length % 2 === 0) throw new Error('away');
      },
      never,
    );
    expect(told).toEqual(ids);
    expect(most).toBe(4);
  });

  it('are not told any more once all is being closed, and who is being told hears so', async () => {
    const closing = new AbortController();
    const told: DeviceId[] = [];
    const telling = tellEach(
      ids,
      (device, signal) => {
        told.push(device);
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('closing'));
          });
        });
      },
      closing.signal,
    );
    closing.abort();
    await telling;
    expect(told).toEqual(ids.slice(0, 4));
  });
});

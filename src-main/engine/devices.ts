import { deviceIdStartsWith, parseDeviceId } from '../../shared/device-id.ts';
import { SealaneError } from '../../shared/errors.ts';
import type { DeviceView } from '../../shared/views.ts';
import type { DeviceRecord } from './store/contract.ts';

/** What the outside world sees of a trusted device. */
export function viewOfDevice({ id, name, accept, into, lastSeen }: DeviceRecord): DeviceView {
  return { id, name, accept, into, lastSeen };
}

/**
 * The one device that people mean by `text`: its whole id, its name (exact first, then regardless of case), or the start of its
 * id. Throws `device-unknown` when none fits, `device-ambiguous` when several do.
 */
export function findDevice(devices: readonly DeviceRecord[], text: string): DeviceRecord {
  const wanted = text.trim();
  const id = parseDeviceId(wanted);
  const byPreference: readonly ((device: DeviceRecord) => boolean)[] = [
    (device) => device.id === id,
    (device) => device.name === wanted,
    (device) => device.name.toLowerCase() === wanted.toLowerCase(),
    (device) => deviceIdStartsWith(device.id, wanted),
  ];
  for (const fits of byPreference) {
    const [first, second] = devices.filter(fits);
    if (first !== undefined && second === undefined) return first;
    if (first !== undefined) throw new SealaneError('device-ambiguous');
  }
  throw new SealaneError('device-unknown');
}

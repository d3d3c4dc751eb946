import { deviceIdStartsWith, parseDeviceId } from '../../shared/device-id.ts';
import { SealaneError } from '../../shared/errors.ts';
import type { DeviceView } from '../../shared/views.ts';
import type { DeviceRecord } from './store/contract.ts';

/** What the outside world sees of a trusted device. */
export function viewOfDevice({ id, name, accept, into, lastSeen }: DeviceRecord): DeviceView {
  return { id, name, accept, into, lastSeen };
}

/**
 * The one device that people mean by `text`: its whole id, its name (regardless of case), or the start of its
 * id. A name is what a device calls itself: one that fits beside another, by whichever rule, is never
 * preferred. Throws `device-unknown` when none fits, `device-ambiguous` when several do.
 */
export function findDevice(devices: readonly DeviceRecord[], text: string): DeviceRecord {
  const wanted = text.trim();
  const id = parseDeviceId(wanted);
  const whole = devices.find((device) => device.id === id);
  if (whole !== undefined) return whole;
  const name = folded(wanted);
  const fits = devices.filter(
    (device) => folded(device.name) === name || deviceIdStartsWith(device.id, wanted),
  );
  const [first, second] = fits;
  if (first === undefined) throw new SealaneError('device-unknown');
  if (second !== undefined) throw new SealaneError('device-ambiguous');
  return first;
}

/** The same for names that differ only in case, or in how their letters are composed. */
function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

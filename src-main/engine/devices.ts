import { deviceIdStartsWith, parseDeviceId } from '../../shared/device-id.ts';
import { SealaneError } from '../../shared/errors.ts';
import { MAX_DEVICE_NAME_CHARACTERS } from '../../shared/limits.ts';
import type { DeviceView } from '../../shared/views.ts';
import { mountPointOf } from '../mount-points.ts';
import type { DeviceChange } from './api.ts';
import type { DeviceRecord } from './store/contract.ts';

/** What the outside world sees of a trusted device, one of `devices`. */
export function viewOfDevice(
  record: DeviceRecord,
  devices: readonly DeviceRecord[],
  isConnected = false,
): DeviceView {
  const { id, name, was = null, accept, into, lastSeen, hasForgotten = false } = record;
  const label = labelOf(record, devices);
  return { id, name, label, was, accept, into, lastSeen, isConnected, hasForgotten };
}

/** How much of an id stands beside a name that another device has too: its first group. */
const ID_START_CHARACTERS = 7;

/**
 * The name of one of `devices` (raw: escape before showing), with what tells it apart from all others. A name is what a device calls
 * itself, so one that has changed it is shown with the one it had, and one that has the name of another with the start of its id.
 */
export function labelOf(
  { id, name, was }: Pick<DeviceRecord, 'id' | 'name' | 'was'>,
  devices: readonly Pick<DeviceRecord, 'id' | 'name'>[],
): string {
  const isTaken = devices.some((other) => other.id !== id && folded(other.name) === folded(name));
  const apart = [
    ...(isTaken ? [id.slice(0, ID_START_CHARACTERS)] : []),
    ...(was === undefined || was === null ? [] : [`was ${was}`]),
  ];
  return apart.length === 0 ? name : `${name} (${apart.join(', ')})`;
}

/**
 * What a record becomes when its device says that it is called `said`; undefined when nothing changes by it. A name that this
 * device's user gave stays. What it was called is kept until the user has taken note, however often it changes meanwhile.
 */
export function renamedByItself(
  known: Pick<DeviceRecord, 'name' | 'isNamed' | 'was'>,
  said: string,
): Pick<DeviceRecord, 'name' | 'was'> | undefined {
  const name = said.trim();
  if (known.isNamed === true || name === '' || known.name === name) return undefined;
  const before = known.was ?? known.name;
  return { name, was: before === name ? null : before };
}

/** What this device's user changes in a record. Throws `usage` for a name that is none. */
export function changeByUser({ name, noted, into, ...others }: DeviceChange) {
  const given = name === undefined ? {} : { name: checkName(name), isNamed: true, was: null };
  const folder = into === undefined ? {} : { into, mountPoint: into === null ? null : mountPointOf(into) };
  return (known: DeviceRecord): Partial<DeviceRecord> => ({
    ...others,
    ...folder,
    ...(noted === known.name ? { was: null } : {}),
    ...given,
  });
}

/** The name without blanks around it. Throws `usage` for one that is empty or too long. */
export function checkName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length === 0 || trimmed.length > MAX_DEVICE_NAME_CHARACTERS) {
    throw new SealaneError('usage', { detail: 'name of a device' });
  }
  return trimmed;
}

/**
 * The one device that people mean by `text`: its whole id, its name (regardless of case), or the start of its
 * id. A name is what a device calls itself: one that fits beside another, by whichever rule, is never
 * preferred. One that has renamed itself is meant by both names until the user has taken note: else whoever took a name that has
 * become free would get what is sent to it. Throws `device-unknown` when none fits, `device-ambiguous` when several do.
 */
export function findDevice(devices: readonly DeviceRecord[], text: string): DeviceRecord {
  const wanted = text.trim();
  const id = parseDeviceId(wanted);
  const whole = devices.find((device) => device.id === id);
  if (whole !== undefined) return whole;
  const name = folded(wanted);
  const fits = devices.filter(
    (device) => namesOf(device).includes(name) || deviceIdStartsWith(device.id, wanted),
  );
  const [first, second] = fits;
  if (first === undefined) throw new SealaneError('device-unknown');
  if (second !== undefined) throw new SealaneError('device-ambiguous');
  return first;
}

function namesOf({ name, was }: Pick<DeviceRecord, 'name' | 'was'>): readonly string[] {
  return [name, ...(was === undefined || was === null ? [] : [was])].map(folded);
}

/** The same for names that people would take for one another: in another case, composed otherwise, with other blanks. */
function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim();
}

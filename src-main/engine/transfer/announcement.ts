import type { DeviceId } from '../../../shared/device-id.ts';
import type { DeviceRecord } from '../store/contract.ts';

/** Devices that are dialled at a time when this one begins to listen, however many it is paired with. */
const AT_ONCE = 4;

/** One that does not answer keeps the next one waiting for no longer, in ms. */
const DIALLED_FOR_MS = 5_000;

/**
 * Which devices hear that this one is there: all but those that do not trust it any more, as far as it knows, and those that are called
 * anyway until they have heard. Who was there last comes first.
 */
export function devicesToTell(
  devices: readonly DeviceRecord[],
  isCalled: (device: DeviceId) => boolean,
): readonly DeviceId[] {
  return devices
    .filter(({ id, hasForgotten }) => hasForgotten !== true && !isCalled(id))
    .toSorted((a, b) => (b.lastSeen ?? 0) - (a.lastSeen ?? 0))
    .map(({ id }) => id);
}

/**
 * Tells each of these devices once, a few at a time. Never rejects: one that is away now does not hear it; it finds this one where it was
 * last, or is found by it. Nothing more is begun once `signal` is aborted.
 */
export async function tellEach(
  devices: readonly DeviceId[],
  tell: (device: DeviceId, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const left = [...devices];
  const tellNext = async (): Promise<void> => {
    for (let device = left.shift(); device !== undefined && !signal.aborted; device = left.shift()) {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(DIALLED_FOR_MS)]);
      await tell(device, patience).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, tellNext));
}

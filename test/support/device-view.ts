import type { DeviceId } from '../../shared/device-id.ts';
import type { DeviceView } from '../../shared/views.ts';

/** A paired device as the engine shows it, of which nothing is known but its name. */
export function deviceView(id: DeviceId, name: string, change: Partial<DeviceView> = {}): DeviceView {
  return { id, name, label: name, was: null, accept: 'ask', into: null, lastSeen: null, ...change };
}

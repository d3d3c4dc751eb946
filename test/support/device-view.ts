import type { DeviceId } from '../../shared/device-id.ts';
import type { DeviceView } from '../../shared/views.ts';

/** A paired device as the engine shows it, of which nothing is known but its name. */
export function deviceView(id: DeviceId, name: string, change: Partial<DeviceView> = {}): DeviceView {
  const usual = { was: null, accept: 'ask', into: null, lastSeen: null, isConnected: false } as const;
  return { id, name, label: name, ...usual, hasForgotten: false, ...change };
}

import { z } from 'zod';
import { deviceIdSchema } from '../../../shared/device-id.ts';
import { acceptPolicySchema } from '../../../shared/views.ts';
import { MAX_ADDRESSES } from './contract.ts';
import type { DeviceRecord, DeviceStore } from './contract.ts';
import type { Document } from './document.ts';

export const devicesSchema: z.ZodType<readonly DeviceRecord[]> = z.array(
  z.object({
    id: deviceIdSchema,
    name: z.string(),
    accept: acceptPolicySchema,
    into: z.string().nullable(),
    lastSeen: z.number().nullable(),
    paired: z.number(),
    addresses: z.array(z.object({ host: z.string(), port: z.number() })),
  }),
);

function bounded(record: DeviceRecord): DeviceRecord {
  return { ...record, addresses: record.addresses.slice(0, MAX_ADDRESSES) };
}

/** The devices this one trusts, over their document. */
export function deviceStore(document: Document<readonly DeviceRecord[]>): DeviceStore {
  return {
    list: () => document.read(),
    get: (id) => document.read().find((device) => device.id === id),
    put: (record) =>
      document.change((devices) => {
        const known = devices.some(({ id }) => id === record.id);
        const next = bounded(record);
        return [
          known ? devices.map((each) => (each.id === record.id ? next : each)) : [...devices, next],
          undefined,
        ];
      }),
    change: (id, change) =>
      document.change((devices) => {
        const known = devices.find((device) => device.id === id);
        const next = known && bounded({ ...known, ...change, id });
        return [devices.map((device) => (next && device === known ? next : device)), next];
      }),
    remove: (id) =>
      document.change((devices) => {
        const rest = devices.filter((device) => device.id !== id);
        return [rest, rest.length < devices.length];
      }),
    onChange: (listener) => document.onChange(listener),
  };
}

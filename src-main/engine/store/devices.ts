import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { DeviceId } from '../../../shared/device-id.ts';
import { deviceIdSchema } from '../../../shared/device-id.ts';
import { acceptPolicySchema } from '../../../shared/views.ts';
import { MAX_ADDRESSES } from './contract.ts';
import type { DeviceFields, DeviceRecord, DeviceStore } from './contract.ts';
import type { Document } from './document.ts';

const addressSchema = z.object({ host: z.string(), port: z.number() });

export const devicesSchema: z.ZodType<readonly DeviceRecord[]> = z.array(
  z.object({
    id: deviceIdSchema,
    name: z.string(),
    isNamed: z.boolean().exactOptional(),
    was: z.string().nullable().exactOptional(),
    accept: acceptPolicySchema,
    into: z.string().nullable(),
    mountPoint: z.string().nullable().exactOptional(),
    lastSeen: z.number().nullable(),
    hasForgotten: z.boolean().exactOptional(),
    paired: z.number(),
    addresses: z.array(addressSchema),
    said: z.array(addressSchema).exactOptional(),
  }),
);

function bounded(record: DeviceRecord): DeviceRecord {
  return { ...record, addresses: record.addresses.slice(0, MAX_ADDRESSES) };
}

/** After a forgetting could not be written, it is tried again so often, in ms. */
const RETRY_MS = 5_000;

type Devices = readonly DeviceRecord[];

/**
 * The devices this one trusts, over their document. A device that is forgotten is unknown from that moment on,
 * in this process, also where that cannot be written: a full disk, which another device may have filled, keeps
 * no trust alive. It is written as soon as it can be.
 */
export class Trust implements DeviceStore {
  readonly #document: Document<Devices>;
  /** Forgotten, and not yet known to be written. The value tells a forgetting from a later one. */
  readonly #forgotten = new Map<DeviceId, symbol>();
  readonly #listeners = new Set<() => void>();
  /** What listeners were told last. */
  #told: Devices;
  #retry: NodeJS.Timeout | undefined;

  constructor(document: Document<Devices>) {
    this.#document = document;
    this.#told = document.read();
    document.onChange(() => {
      this.#tell();
    });
  }

  list(): Devices {
    return this.#known(this.#document.read());
  }

  get(id: DeviceId): DeviceRecord | undefined {
    return this.list().find((device) => device.id === id);
  }

  put(id: DeviceId, build: (known: DeviceRecord | undefined) => DeviceFields): Promise<DeviceRecord> {
    return this.#change((devices) => {
      const known = devices.find((device) => device.id === id);
      const next = bounded({ ...build(known), id });
      return [known ? devices.map((each) => (each === known ? next : each)) : [...devices, next], next];
    });
  }

  change(
    id: DeviceId,
    change: Partial<DeviceFields> | ((known: DeviceRecord) => Partial<DeviceFields>),
  ): Promise<DeviceRecord | undefined> {
    return this.#change((devices) => {
      const known = devices.find((device) => device.id === id);
      const fields = typeof change === 'function' ? known && change(known) : change;
      const next = known && bounded({ ...known, ...fields, id });
      return [devices.map((device) => (next && device === known ? next : device)), next];
    });
  }

  async remove(id: DeviceId): Promise<boolean> {
    this.#forgotten.set(id, Symbol('forgotten'));
    this.#tell();
    try {
      return await this.#change((devices, stored) => [devices, stored.some((device) => device.id === id)]);
    } catch (error) {
      this.#tryAgain();
      throw error;
    }
  }

  refresh(): Promise<void> {
    return this.#document.refresh();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Writes what was forgotten and is not written yet. Throws `profile-unusable`. */
  async flush(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.#forgotten.size > 0) await this.#change((devices) => [devices, undefined]);
  }

  /** `edit` gets the newest devices without the forgotten ones, and all that are stored. */
  async #change<R>(
    edit: (devices: Devices, stored: Devices) => readonly [next: Devices, result: R],
  ): Promise<R> {
    // What is forgotten while this waits for its turn is not written by it: a `put` that was asked for earlier
    // may bring the device back for that moment, and its own change takes it away again.
    const before = new Map(this.#forgotten);
    const result = await this.#document.change((stored) => edit(this.#known(stored), stored));
    for (const [id, forgetting] of before) {
      if (this.#forgotten.get(id) === forgetting) this.#forgotten.delete(id);
    }
    // One that was paired again is known only now.
    this.#tell();
    return result;
  }

  #known(devices: Devices): Devices {
    return this.#forgotten.size === 0 ? devices : devices.filter(({ id }) => !this.#forgotten.has(id));
  }

  #tell(): void {
    const devices = this.list();
    if (isDeepStrictEqual(devices, this.#told)) return;
    this.#told = devices;
    for (const listener of this.#listeners) listener();
  }

  #tryAgain(): void {
    this.#retry ??= setTimeout(() => {
      this.flush().catch(() => {
        this.#tryAgain();
      });
    }, RETRY_MS).unref();
  }
}

import type { DeviceId } from '../../../shared/device-id.ts';
import type { TransferChannel } from './greeting.ts';

/** After so long, in ms, a connection is more than a word in passing: a device that opens many short ones tells nobody anything. */
const SETTLED_AFTER_MS = 2_000;

/** Which devices have a connection with this one now, from either side. */
export class Presence {
  readonly #onChange: () => void;
  readonly #settled = new Map<DeviceId, Set<TransferChannel>>();

  /** `onChange` is told when a device has its first connection that lasts, or has lost its last one. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  has(device: DeviceId): boolean {
    return this.#settled.has(device);
  }

  /** Watches a connection that was just opened, until it ends. */
  add(device: DeviceId, channel: TransferChannel): void {
    const timer = setTimeout(() => {
      const channels = this.#settled.get(device);
      if (channels !== undefined) channels.add(channel);
      else {
        this.#settled.set(device, new Set([channel]));
        this.#onChange();
      }
    }, SETTLED_AFTER_MS).unref();
    channel.onClose(() => {
      clearTimeout(timer);
      const channels = this.#settled.get(device);
      if (channels?.delete(channel) !== true || channels.size > 0) return;
      this.#settled.delete(device);
      this.#onChange();
    });
  }
}

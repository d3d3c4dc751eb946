import type { DeviceId } from '../../../shared/device-id.ts';
import { backoff } from './backoff.ts';
import { Nap } from './nap.ts';

/** After this many attempts in a row the peer is looked for less often. */
const EAGER_ATTEMPTS = 20;
const PATIENT_WAIT_MS = 60_000;

export interface WakerOptions {
  /** Whether something is waiting for this device to send on. */
  readonly isWaitingFor: (device: DeviceId) => boolean;
  /** Dials the device and says that this one is back. Rejects when it cannot be reached. */
  readonly wake: (device: DeviceId) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * A receiver that comes back, perhaps under another address, tells the senders it is waiting for, since they may not find it by
 * themselves. One call per device at a time, until it was heard or nothing waits any more.
 */
export class Waker {
  readonly #options: WakerOptions;
  readonly #calling = new Map<DeviceId, Nap>();

  constructor(options: WakerOptions) {
    this.#options = options;
  }

  /** Begins to call a device, or calls it at once if that is under way. */
  call(device: DeviceId): void {
    const nap = this.#calling.get(device);
    if (nap === undefined) void this.#callUntilHeard(device);
    else nap.wake();
  }

  async #callUntilHeard(device: DeviceId): Promise<void> {
    const { isWaitingFor, wake, signal } = this.#options;
    const nap = new Nap();
    this.#calling.set(device, nap);
    const isWanted = () => !signal.aborted && isWaitingFor(device);
    for (let attempt = 0; isWanted(); attempt += 1) {
      const heard = await wake(device).then(
        () => true,
        () => false,
      );
      // One who heard dials back at once; if that goes wrong, it is called again.
      if (isWanted())
        await nap.sleep(heard || attempt >= EAGER_ATTEMPTS ? PATIENT_WAIT_MS : backoff(attempt), signal);
    }
    this.#calling.delete(device);
  }
}

import type { DeviceId } from '../../../shared/device-id.ts';
import { WAKE_EVERY_MS, WAKE_BURST } from '../../../shared/limits.ts';
import { DeviceRates } from './device-rates.ts';

/**
 * What a device's signs of life may cut short, the waits of what is sent to it, they cut short at a rate: else it would choose how often
 * this device dials. No sign is lost: beyond the rate one wake follows once there is room for it, however many signs it stands for.
 */
export class PacedWakes {
  readonly #rates = new DeviceRates({ burst: WAKE_BURST, perSecond: 1000 / WAKE_EVERY_MS });
  readonly #wake: (device: DeviceId) => void;
  readonly #signal: AbortSignal;
  readonly #later = new Set<DeviceId>();

  /** `wake` is called for a device at most at the rate, and not once `signal` is aborted. */
  constructor(wake: (device: DeviceId) => void, signal: AbortSignal) {
    this.#wake = wake;
    this.#signal = signal;
  }

  /** The device has given a sign of life. */
  sign(device: DeviceId): void {
    if (this.#signal.aborted || this.#later.has(device)) return;
    if (this.#rates.take(device)) {
      this.#wake(device);
      return;
    }
    this.#later.add(device);
    setTimeout(() => {
      this.#later.delete(device);
      this.sign(device);
    }, WAKE_EVERY_MS).unref();
  }
}

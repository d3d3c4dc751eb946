import type { DeviceId } from '../../../shared/device-id.ts';
import { TokenBucket } from '../../../shared/token-bucket.ts';

/**
 * How often each device may do something: `burst` times at once, and `perSecond` from then on. A device that does it as fast as it can
 * costs this one its disk and its user's attention. `now` is a clock that only moves forward, in milliseconds. It remembers one small
 * object for each trusted device that has done it.
 */
export class DeviceRates {
  readonly #limits: { readonly burst: number; readonly perSecond: number };
  readonly #now: () => number;
  readonly #buckets = new Map<DeviceId, TokenBucket>();

  constructor(
    limits: { readonly burst: number; readonly perSecond: number },
    now: () => number = () => performance.now(),
  ) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Whether the device may do it now; counts it, if so. */
  take(device: DeviceId): boolean {
    const bucket = this.#buckets.get(device) ?? new TokenBucket(this.#limits, this.#now);
    this.#buckets.set(device, bucket);
    return bucket.take();
  }
}

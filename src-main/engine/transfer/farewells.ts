import { setTimeout as delay } from 'node:timers/promises';
import type { DeviceId } from '../../../shared/device-id.ts';
import type { TransferId } from '../../../shared/views.ts';
import type { Store } from '../store/contract.ts';
import type { Farewell } from '../store/farewells.ts';
import { isUnfinished } from './jobs.ts';

/** How long another device is looked for, only to be told that all is over. Milliseconds. */
const NOTICE_MS = 5_000;

/** How often a device that is met is told what it has not heard, at most, in ms: two that refuse each other's words are no endless talk. */
const MEET_EVERY_MS = 10_000;

/** How long closing waits for who is there to hear it, in ms. */
const LAST_WORDS_MS = 2_000;

/** For how long a device that does not come back is still told. */
export const FAREWELL_LIFETIME_MS = 60 * 24 * 60 * 60_000;

export interface FarewellsOptions {
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Tells the device, at `wake` first. Rejects unless it says that it is over there, too. */
  readonly say: (farewell: Farewell, signal: AbortSignal) => Promise<void>;
  /** Aborted when everything is being closed. */
  readonly signal: AbortSignal;
}

type Given = Pick<Farewell, 'transfer' | 'device' | 'wake'>;

/**
 * Tells other devices that transfers with them were given up here. Noted before the end of the transfer is, so that no kill lets the other
 * side wait for ever, and told once that is noted: what is still unfinished here is no farewell. Who cannot be reached is told at the next
 * meeting.
 */
export class Farewells {
  readonly #options: FarewellsOptions;
  readonly #met = new Map<DeviceId, number>();
  readonly #underWay = new Set<Promise<unknown>>();
  /** Those of devices that were there a moment ago. */
  readonly #meetings = new Set<Promise<void>>();

  constructor(options: FarewellsOptions) {
    this.#options = options;
  }

  /** It is on disk when this resolves. Throws `profile-unusable`. */
  async note({ transfer, device, wake }: Given): Promise<void> {
    const { store, now } = this.#options;
    await store.farewells.put({ version: 1, transfer, device, wake, until: now() + FAREWELL_LIFETIME_MS });
  }

  /** The device has said itself that it is over there. What is another device's stays. Never rejects. */
  async heardFrom(device: DeviceId, transfer: TransferId): Promise<void> {
    const farewell = await this.#options.store.farewells.get(transfer);
    if (farewell?.device === device) await this.forget(transfer);
  }

  /** The other device knows. Never rejects. */
  async forget(transfer: TransferId): Promise<void> {
    await this.#options.store.farewells.remove(transfer);
  }

  /** Resolves with whether the other device knows now, or was not to be told. Never rejects. */
  tell(transfer: TransferId): Promise<boolean> {
    return this.#while(async () => {
      const farewell = await this.#options.store.farewells.get(transfer);
      return farewell === undefined || (await this.#say(farewell));
    });
  }

  /** The device is there: it is told what it has not heard, meanwhile. */
  meet(device: DeviceId): void {
    const told = this.#tellAll(device);
    this.#meetings.add(told);
    void told.finally(() => this.#meetings.delete(told));
  }

  /** All who have something to hear are looked for, meanwhile. */
  meetAll(): void {
    void this.#while(async () => {
      const devices = new Set((await this.#list()).map((farewell) => farewell.device));
      await Promise.all([...devices].map((device) => this.#tellAll(device)));
    });
  }

  /** Resolves when those that are there have heard what they are being told, at the latest after two seconds. Never rejects. */
  async lastWords(): Promise<void> {
    if (this.#meetings.size === 0) return;
    await Promise.race([Promise.allSettled(this.#meetings), delay(LAST_WORDS_MS, undefined, { ref: false })]);
  }

  /** Resolves once nobody is being told. Never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Never rejects. */
  async #tellAll(device: DeviceId): Promise<void> {
    await this.#while(async () => {
      const unheard = (await this.#list()).filter((farewell) => farewell.device === device);
      const last = this.#met.get(device) ?? -Infinity;
      // A meeting with nothing to say counts for none: what is given up a moment later is told at the next one.
      if (unheard.length === 0 || performance.now() - last < MEET_EVERY_MS) return;
      this.#met.set(device, performance.now());
      for (const farewell of unheard) if (!(await this.#say(farewell))) return;
    });
  }

  async #while<T>(work: () => Promise<T>): Promise<T> {
    const promise = work();
    this.#underWay.add(promise);
    try {
      return await promise;
    } finally {
      this.#underWay.delete(promise);
    }
  }

  /** Never rejects: what cannot be read now is told another time. */
  async #list(): Promise<readonly Farewell[]> {
    return await this.#options.store.farewells.list().catch(() => []);
  }

  /** Resolves with whether it was heard, or is none. */
  async #say(farewell: Farewell): Promise<boolean> {
    const { store, signal, say } = this.#options;
    try {
      if (store.devices.get(farewell.device) === undefined) {
        await this.forget(farewell.transfer);
        return true;
      }
      // Its end is about to be noted by another process, or was never: then it goes on.
      if (signal.aborted || (await isUnfinished(store, farewell))) return false;
      await say(farewell, AbortSignal.any([signal, AbortSignal.timeout(NOTICE_MS)]));
      await this.forget(farewell.transfer);
      return true;
    } catch {
      return false;
    }
  }
}

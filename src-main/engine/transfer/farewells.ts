import { setTimeout as delay } from 'node:timers/promises';
import type { DeviceId } from '../../../shared/device-id.ts';
import type { TransferId } from '../../../shared/views.ts';
import { asSealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { Address, Store } from '../store/contract.ts';
import type { Farewell } from '../store/farewells.ts';
import { standingOf } from './jobs.ts';
import type { Job } from './job.ts';

/** How long another device is looked for, only to be told that all is over. Milliseconds. */
const NOTICE_MS = 5_000;

/** For how long a device that has refused to hear something is told nothing more when it is met, in ms: two that do so to each other are no endless talk. */
const REFUSED_MS = 10_000;

/** After what times, in ms, a device that could not be told is looked for again, by a process that is still there: it may only have begun anew. */
const RETRY_AFTER_MS = [3_000, 15_000, 60_000];

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

type Given = Pick<Farewell, 'transfer' | 'device' | 'reason' | 'wake'>;

/**
 * Tells other devices that transfers with them were given up here. A farewell is noted before anything else is done about that, so that
 * no kill makes the two sides say different things: see `noteDecidedEnd`. It is told once the end is in the history. Who cannot be
 * reached is told at the next meeting.
 */
export class Farewells {
  readonly #options: FarewellsOptions;
  /** When a device has last refused to hear something. */
  readonly #refused = new Map<DeviceId, number>();
  /** Those that are being told: each is told by one at a time. */
  readonly #saying = new Map<TransferId, Promise<boolean>>();
  readonly #underWay = new Set<Promise<unknown>>();
  /** Those that are looked for again in a moment. */
  readonly #retrying = new Set<DeviceId>();
  /** Those of devices that were there a moment ago. */
  readonly #meetings = new Set<Promise<unknown>>();

  constructor(options: FarewellsOptions) {
    this.#options = options;
  }

  /** It is on disk when this resolves. Throws `profile-unusable`. */
  async note(given: Given): Promise<void> {
    const { store, now } = this.#options;
    await store.farewells.put({ version: 1, ...given, until: now() + FAREWELL_LIFETIME_MS });
  }

  /**
   * As `note`, of a job, and of the try in the place of which it comes. `to`: where its device was to be found. What the device has not
   * heard of it need not hear the end of.
   */
  async noteJob(job: Job, reason: ErrorCode, to: Address | null = null): Promise<void> {
    const given = { device: job.device, reason, wake: job.direction === 'receive' ? job.wake : to };
    const before = job.direction === 'send' ? job.takesBack : null;
    if (before !== null) await this.note({ ...given, transfer: before.transfer });
    if (job.offer !== null) await this.note({ ...given, transfer: job.id });
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
      if (farewell === undefined || (await this.#say(farewell))) return true;
      this.#retry(farewell.device, 0);
      return false;
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

  /** Resolves with whether the device knows all. Never rejects. */
  async #tellAll(device: DeviceId): Promise<boolean> {
    return await this.#while(async () => {
      if (performance.now() - (this.#refused.get(device) ?? -Infinity) < REFUSED_MS) return false;
      for (const farewell of await this.#list())
        if (farewell.device === device && !(await this.#say(farewell))) return false;
      return true;
    });
  }

  /** Keeps no process alive. */
  #retry(device: DeviceId, tries: number): void {
    const { signal } = this.#options;
    const afterMs = RETRY_AFTER_MS[tries];
    if (afterMs === undefined || this.#retrying.has(device)) return;
    this.#retrying.add(device);
    delay(afterMs, undefined, { signal, ref: false }).then(
      async () => {
        this.#retrying.delete(device);
        if (!signal.aborted && !(await this.#tellAll(device))) this.#retry(device, tries + 1);
      },
      () => this.#retrying.delete(device),
    );
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
    const { transfer } = farewell;
    const saying = this.#saying.get(transfer) ?? this.#sayNow(farewell);
    this.#saying.set(transfer, saying);
    try {
      return await saying;
    } finally {
      this.#saying.delete(transfer);
    }
  }

  async #sayNow(farewell: Farewell): Promise<boolean> {
    const { store, signal, say } = this.#options;
    try {
      const standing = signal.aborted ? 'unfinished' : await standingOf(store, farewell);
      // Its end is about to be noted, by this process or another one.
      if (standing === 'unfinished') return false;
      if (standing === 'given-up' && store.devices.get(farewell.device) !== undefined)
        await say(farewell, AbortSignal.any([signal, AbortSignal.timeout(NOTICE_MS)]));
      await this.forget(farewell.transfer);
      return true;
    } catch (error) {
      if (asSealaneError(error).fromPeer) this.#refused.set(farewell.device, performance.now());
      return false;
    }
  }
}

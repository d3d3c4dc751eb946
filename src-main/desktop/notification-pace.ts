import type { DeviceId } from '../../shared/device-id.ts';
import { TokenBucket } from '../../shared/token-bucket.ts';
import { isOver } from '../../shared/views.ts';
import type { EngineEvent, TransferId, TransferView } from '../../shared/views.ts';
import { announceGathered } from './announce.ts';
import type { Announcement, Gathered } from './announce.ts';

/**
 * Notifications that one device may cause at once, of each kind, and how often from then on, in milliseconds.
 */
const BURST = 3;
const EVERY_MS = 20_000;

export interface PaceOptions {
  readonly show: (announcement: Announcement) => void;
  /** Whether the user looks at the window, and needs no notification. */
  readonly isWatched: () => boolean;
  /** Milliseconds of a clock that only moves forward. */
  readonly now: () => number;
  /** What there was before the first event, left over from an earlier run. */
  readonly transfers?: readonly TransferView[];
}

/** What one device causes, of one kind. */
interface Line {
  readonly bucket: TokenBucket;
  /** The transfers that still have to be told of, all in one. */
  readonly waiting: Set<TransferId>;
  deviceName: string;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Lets announcements out at a pace that no device can drive. What a peer can cause by itself, offers and the
 * ends of what nobody here said yes to, has a rate per device; beyond it, the rest is gathered into one
 * notification. What this user did, sent or accepted, is told at once, whatever others do meanwhile.
 */
export class NotificationPace {
  readonly #options: PaceOptions;
  readonly #lines = new Map<DeviceId, Record<Gathered, Line>>();
  /** Transfers to receive that this user is asked about (false), or has accepted (true). */
  readonly #accepted = new Map<TransferId, boolean>();

  constructor(options: PaceOptions) {
    this.#options = options;
    // What is gone on with was accepted then.
    for (const { id, direction, state } of options.transfers ?? [])
      if (direction === 'receive' && state.kind !== 'offered' && !isOver(state)) this.#accepted.set(id, true);
  }

  /** How many devices and transfers it remembers. */
  get size(): number {
    return this.#lines.size + this.#accepted.size;
  }

  /** Takes every event of the engine, with what there is to announce about it. */
  observe(event: EngineEvent, announcement: Announcement | undefined): void {
    if (event.type === 'devices') this.#keepOnly(new Set(event.devices.map(({ id }) => id)));
    if (event.type !== 'transfer') return;
    const { transfer } = event;
    const isOwn = this.#isOwn(transfer);
    const { id, device, state } = transfer;
    if (state.kind !== 'offered') this.#lines.get(device.id)?.offers.waiting.delete(id);
    if (announcement === undefined || this.#options.isWatched()) return;
    if (isOwn) this.#options.show(announcement);
    else this.#admit(transfer, state.kind === 'offered' ? 'offers' : 'ends', announcement);
  }

  /** Forgets what waits, and lets go of its timers. */
  stop(): void {
    this.#keepOnly(new Set());
  }

  /** Whether this user has begun it or said yes to it. */
  #isOwn({ id, direction, state }: TransferView): boolean {
    if (direction === 'send') return true;
    if (state.kind === 'offered') this.#accepted.set(id, false);
    else if (!isOver(state) && this.#accepted.has(id)) this.#accepted.set(id, true);
    const isAccepted = this.#accepted.get(id) === true;
    if (isOver(state)) this.#accepted.delete(id);
    return isAccepted;
  }

  #admit({ id, device }: TransferView, what: Gathered, announcement: Announcement): void {
    const line = this.#lineOf(device.id, what, device.name);
    if (line.waiting.size === 0 && line.bucket.take()) {
      this.#options.show(announcement);
      return;
    }
    line.deviceName = device.name;
    line.waiting.add(id);
    line.timer ??= this.#later(line, what);
  }

  #later(line: Line, what: Gathered): NodeJS.Timeout {
    return setTimeout(() => {
      line.timer = undefined;
      if (this.#options.isWatched()) line.waiting.clear();
      const count = line.waiting.size;
      if (count === 0) return;
      if (line.bucket.take()) {
        line.waiting.clear();
        this.#options.show(announceGathered(line.deviceName, what, count));
      } else line.timer = this.#later(line, what);
    }, EVERY_MS);
  }

  #lineOf(device: DeviceId, what: Gathered, deviceName: string): Line {
    const create = (): Line => ({
      bucket: new TokenBucket({ burst: BURST, perSecond: 1000 / EVERY_MS }, this.#options.now),
      waiting: new Set(),
      deviceName,
      timer: undefined,
    });
    const lines = this.#lines.get(device) ?? { offers: create(), ends: create() };
    this.#lines.set(device, lines);
    return lines[what];
  }

  #keepOnly(devices: ReadonlySet<DeviceId>): void {
    for (const [id, { offers, ends }] of this.#lines) {
      if (devices.has(id)) continue;
      clearTimeout(offers.timer);
      clearTimeout(ends.timer);
      this.#lines.delete(id);
    }
  }
}

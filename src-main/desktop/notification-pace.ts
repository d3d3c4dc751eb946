import type { DeviceId } from '../../shared/device-id.ts';
import { TokenBucket } from '../../shared/token-bucket.ts';
import { isOver } from '../../shared/views.ts';
import type { EngineEvent, TransferId, TransferView } from '../../shared/views.ts';
import { announceGathered, isStuck } from './announce.ts';
import type { Announcement, Gathered } from './announce.ts';

/**
 * Notifications that one device may cause at once, of each kind, and how often from then on, in milliseconds.
 */
const BURST = 3;
const EVERY_MS = 20_000;

/** Ends that come so soon after one another, in milliseconds, are told together. */
const TOGETHER_MS = 2_000;

export interface PaceOptions {
  readonly show: (announcement: Announcement) => void;
  /** Whether the user looks at the window, and needs no notification. */
  readonly isWatched: () => boolean;
  /** Milliseconds of a clock that only moves forward. */
  readonly now: () => number;
  /** What there was before the first event, left over from an earlier run. */
  readonly transfers?: readonly TransferView[];
}

/** What one device causes by itself, of each kind, and the ends of what this user began or accepted. */
type Kind = Gathered | 'own';

/** What is to be told of one device, of one kind. */
interface Line {
  /** Undefined where no device drives it. */
  readonly bucket: TokenBucket | undefined;
  /** The transfers that still have to be told of, all in one. */
  readonly waiting: Map<TransferId, { readonly transfer: TransferView; readonly announcement: Announcement }>;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Lets announcements out at a pace that no device can drive. What a peer can cause by itself, offers and the
 * ends of what nobody here said yes to, has a rate per device; beyond it, the rest is gathered into one
 * notification. What this user did, sent or accepted, is told in any case, whatever others do meanwhile. Ends that come
 * together are told together: many small files are one notification.
 */
export class NotificationPace {
  readonly #options: PaceOptions;
  readonly #lines = new Map<DeviceId, Record<Kind, Line>>();
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
    if (!isStuck(transfer)) this.#lines.get(device.id)?.stuck.waiting.delete(id);
    if (announcement === undefined || this.#options.isWatched()) return;
    if (state.kind === 'offered') this.#admit(transfer, 'offers', announcement);
    else if (isStuck(transfer)) this.#admit(transfer, 'stuck', announcement);
    else this.#gather(transfer, isOwn ? 'own' : 'ends', announcement);
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

  /** Told at once where the rate allows it: a person is waited for. */
  #admit(transfer: TransferView, what: 'offers' | 'stuck', announcement: Announcement): void {
    const line = this.#lineOf(transfer.device.id, what);
    if (line.waiting.size === 0 && line.bucket?.take() === true) {
      this.#options.show(announcement);
      return;
    }
    line.waiting.set(transfer.id, { transfer, announcement });
    line.timer ??= this.#later(line, what, EVERY_MS);
  }

  /** Told in a moment, with all that ends until then. */
  #gather(transfer: TransferView, kind: 'own' | 'ends', announcement: Announcement): void {
    const line = this.#lineOf(transfer.device.id, kind);
    line.waiting.set(transfer.id, { transfer, announcement });
    line.timer ??= this.#later(line, kind, TOGETHER_MS);
  }

  #later(line: Line, kind: Kind, ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      line.timer = undefined;
      if (this.#options.isWatched()) line.waiting.clear();
      const waiting = [...line.waiting.values()];
      const [first] = waiting;
      if (first === undefined) return;
      if (line.bucket?.take() === false) {
        line.timer = this.#later(line, kind, EVERY_MS);
        return;
      }
      line.waiting.clear();
      const transfers = waiting.map(({ transfer }) => transfer);
      const isOneEnd = transfers.length === 1 && (kind === 'own' || kind === 'ends');
      const what = kind === 'own' ? 'ends' : kind;
      this.#options.show(isOneEnd ? first.announcement : announceGathered(what, transfers));
    }, ms);
  }

  #lineOf(device: DeviceId, kind: Kind): Line {
    const create = (): Line => ({
      bucket: new TokenBucket({ burst: BURST, perSecond: 1000 / EVERY_MS }, this.#options.now),
      waiting: new Map(),
      timer: undefined,
    });
    const lines = this.#lines.get(device) ?? {
      offers: create(),
      ends: create(),
      stuck: create(),
      own: { ...create(), bucket: undefined },
    };
    this.#lines.set(device, lines);
    return lines[kind];
  }

  #keepOnly(devices: ReadonlySet<DeviceId>): void {
    for (const [id, lines] of this.#lines) {
      if (devices.has(id)) continue;
      for (const { timer } of Object.values(lines)) clearTimeout(timer);
      this.#lines.delete(id);
    }
  }
}

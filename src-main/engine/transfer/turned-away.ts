import type { DeviceId } from '../../../shared/device-id.ts';
import { TURNED_AWAY_CODES } from '../../../shared/views.ts';
import type { TransferId, TurnedAwayCode } from '../../../shared/views.ts';
import { asSealaneError } from '../../../shared/errors.ts';

/** Between two words about one device that is turned away for one reason, in ms: it offers as often as it likes. */
const TOLD_EVERY_MS = 60_000;

/** Offers that are remembered of one device, so that one that comes again is not counted again. */
const OFFERS_KEPT = 64;

/** Offers of a device that were turned away since that was last told. */
export interface TurnedAwayOffers {
  readonly device: DeviceId;
  readonly code: TurnedAwayCode;
  readonly count: number;
}

interface Recent {
  /** The newest offers that were turned away, the oldest first. */
  readonly offers: Set<TransferId>;
  untold: number;
  /** Runs while nothing more is told. */
  timer: NodeJS.Timeout | undefined;
}

/** Tells this side's user of offers that are turned away before anybody was asked: each once, and so many at a time that no device can flood anybody. */
export class TurnedAway {
  readonly #tell: (offers: TurnedAwayOffers) => void;
  readonly #everyMs: number;
  readonly #recent = new Map<string, Recent>();

  constructor(tell: (offers: TurnedAwayOffers) => void, everyMs = TOLD_EVERY_MS) {
    this.#tell = tell;
    this.#everyMs = everyMs;
  }

  /** Runs what may turn an offer away; what it throws is noted, if it is that, and thrown on. */
  watch<T>(device: DeviceId, transfer: TransferId, admit: () => T): T {
    try {
      return admit();
    } catch (error) {
      const { code } = asSealaneError(error);
      const known = TURNED_AWAY_CODES.find((each) => each === code);
      if (known !== undefined) this.#note(device, transfer, known);
      throw error;
    }
  }

  /** Tells nothing more. */
  close(): void {
    for (const { timer } of this.#recent.values()) clearTimeout(timer);
    this.#recent.clear();
  }

  #note(device: DeviceId, transfer: TransferId, code: TurnedAwayCode): void {
    const key = `${device} ${code}`;
    const recent = this.#recent.get(key) ?? { offers: new Set(), untold: 0, timer: undefined };
    this.#recent.set(key, recent);
    const { offers } = recent;
    const isKnown = offers.delete(transfer);
    offers.add(transfer);
    // Its sender asks again and again.
    if (isKnown) return;
    for (const oldest of offers) {
      if (offers.size <= OFFERS_KEPT) break;
      offers.delete(oldest);
    }
    recent.untold += 1;
    if (recent.timer === undefined) this.#say(device, code, recent);
  }

  #say(device: DeviceId, code: TurnedAwayCode, recent: Recent): void {
    const { untold: count } = recent;
    recent.untold = 0;
    recent.timer = setTimeout(() => {
      recent.timer = undefined;
      if (recent.untold > 0) this.#say(device, code, recent);
    }, this.#everyMs).unref();
    this.#tell({ device, code, count });
  }
}

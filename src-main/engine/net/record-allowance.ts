import {
  MAX_TLS_OVERHEAD_BYTES,
  MAX_TLS_OVERHEAD_BYTES_PER_SECOND,
  TLS_OVERHEAD_DIVISOR,
} from '../../../shared/limits.ts';

/** What a connection has received so far, in bytes. */
export interface Received {
  /** Over the network: what TLS adds, and says for itself, is among it. */
  readonly raw: number;
  /** What TLS has taken out of that. */
  readonly decrypted: number;
  /** Of that, content. */
  readonly content: number;
}

/**
 * How much a peer may have sent by now that only TLS sees. Each record costs 22 bytes beside what is in it; an honest peer fills them with
 * content, or sends a few small messages in a second. One that sends more asks for new keys again and again (RFC 8446, section 4.6.3):
 * OpenSSL answers each, and where the peer does not read, the answers pile up in memory of which JavaScript learns nothing.
 */
export class RecordAllowance {
  readonly #now: () => number;
  readonly #begun: number;

  /** `now` is a clock that only moves forward, in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#begun = now();
  }

  /** Whether it is more than that. */
  isExceeded({ raw, decrypted, content }: Received): boolean {
    const seconds = (this.#now() - this.#begun) / 1000;
    const allowed = MAX_TLS_OVERHEAD_BYTES + seconds * MAX_TLS_OVERHEAD_BYTES_PER_SECOND;
    return raw - decrypted > allowed + content / TLS_OVERHEAD_DIVISOR;
  }
}

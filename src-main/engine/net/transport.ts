import type { ErrorCode, SealaneError } from '../../../shared/errors.ts';
import type { DeviceId } from '../../../shared/device-id.ts';
import type { Address } from '../store/contract.ts';
import type { SecuredStream } from './connection.ts';

/** A secured stream, and what it is for. */
export interface PeerStream extends SecuredStream {
  readonly alpn: string;
  /**
   * Inbound: tells the transport that the peer is trusted and that this connection is put to use, so that it no longer counts against the
   * slots for strangers. One that is refused keeps its slot until it is closed.
   */
  readonly proven: () => void;
}

export interface DialRequest {
  /** Whose key the other end must show. */
  readonly id: DeviceId;
  readonly addresses: readonly Address[];
  readonly alpn: string;
  /** Whether each address is dialled once only, however long its handshake hangs: for addresses that a stranger has named. */
  readonly once?: boolean;
  readonly signal: AbortSignal;
  /** Told of each address that has not led to the device, before it was reached at another one. */
  readonly onMissed?: (address: Address, error: SealaneError) => void;
}

/** What dialling ends with when no stream comes of it; the one that tells most comes first. */
export const DIAL_FAILURES = [
  'peer-key-mismatch',
  'tls-failed',
  'unreachable',
  'cancelled',
] as const satisfies readonly ErrorCode[];

/**
 * How two devices come together: it dials a device id and yields TLS streams. TCP is the one there is; a transport across the
 * internet with TLS over its own streams fits the same interface.
 */
export interface Transport {
  /**
   * Opens to inbound streams. Resolves with the port. Throws `listen-failed`, with the system's error as its
   * cause.
   */
  listen(wanted: Address, onStream: (stream: PeerStream) => void): Promise<number>;
  /** Dials until the device with this id answers; each address counts once. Throws one of DIAL_FAILURES, and nothing else. */
  dial(request: DialRequest): Promise<PeerStream>;
  /** Stops listening and ends what is not yet in anybody's hands. */
  close(): Promise<void>;
}

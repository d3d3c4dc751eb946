import type { TLSSocket } from 'node:tls';
import type { DeviceId } from '../../../shared/device-id.ts';
import type { Address } from '../store/contract.ts';
import type { Peer } from './connection.ts';

/** A TLS stream to a peer whose key the handshake has proven. Nothing was read from it yet. */
export interface PeerStream {
  readonly socket: TLSSocket;
  readonly peer: Peer;
  readonly alpn: string;
  /** Inbound: tells the transport that the peer is trusted, so that it no longer counts against the slots for strangers. */
  readonly proven: () => void;
}

export interface DialRequest {
  /** Whose key the other end must show. */
  readonly id: DeviceId;
  readonly addresses: readonly Address[];
  readonly alpn: string;
  readonly signal: AbortSignal;
}

/**
 * How two devices come together: it dials a device id and yields TLS streams. TCP is the one there is; a transport across the
 * internet with TLS over its own streams fits the same interface.
 */
export interface Transport {
  /** Opens to inbound streams. Resolves with the port; another port than the wanted one is used when that is taken. Throws `listen-failed`. */
  listen(wanted: Address, onStream: (stream: PeerStream) => void): Promise<number>;
  /** Dials until the device with this id answers. Throws `unreachable`, `peer-key-mismatch`, `tls-failed`, `cancelled`. */
  dial(request: DialRequest): Promise<PeerStream>;
  /** Stops listening and ends what is not yet in anybody's hands. */
  close(): Promise<void>;
}

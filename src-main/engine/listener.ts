import type { DeviceId } from '../../shared/device-id.ts';
import { HANDSHAKE_TIMEOUT_MS } from '../../shared/limits.ts';
import { ALPN_TRANSFER } from '../../shared/messages.ts';
import type { Notice } from '../../shared/views.ts';
import type { EngineOptions } from './api.ts';
import { ipOf, reachableAddresses, routedAddress } from './net/own-addresses.ts';
import type { PeerStream, Transport } from './net/transport.ts';
import type { Address, Store } from './store/contract.ts';

const ALL_INTERFACES = '::';

export interface ListenerOptions {
  readonly store: Store;
  readonly transport: Transport;
  /** This device. */
  readonly id: DeviceId;
  /** Where to listen when that was asked for. */
  readonly listen: EngineOptions['listen'];
  /** Whether others may dial at any time, and not only what this process has begun. */
  readonly isForGood: boolean;
  readonly onStream: (stream: PeerStream) => void;
  readonly onNotice: (notice: Notice) => void;
}

/** Where this device can be dialled: the port that others know, or another one and the notice that says so. */
export class Listener {
  readonly #options: ListenerOptions;
  #port: number | null = null;
  /** The IP address that it listens on. */
  #host = ALL_INTERFACES;
  /** Which of this computer's addresses leads out of its network, when that was last looked at. */
  #routed: string | undefined;
  /** The usual port, where another process of this profile has it. */
  #servedPort: number | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** The port that it listens on; null until it does. */
  get port(): number | null {
    return this.#port;
  }

  /** Where others may dial at any time; 0 when this process does not serve for good. */
  usualPort(): number {
    return this.#options.isForGood ? (this.#servedPort ?? this.#port ?? 0) : 0;
  }

  /** The addresses of this computer that others may reach, the likeliest first. */
  hosts(): readonly string[] {
    return reachableAddresses(this.#host, 0, this.#routed).map(({ host }) => host);
  }

  /** As `hosts`, with the port, looked at anew: a computer may have been carried elsewhere since it began to listen. */
  async addresses(): Promise<readonly Address[]> {
    this.#routed = await routedAddress();
    return reachableAddresses(this.#host, this.#port ?? 0, this.#routed);
  }

  /** Begins to listen. Gives the port. Throws `listen-failed`, with the address and the cause. */
  async open(): Promise<number> {
    const { listen } = this.#options;
    this.#host = await ipOf(listen?.host ?? ALL_INTERFACES);
    this.#routed = await routedAddress();
    return listen === undefined ? this.#openUsual() : this.#openAt(listen.port);
  }

  async #openAt(wanted: number): Promise<number> {
    const { transport, onStream } = this.#options;
    this.#port = await transport.listen({ host: this.#host, port: wanted }, onStream);
    return this.#port;
  }

  /** Opens the port that others know. One that was not asked for may be another one where that is taken. */
  async #openUsual(): Promise<number> {
    const { store, isForGood, onNotice } = this.#options;
    if (!isForGood) return this.#openAt(0);
    const usual = store.settings.get().port;
    const port = await this.#openAt(usual).catch((error: unknown) => {
      if (usual === 0) throw error;
      return this.#openAt(0);
    });
    const isTaken = usual !== 0 && port !== usual;
    // Beside a process that serves this profile for good, a short command keeps what others know.
    if (isTaken && (await this.#servesAt(usual))) {
      this.#servedPort = usual;
      onNotice({ kind: 'already-running', port: usual });
      return port;
    }
    if (isTaken) onNotice({ kind: 'port-changed', port });
    await store.settings.change({ port });
    return port;
  }

  /** Whether another process of this very device answers on a port of this computer. */
  async #servesAt(port: number): Promise<boolean> {
    const { id, transport } = this.#options;
    const signal = AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS);
    const addresses = [
      { host: '127.0.0.1', port },
      { host: this.#host, port },
    ];
    try {
      const stream = await transport.dial({ id, addresses, alpn: ALPN_TRANSFER, signal });
      stream.socket.destroy();
      return true;
    } catch {
      return false;
    }
  }
}

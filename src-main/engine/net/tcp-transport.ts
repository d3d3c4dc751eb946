import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import tls from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { Identity } from '../identity/identity.ts';
import type { Address } from '../store/contract.ts';
import { Admission } from './admission.ts';
import { dialAddress } from './dial-address.ts';
import { KeyLimit } from './key-limit.ts';
import { peerOf, serverTlsOptions } from './tls.ts';
import { DIAL_FAILURES } from './transport.ts';
import type { DialRequest, PeerStream, Transport } from './transport.ts';

/** Between the starts of two attempts, so that a dead address delays a live one only a little (RFC 8305, section 5). */
const ATTEMPT_DELAY_MS = 250;

/** How long connections that are being closed may take when all is closed. */
const LAST_WORDS_MS = 5_000;

/** TLS 1.3 over TCP. */
export class TcpTransport implements Transport {
  readonly #identity: Identity;
  readonly #admission = new Admission();
  readonly #sockets = new Set<Socket>();
  /** Those whose handshake is done, dialled ones among them. */
  readonly #secured = new Set<TLSSocket>();
  readonly #keys = new KeyLimit();
  /** Inbound connections by their two ends: the TLS socket and the one below it share them. */
  readonly #inbound = new Map<string, { readonly giveBack: () => void; readonly tcp: Socket }>();
  #server: Server | undefined;

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  async listen(wanted: Address, onStream: (stream: PeerStream) => void): Promise<number> {
    const server = tls.createServer(serverTlsOptions(this.#identity));
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      const giveBack = this.#admission.admit({
        address: socket.remoteAddress ?? '',
        bytesReceived: () => socket.bytesRead,
        evict: () => socket.destroy(),
      });
      const key = endsOf(socket);
      this.#sockets.add(socket);
      this.#inbound.set(key, { giveBack, tcp: socket });
      socket.on('close', () => {
        giveBack();
        this.#sockets.delete(socket);
        this.#inbound.delete(key);
      });
    });
    server.on('tlsClientError', (_error, socket) => {
      socket.destroy();
    });
    server.on('secureConnection', (socket) => {
      this.#onSecure(socket, onStream);
    });
    try {
      return await listenOn(server, wanted);
    } catch (cause) {
      throw new SealaneError('listen-failed', { cause });
    }
  }

  #onSecure(socket: TLSSocket, onStream: (stream: PeerStream) => void): void {
    socket.on('error', () => socket.destroy());
    this.#keep(socket);
    const inbound = this.#inbound.get(endsOf(socket));
    try {
      const peer = peerOf(socket);
      if (!this.#keys.admit(peer.id, socket)) return;
      // One that has no ends any more has been closed meanwhile.
      if (inbound === undefined) throw new SealaneError('connection-lost', { detail: 'closed' });
      const { giveBack, tcp } = inbound;
      const bytesReceived = () => tcp.bytesRead;
      onStream({ socket, peer, alpn: socket.alpnProtocol || '', bytesReceived, proven: giveBack });
    } catch {
      socket.destroy();
    }
  }

  async dial(request: DialRequest): Promise<PeerStream> {
    const { signal } = request;
    const failures: SealaneError[] = [];
    const others = new AbortController();
    const either = AbortSignal.any([signal, others.signal]);
    let won = false;
    const takesFirst = () => {
      const isFirst = !won && !signal.aborted;
      won ||= isFirst;
      return isFirst;
    };
    const attempts = withoutTwins(request.addresses).map(async (address, index) => {
      try {
        await delay(index * ATTEMPT_DELAY_MS, undefined, { signal: either });
        return await this.#dialOne(address, { ...request, signal: either }, takesFirst);
      } catch (error) {
        const failure = asDialFailure(error);
        failures.push(failure);
        if (!either.aborted) request.onMissed?.(address, failure);
        throw error;
      }
    });
    try {
      return await Promise.any(attempts);
    } catch {
      if (signal.aborted) throw new SealaneError('cancelled');
      failures.sort((a, b) => rankOf(a.code) - rankOf(b.code));
      throw failures[0] ?? new SealaneError('unreachable', { detail: 'no address is known' });
    } finally {
      others.abort();
    }
  }

  /** Dials one address and looks at who answers. The socket is handed out, or closed. */
  async #dialOne(
    address: Address,
    { id, alpn, once = false, signal }: DialRequest,
    takesFirst: () => boolean,
  ): Promise<PeerStream> {
    const { socket, tcp } = await dialAddress({ address, identity: this.#identity, alpn, once, signal });
    let isHandedOut = false;
    try {
      const peer = peerOf(socket);
      if (peer.id !== id) throw new SealaneError('peer-key-mismatch', { detail: 'another device' });
      if (!takesFirst()) throw new SealaneError('cancelled');
      this.#keep(socket);
      isHandedOut = true;
      const { host, port } = address;
      const bytesReceived = () => tcp.bytesRead;
      return { socket, peer: { ...peer, host, port }, alpn, bytesReceived, proven: () => undefined };
    } finally {
      if (!isHandedOut) socket.destroy();
    }
  }

  #keep(socket: TLSSocket): void {
    this.#secured.add(socket);
    socket.once('close', () => this.#secured.delete(socket));
  }

  /** Lets connections that were closed in good order, and are not yet through with it, say what they have to. */
  async #lastWords(): Promise<void> {
    const ending = [...this.#secured].filter((socket) => socket.writableEnded);
    const ended = ending.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    const patience = new AbortController();
    await Promise.race([
      Promise.all(ended),
      delay(LAST_WORDS_MS, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
  }

  async close(): Promise<void> {
    await this.#lastWords();
    for (const socket of this.#secured) socket.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** Each address once, in the order given. */
function withoutTwins(addresses: readonly Address[]): readonly Address[] {
  return [
    ...new Map(addresses.map((address) => [`${address.host} ${String(address.port)}`, address])).values(),
  ];
}

/** The place of a code among DIAL_FAILURES; one that is none of them tells least. */
function rankOf(code: ErrorCode): number {
  const rank = DIAL_FAILURES.findIndex((failure) => failure === code);
  return rank === -1 ? DIAL_FAILURES.length : rank;
}

/** An attempt that failed for a reason that dialling does not know has reached no device. */
function asDialFailure(error: unknown): SealaneError {
  const failure = asSealaneError(error, 'unreachable');
  if (rankOf(failure.code) < DIAL_FAILURES.length) return failure;
  return new SealaneError('unreachable', { cause: error, detail: failure.code });
}

/** Both ends of a connection: from one remote end there may be one to each address of this computer. */
function endsOf(socket: Socket): string {
  const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = socket;
  return `${remoteAddress} ${String(remotePort)} ${localAddress} ${String(localPort)}`;
}

function listenOn(server: Server, { host, port }: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => {
      server.off('listening', onListening);
      reject(error);
    };
    const onListening = () => {
      server.off('error', onError);
      // What goes wrong while accepting one connection must not end the others.
      server.on('error', () => undefined);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen({ host, port });
  });
}

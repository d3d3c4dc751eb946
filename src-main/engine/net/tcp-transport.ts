import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import tls from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import type { Identity } from '../identity/identity.ts';
import type { Address } from '../store/contract.ts';
import { Admission } from './admission.ts';
import { dialAddress } from './dial-address.ts';
import { peerOf, serverTlsOptions } from './tls.ts';
import type { DialRequest, PeerStream, Transport } from './transport.ts';

/** Between the starts of two attempts, so that a dead address delays a live one only a little (RFC 8305, section 5). */
const ATTEMPT_DELAY_MS = 250;

/** How long connections that are being closed may take when all is closed. */
const LAST_WORDS_MS = 5_000;

/** Of several failures the one that tells most is told. */
const TELLING_ORDER = ['peer-key-mismatch', 'tls-failed', 'unreachable'];

/** TLS 1.3 over TCP. */
export class TcpTransport implements Transport {
  readonly #identity: Identity;
  readonly #admission = new Admission();
  readonly #sockets = new Set<Socket>();
  /** Those whose handshake is done, dialled ones among them. */
  readonly #secured = new Set<TLSSocket>();
  /** What gives the slot of an inbound connection back, by its remote end: the TLS socket and the one below it share that. */
  readonly #slots = new Map<string, () => void>();
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
      const key = endpoint(socket);
      this.#sockets.add(socket);
      this.#slots.set(key, giveBack);
      socket.on('close', () => {
        giveBack();
        this.#sockets.delete(socket);
        this.#slots.delete(key);
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
    } catch (error) {
      if (wanted.port === 0) throw new SealaneError('listen-failed', { cause: error });
    }
    try {
      return await listenOn(server, { host: wanted.host, port: 0 });
    } catch (cause) {
      throw new SealaneError('listen-failed', { cause });
    }
  }

  #onSecure(socket: TLSSocket, onStream: (stream: PeerStream) => void): void {
    socket.on('error', () => socket.destroy());
    this.#keep(socket);
    const giveBack = this.#slots.get(endpoint(socket));
    try {
      const peer = peerOf(socket);
      onStream({ socket, peer, alpn: socket.alpnProtocol || '', proven: () => giveBack?.() });
    } catch {
      socket.destroy();
    }
  }

  async dial({ id, addresses, alpn, signal }: DialRequest): Promise<PeerStream> {
    const failures: SealaneError[] = [];
    const others = new AbortController();
    const either = AbortSignal.any([signal, others.signal]);
    let won = false;
    const attempts = addresses.map(async (address, index) => {
      try {
        await delay(index * ATTEMPT_DELAY_MS, undefined, { signal: either });
        const socket = await dialAddress({ address, identity: this.#identity, alpn, signal: either });
        const peer = peerOf(socket);
        if (peer.id !== id) {
          socket.destroy();
          throw new SealaneError('peer-key-mismatch');
        }
        if (won || signal.aborted) {
          socket.destroy();
          throw new SealaneError('cancelled');
        }
        won = true;
        this.#keep(socket);
        return {
          socket,
          peer: { ...peer, host: address.host, port: address.port },
          alpn,
          proven: () => undefined,
        };
      } catch (error) {
        failures.push(asSealaneError(error, 'unreachable'));
        throw error;
      }
    });
    try {
      return await Promise.any(attempts);
    } catch {
      if (signal.aborted) throw new SealaneError('cancelled');
      failures.sort((a, b) => TELLING_ORDER.indexOf(a.code) - TELLING_ORDER.indexOf(b.code));
      throw failures[0] ?? new SealaneError('unreachable', { detail: 'no address is known' });
    } finally {
      others.abort();
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

function endpoint(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${String(socket.remotePort ?? 0)}`;
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

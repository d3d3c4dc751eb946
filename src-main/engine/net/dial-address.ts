import net from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import tls from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { SealaneError } from '../../../shared/errors.ts';
import { HANDSHAKE_TIMEOUT_MS } from '../../../shared/limits.ts';
import type { Identity } from '../identity/identity.ts';
import type { Address } from '../store/contract.ts';
import { clientTlsOptions } from './tls.ts';

/**
 * A handshake that takes so long may have been begun while the line was dead, and may stay so when the line is not any more: systems
 * send what was lost again at ever longer intervals, and routers forget. Another one is begun beside it. Milliseconds.
 */
const AGAIN_AFTER_MS = 3_000;

export interface DialAddress {
  readonly address: Address;
  readonly identity: Identity;
  readonly alpn: string;
  /** Whether the address is dialled once, and not a second time while the first handshake hangs. */
  readonly once: boolean;
  readonly signal: AbortSignal;
}

/** A socket whose handshake is done, and the one below it. */
export interface Dialled {
  readonly socket: TLSSocket;
  readonly tcp: Socket;
}

/**
 * Dials one address until the handshake is done and ALPN agreed. Throws `unreachable`, `tls-failed`, `peer-key-mismatch`, and
 * `cancelled` when `signal` aborts, within HANDSHAKE_TIMEOUT_MS.
 */
export async function dialAddress({ signal, ...rest }: DialAddress): Promise<Dialled> {
  const over = new AbortController();
  const timer = setTimeout(() => {
    over.abort(new SealaneError('unreachable', { detail: 'timed out' }));
  }, HANDSHAKE_TIMEOUT_MS);
  const onAbort = () => {
    over.abort(new SealaneError('cancelled'));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await firstToAnswer({ ...rest, signal: over.signal });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    // Whoever was not the first.
    over.abort(new SealaneError('cancelled'));
  }
}

/** It ends when all that are under way have failed: an address where nobody listens is dialled once. */
async function firstToAnswer(request: DialAddress): Promise<Dialled> {
  if (request.once) return await connect(request);
  const attempts: Promise<Dialled>[] = [];
  for (let isSettled = false; !isSettled;) {
    attempts.push(connect(request));
    isSettled = await Promise.race([
      Promise.any(attempts).then(
        () => true,
        () => true,
      ),
      delay(AGAIN_AFTER_MS, false, { signal: request.signal }).catch(() => true),
    ]);
  }
  try {
    const first = await Promise.any(attempts);
    for (const attempt of attempts)
      void attempt.then(
        (other) => other !== first && other.socket.destroy(),
        () => undefined,
      );
    return first;
  } catch (error) {
    // The first of them has been at it for longest.
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

/**
 * What a failed handshake says of who answered. A line that breaks in the middle of it says nothing: the device has gone, or something in
 * between (a router, a proxy) has answered for one that is away. An error of TLS about versions or protocols says that something else
 * than Sealane's is spoken there; any other, that the answerer could not show a key as devices have.
 */
function codeOf(error: Error): 'unreachable' | 'tls-failed' | 'peer-key-mismatch' {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'EPROTO' || /^ERR_.*(VERSION|PROTOCOL)/.test(code)) return 'tls-failed';
  return code.startsWith('ERR_') ? 'peer-key-mismatch' : 'unreachable';
}

/**
 * One attempt. It fails with the reason of `signal` when that aborts. TLS is put on a socket of this side's making, which goes on counting
 * what really comes: one that TLS makes for itself counts only what was in it.
 */
function connect({ address: { host, port }, identity, alpn, signal }: DialAddress): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    const tcp = net.connect({ host, port });
    const onAbort = () => {
      fail(signal.reason instanceof SealaneError ? signal.reason : new SealaneError('cancelled'));
    };
    const settle = () => {
      signal.removeEventListener('abort', onAbort);
    };
    const fail = (error: SealaneError) => {
      settle();
      tcp.destroy();
      reject(error);
    };
    const onError = (cause: Error) => {
      fail(new SealaneError(codeOf(cause), { cause, detail: cause.message }));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    tcp.on('error', onError);
    tcp.once('connect', () => {
      const socket = tls.connect({ ...clientTlsOptions(identity, alpn), socket: tcp });
      socket.on('error', onError);
      const onEnd = () => {
        fail(new SealaneError('unreachable', { detail: 'closed during the handshake' }));
      };
      socket.once('end', onEnd);
      socket.once('secureConnect', () => {
        settle();
        socket.off('end', onEnd);
        if (socket.alpnProtocol !== alpn)
          fail(new SealaneError('tls-failed', { detail: 'no common protocol' }));
        else resolve({ socket, tcp });
      });
    });
  });
}

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
  readonly signal: AbortSignal;
}

/**
 * Dials one address until the handshake is done and ALPN agreed. Throws `unreachable`, `tls-failed`, and `cancelled` when `signal`
 * aborts, within HANDSHAKE_TIMEOUT_MS.
 */
export async function dialAddress({ signal, ...rest }: DialAddress): Promise<TLSSocket> {
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
async function firstToAnswer(request: DialAddress): Promise<TLSSocket> {
  const attempts: Promise<TLSSocket>[] = [];
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
        (other) => other !== first && other.destroy(),
        () => undefined,
      );
    return first;
  } catch (error) {
    // The first of them has been at it for longest.
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

/**
 * Whether the handshake itself went wrong. A line that breaks in the middle of it says nothing of the kind: whoever was there has gone,
 * or something in between (a router, a proxy) has answered for a device that is away.
 */
function isOfTls(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && /^(ERR_|EPROTO$)/.test(error.code);
}

/** One attempt. It fails with the reason of `signal` when that aborts. */
function connect({ address: { host, port }, identity, alpn, signal }: DialAddress): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ ...clientTlsOptions(identity, alpn), host, port });
    const onAbort = () => {
      fail(signal.reason instanceof SealaneError ? signal.reason : new SealaneError('cancelled'));
    };
    const settle = () => {
      signal.removeEventListener('abort', onAbort);
    };
    const fail = (error: SealaneError) => {
      settle();
      socket.destroy();
      reject(error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    socket.on('error', (cause: Error) => {
      fail(new SealaneError(isOfTls(cause) ? 'tls-failed' : 'unreachable', { cause, detail: cause.message }));
    });
    const onEnd = () => {
      fail(new SealaneError('unreachable', { detail: 'closed during the handshake' }));
    };
    socket.once('end', onEnd);
    socket.once('secureConnect', () => {
      settle();
      socket.off('end', onEnd);
      if (socket.alpnProtocol !== alpn)
        fail(new SealaneError('tls-failed', { detail: 'no common protocol' }));
      else resolve(socket);
    });
  });
}

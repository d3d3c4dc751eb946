import { once } from 'node:events';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import type { Server } from 'node:tls';
import type { Engine, EngineOptions } from '../../src-main/engine/index.ts';
import type { Identity } from '../../src-main/engine/identity/identity.ts';
import { KEY_FILE, loadIdentity } from '../../src-main/engine/identity/key-file.ts';
import { ephemeralKem } from '../../src-main/engine/transfer/key-schedule.ts';
import type { DeviceId } from '../../shared/device-id.ts';
import { wireNumber } from '../../shared/errors.ts';
import { ALPN_TRANSFER } from '../../shared/messages.ts';
import type { MessageBody, transferMessages } from '../../shared/messages.ts';
import type { TransferId } from '../../shared/views.ts';
import { pairEngines } from './engines.ts';
import type { Bench } from './engines.ts';
import { RawPeer } from './raw-peer.ts';

/** Makes a device that `victim` trusts and whose key is in the test's hands: it dials, or is dialled, and keeps to no rule. */
export async function befriend(bench: Bench, victim: Engine, name = 'hostile'): Promise<HostileDevice> {
  const honest = await bench.engine(name);
  await pairEngines(victim, honest);
  await honest.close();
  const { identity } = await loadIdentity(join(await bench.folder(`${name}-profile`), KEY_FILE));
  return new HostileDevice(victim, identity);
}

export class HostileDevice {
  readonly victim: Engine;
  readonly identity: Identity;
  readonly #peers: RawPeer[] = [];
  readonly #dialled: RawPeer[] = [];
  #server: Server | undefined;
  #port: Promise<number> | undefined;
  #wake: () => void = () => undefined;

  constructor(victim: Engine, identity: Identity) {
    this.victim = victim;
    this.identity = identity;
  }

  get id(): DeviceId {
    return this.identity.id;
  }

  /** A connection to the victim on the transfer protocol. */
  async dial(): Promise<RawPeer> {
    const peer = await RawPeer.dial(this.victim.snapshot().port ?? 0, ALPN_TRANSFER, this.identity);
    this.#peers.push(peer);
    return peer;
  }

  /** Makes the victim send `paths` here; resolves with the transfer and the first connection. */
  async lure(
    paths: readonly string[],
    options: { readonly whenUnreachable?: 'fail' | 'wait' } = {},
  ): Promise<{ readonly id: TransferId; readonly peer: RawPeer }> {
    this.#port ??= this.#listen();
    const to = { host: '127.0.0.1', port: await this.#port };
    const id = await this.victim.send({ device: this.id, paths, to, ...options });
    return { id, peer: await this.dialled() };
  }

  /** The next connection from the victim. */
  async dialled(): Promise<RawPeer> {
    for (;;) {
      const peer = this.#dialled.shift();
      if (peer !== undefined) return peer;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    for (const peer of this.#peers) peer.close();
    this.#server?.close();
  }

  async #listen(): Promise<number> {
    const server = createServer(
      {
        key: this.identity.privateKeyPem,
        cert: this.identity.certificatePem,
        ALPNProtocols: [ALPN_TRANSFER],
        requestCert: true,
        rejectUnauthorized: false,
      },
      (socket) => {
        const peer = RawPeer.over(socket);
        this.#peers.push(peer);
        this.#dialled.push(peer);
        this.#wake();
      },
    );
    this.#server = server;
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }
}

/** The receiver's part up to the offer. */
export async function takeOffer(peer: RawPeer): Promise<MessageBody<typeof transferMessages, 'offer'>> {
  await peer.expect('hello');
  peer.hello();
  return await peer.expect('offer');
}

/** Hears, on a line of its own, that the victim has given a transfer up, and says that it knows. */
export async function hearCancel(hostile: HostileDevice): Promise<TransferId> {
  const peer = await hostile.dialled();
  await peer.expect('hello');
  peer.hello();
  const { transfer } = await peer.expect('cancel');
  peer.message('refuse', { reason: wireNumber('cancelled') });
  return transfer;
}

/** Accepts an offer at whatever place. */
export async function acceptAt(
  peer: RawPeer,
  place: { readonly entry: number; readonly offset: number },
): Promise<void> {
  const { publicKey } = await ephemeralKem();
  peer.message('accept', { kemPublicKey: publicKey, ...place });
}

/** An engine called `victim` and a device it trusts and should not. */
export async function victimAndHostile(
  bench: Bench,
  options: Partial<EngineOptions> = {},
): Promise<{ readonly victim: Engine; readonly hostile: HostileDevice }> {
  const victim = await bench.engine('victim', options);
  return { victim, hostile: await befriend(bench, victim) };
}

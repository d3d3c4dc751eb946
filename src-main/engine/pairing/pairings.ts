import { randomBytes } from 'node:crypto';
import { SealaneError } from '../../../shared/errors.ts';
import { ALPN_PAIR, PAIR_PROTOCOL } from '../../../shared/messages.ts';
import type { DeviceView, PairingId, PairingView } from '../../../shared/views.ts';
import { pairingIdSchema } from '../../../shared/views.ts';
import { viewOfDevice } from '../devices.ts';
import type { Identity } from '../identity/identity.ts';
import { rememberAddress } from '../net/addresses.ts';
import { Channel } from '../net/channel.ts';
import type { PeerStream, Transport } from '../net/transport.ts';
import type { Store } from '../store/contract.ts';
import { AttemptLimit } from './attempt-limit.ts';
import { introduceAsInvitee, introduceAsInviter, isOpenInvite } from './handshake.ts';
import type { Introduction, PairChannel } from './handshake.ts';
import { parseInvite } from './invite-token.ts';
import { PairingSession } from './session.ts';

/** Attempts by others that may be under way at once: a person can look at no more. */
const MAX_INBOUND = 4;

/** Ended attempts that are still shown. */
const MAX_ENDED = 8;

export interface PairingsOptions {
  readonly identity: Identity;
  readonly store: Store;
  readonly transport: Transport;
  readonly now: () => number;
  /** The port this device listens on; 0 when it does not. */
  readonly port: () => number;
  readonly onChange: (view: PairingView) => void;
}

/** All attempts at pairing on this device, from either side. */
export class Pairings {
  readonly #options: PairingsOptions;
  readonly #sessions = new Map<PairingId, PairingSession>();
  /** Strangers who have not yet said what they want. Nobody is shown them; how many there can be is the transport's business. */
  readonly #knocking = new Set<PairingSession>();
  readonly #attempts = new AttemptLimit();

  constructor(options: PairingsOptions) {
    this.#options = options;
  }

  views(): readonly PairingView[] {
    return [...this.#sessions.values()].map((session) => session.view);
  }

  /**
   * A stranger dialled to pair: the inviter's side. It is an attempt from its first message on. Where too many have failed lately,
   * none but an invite that is open is looked at: who was given one can use it, whoever else is at the same address.
   */
  accept(stream: PeerStream): void {
    const { identity, store, now } = this.#options;
    const { invites } = store;
    const { host } = stream.peer;
    const channel = new Channel(stream.socket, stream.peer, PAIR_PROTOCOL);
    const session = this.#create('inviter', '');
    this.#knocking.add(session);
    const onRequest = (token: string) => {
      if (this.#attempts.isExhausted(host) && !isOpenInvite(token, invites)) {
        throw new SealaneError('too-many-attempts');
      }
      if (this.#inbound().length >= MAX_INBOUND) throw new SealaneError('busy');
      this.#show(session);
      this.#options.onChange(session.view);
    };
    const introduce = async (opened: PairChannel): Promise<Introduction> => {
      try {
        const { proven: onProven } = stream;
        return await introduceAsInviter(opened, { identity, invites, now, onRequest, onProven });
      } catch (error) {
        if (isFailedAttempt(error)) this.#attempts.fail(host);
        throw error;
      }
    };
    void session.run(() => Promise.resolve(channel), introduce).then(() => this.#knocking.delete(session));
  }

  /** The invitee's side. Throws at once what can be seen in the invite itself. */
  async start(linkOrToken: string): Promise<PairingId> {
    const { identity, store, transport, now, port } = this.#options;
    const invite = await parseInvite(linkOrToken, { now: now() });
    if (invite.inviter === identity.id) throw new SealaneError('invite-own');
    const session = this.#create('invitee', invite.name);
    this.#show(session);
    const dial = async (): Promise<PairChannel> => {
      const { inviter: id, addresses } = invite;
      const { socket, peer } = await transport
        .dial({ id, addresses, alpn: ALPN_PAIR, signal: session.signal })
        .catch((error: unknown) => {
          throw error instanceof SealaneError && error.code === 'peer-key-mismatch'
            ? new SealaneError('invite-wrong-server')
            : error;
        });
      return new Channel(socket, peer, PAIR_PROTOCOL);
    };
    void session.run(dial, (channel) =>
      introduceAsInvitee(channel, { identity, invite, name: store.settings.get().name, port: port() }),
    );
    return session.view.id;
  }

  answer(id: PairingId, matches: boolean): void {
    this.#sessions.get(id)?.answer(matches);
  }

  cancel(id: PairingId): void {
    this.#sessions.get(id)?.cancel();
  }

  cancelAll(): void {
    for (const session of [...this.#knocking, ...this.#sessions.values()]) session.cancel();
  }

  /** Attempts by others that are under way. */
  #inbound(): readonly PairingSession[] {
    return [...this.#sessions.values()].filter(({ view, isOver }) => view.role === 'inviter' && !isOver);
  }

  #create(role: PairingView['role'], peerName: string): PairingSession {
    return new PairingSession({
      id: pairingIdSchema.parse(randomBytes(8).toString('hex')),
      role,
      peerName,
      trust: (channel, introduction) => this.#trust(channel, introduction),
      onChange: (view) => {
        if (this.#sessions.has(view.id)) this.#options.onChange(view);
      },
    });
  }

  /** From here on the attempt is seen from outside. */
  #show(session: PairingSession): void {
    const ended = [...this.#sessions].filter(([, { isOver }]) => isOver);
    for (const [id] of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) this.#sessions.delete(id);
    this.#knocking.delete(session);
    this.#sessions.set(session.view.id, session);
  }

  /** From here on the peer's key is trusted. What the user had set for a device that is paired anew stays as it was. */
  async #trust({ peer }: PairChannel, { peerName, peerPort }: Introduction): Promise<DeviceView> {
    const { store, now } = this.#options;
    const known = store.devices.get(peer.id);
    const addresses =
      peerPort === 0
        ? (known?.addresses ?? [])
        : rememberAddress(known?.addresses ?? [], { host: peer.host, port: peerPort });
    const record = {
      id: peer.id,
      name: known?.name ?? peerName,
      accept: known?.accept ?? ('ask' as const),
      into: known?.into ?? null,
      lastSeen: now(),
      paired: now(),
      addresses,
    };
    await store.devices.put(record);
    return viewOfDevice(record);
  }
}

/** Whether an introduction ended because of what the stranger showed, and not because either side went away. */
function isFailedAttempt(error: unknown): boolean {
  return error instanceof SealaneError && !error.fromPeer && /^(invite|frame)-/.test(error.code);
}

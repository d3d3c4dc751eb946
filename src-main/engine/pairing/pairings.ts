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
import { introduceAsInvitee, introduceAsInviter } from './handshake.ts';
import type { Introduction, PairChannel } from './handshake.ts';
import { parseInvite } from './invite-token.ts';
import { PairingSession } from './session.ts';

/** Attempts that strangers may have under way at once: a person can look at no more. */
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

  constructor(options: PairingsOptions) {
    this.#options = options;
  }

  views(): readonly PairingView[] {
    return [...this.#sessions.values()].map((session) => session.view);
  }

  /** A stranger dialled to pair: the inviter's side. */
  accept(stream: PeerStream): void {
    const { identity, store, now } = this.#options;
    const channel = new Channel(stream.socket, stream.peer, PAIR_PROTOCOL);
    const underWay = [...this.#sessions.values()].filter(
      (session) => session.view.role === 'inviter' && !session.isOver,
    );
    if (underWay.length >= MAX_INBOUND) {
      void channel.refuse(new SealaneError('busy'));
      return;
    }
    const session = this.#add('inviter', '');
    void session.run(
      () => Promise.resolve(channel),
      (opened) => introduceAsInviter(opened, { identity, invites: store.invites, now }),
    );
  }

  /** The invitee's side. Throws at once what can be seen in the invite itself. */
  async start(linkOrToken: string): Promise<PairingId> {
    const { identity, store, transport, now, port } = this.#options;
    const invite = await parseInvite(linkOrToken, { now: now() });
    if (invite.inviter === identity.id) throw new SealaneError('invite-own');
    const session = this.#add('invitee', invite.name);
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
    for (const session of this.#sessions.values()) session.cancel();
  }

  #add(role: PairingView['role'], peerName: string): PairingSession {
    const ended = [...this.#sessions].filter(([, session]) => session.isOver);
    for (const [id] of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) this.#sessions.delete(id);
    const session = new PairingSession({
      id: pairingIdSchema.parse(randomBytes(8).toString('hex')),
      role,
      peerName,
      trust: (channel, introduction) => this.#trust(channel, introduction),
      onChange: this.#options.onChange,
    });
    this.#sessions.set(session.view.id, session);
    return session;
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

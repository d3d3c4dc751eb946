import { randomBytes } from 'node:crypto';
import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError } from '../../../shared/errors.ts';
import { ALPN_PAIR, PAIR_PROTOCOL } from '../../../shared/messages.ts';
import type { DeviceView, InviteId, PairingId, PairingView } from '../../../shared/views.ts';
import { pairingIdSchema } from '../../../shared/views.ts';
import { labelOf, viewOfDevice } from '../devices.ts';
import type { Identity } from '../identity/identity.ts';
import { rememberAddress } from '../net/addresses.ts';
import { Channel } from '../net/channel.ts';
import type { PeerStream, Transport } from '../net/transport.ts';
import type { DeviceRecord, Store } from '../store/contract.ts';
import { AttemptLimit } from './attempt-limit.ts';
import { introduceAsInvitee, introduceAsInviter, isOpenInvite } from './handshake.ts';
import type { Introduction, PairChannel } from './handshake.ts';
import { parseInvite } from './invite-token.ts';
import { PairingSession } from './session.ts';

/** Attempts by holders of an invite that may be under way at once: a person can look at no more. */
const MAX_INBOUND = 4;

/** Ended attempts that are still shown. */
const MAX_ENDED = 8;

export interface PairingsOptions {
  readonly identity: Identity;
  readonly store: Store;
  readonly transport: Transport;
  readonly now: () => number;
  /** Where this device listens; port 0 when it does not. */
  readonly reach: () => { readonly hosts: readonly string[]; readonly port: number };
  readonly onChange: (view: PairingView) => void;
}

/** All attempts at pairing on this device, from either side. */
export class Pairings {
  readonly #options: PairingsOptions;
  readonly #sessions = new Map<PairingId, PairingSession>();
  /** Strangers who have not yet said what they want. Nobody is shown them; how many there can be is the transport's business. */
  readonly #knocking = new Set<PairingSession>();
  readonly #attempts = new AttemptLimit();
  /** The attempt that each invite has led to: no invite leads to two at a time. */
  readonly #places = new Map<InviteId, PairingSession>();

  constructor(options: PairingsOptions) {
    this.#options = options;
  }

  views(): readonly PairingView[] {
    return [...this.#sessions.values()].map((session) => session.view);
  }

  /**
   * A stranger dialled to pair: the inviter's side. It is an attempt, takes a place and is shown once it has proven that it holds an open
   * invite; before that it has nothing that another could lack. Where too many have failed lately, none but an invite that is open is
   * looked at: who was given one can use it, whoever else is at the same address.
   */
  accept(stream: PeerStream): void {
    const { identity, store, now } = this.#options;
    const { invites } = store;
    const { host } = stream.peer;
    const channel = new Channel(stream, PAIR_PROTOCOL);
    const session = this.#create('inviter', stream.peer.id, '');
    this.#knocking.add(session);
    const onRequest = (token: string) => {
      if (this.#attempts.isExhausted(host) && !isOpenInvite(token, invites)) {
        throw new SealaneError('too-many-attempts');
      }
    };
    const onProven = (invite: InviteId) => {
      this.#takePlace(invite, session);
      stream.proven();
      session.prove(invite);
      this.#show(session);
      this.#options.onChange(session.view);
    };
    const introduce = async (opened: PairChannel): Promise<Introduction> => {
      try {
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
    const { identity, store, transport, now, reach } = this.#options;
    const invite = await parseInvite(linkOrToken, { now: now() });
    if (invite.inviter === identity.id) throw new SealaneError('invite-own');
    const session = this.#create('invitee', invite.inviter, invite.name);
    this.#show(session);
    const dial = async (): Promise<PairChannel> => {
      const { inviter: id, addresses } = invite;
      const stream = await transport
        // Once each: whoever has made the invite has chosen where this device knocks.
        .dial({ id, addresses, alpn: ALPN_PAIR, once: true, signal: session.signal })
        .catch((error: unknown) => {
          throw isOfAnswerer(error) ? new SealaneError('invite-wrong-server', { cause: error }) : error;
        });
      return new Channel(stream, PAIR_PROTOCOL);
    };
    void session.run(dial, (channel) =>
      introduceAsInvitee(channel, { identity, invite, name: store.settings.get().name, ...reach() }),
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

  /** A place is free again the moment its attempt is over, however long the other side takes to hear that. */
  #takePlace(invite: InviteId, session: PairingSession): void {
    for (const [id, { isOver }] of this.#places) if (isOver) this.#places.delete(id);
    if (this.#places.has(invite)) throw new SealaneError('invite-used');
    if (this.#places.size >= MAX_INBOUND) throw new SealaneError('busy');
    this.#places.set(invite, session);
  }

  /** Ends the attempts with keys that have left the list of devices: nothing that is said later brings them back. */
  dropForgotten(): void {
    const { devices } = this.#options.store;
    for (const session of this.#sessions.values()) {
      session.noteListed(devices.get(session.peer) !== undefined);
    }
  }

  #create(role: PairingView['role'], peer: DeviceId, peerName: string): PairingSession {
    const { devices } = this.#options.store;
    return new PairingSession({
      id: pairingIdSchema.parse(randomBytes(8).toString('hex')),
      role,
      peer,
      peerName,
      knownAs: async () => {
        await devices.refresh();
        return knownAs(devices.get(peer), devices.list());
      },
      trust: (channel, introduction, check) => this.#trust(channel, introduction, check),
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

  /**
   * From here on the peer's key is trusted. What the user had set for a device that is paired anew stays as it was at the moment of
   * storing, which `check` may refuse.
   */
  async #trust(
    { peer }: PairChannel,
    { peerName, peerIsAt }: Introduction,
    check: (knownAs: string | null) => void,
  ): Promise<DeviceView> {
    const { store, now } = this.#options;
    const record = await store.devices.put(peer.id, (known) => {
      check(knownAs(known, store.devices.list()));
      const addresses = known?.addresses ?? [];
      const said = 'said' in peerIsAt && peerIsAt.said.length > 0 ? peerIsAt.said : known?.said;
      return {
        // The user has just looked at what it calls itself.
        name: known?.isNamed === true ? known.name : peerName,
        isNamed: known?.isNamed ?? false,
        was: null,
        accept: known?.accept ?? 'ask',
        into: known?.into ?? null,
        lastSeen: now(),
        hasForgotten: false,
        paired: now(),
        addresses: 'reached' in peerIsAt ? rememberAddress(addresses, peerIsAt.reached) : addresses,
        ...(said === undefined ? {} : { said }),
      };
    });
    return viewOfDevice(record, store.devices.list());
  }
}

/** What a device is called among those that are known; null for none of them. */
function knownAs(record: DeviceRecord | undefined, devices: readonly DeviceRecord[]): string | null {
  return record === undefined ? null : labelOf(record, devices);
}

/** Whether an introduction ended because of what the stranger showed, and not because either side went away. */
function isFailedAttempt(error: unknown): boolean {
  return error instanceof SealaneError && !error.fromPeer && /^(invite|frame)-/.test(error.code);
}

/** Whether dialling ended because of who answered. The inviter would have answered with its key: whatever else did is not the inviter. */
function isOfAnswerer(error: unknown): boolean {
  return error instanceof SealaneError && (error.code === 'peer-key-mismatch' || error.code === 'tls-failed');
}

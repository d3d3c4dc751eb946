import { isDeepStrictEqual } from 'node:util';
import type { DeviceId } from '../../../shared/device-id.ts';
import {
  DEAD_AFTER_MS,
  HANDSHAKE_TIMEOUT_MS,
  HELLOS_PER_SECOND,
  HELLO_BURST,
  RENAME_BURST,
  RENAME_EVERY_MS,
} from '../../../shared/limits.ts';
import { ALPN_TRANSFER, TRANSFER_PROTOCOL } from '../../../shared/messages.ts';
import type { Message } from '../../../shared/messages.ts';
import type { TransferId } from '../../../shared/views.ts';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import { renamedByItself } from '../devices.ts';
import { addressesOf, rememberAddress, saidAddresses } from '../net/addresses.ts';
import { Channel, refuseUnread } from '../net/channel.ts';
import type { PeerStream, Transport } from '../net/transport.ts';
import type { Address, DeviceRecord, Store } from '../store/contract.ts';
import { DeviceRates } from './device-rates.ts';
import { Presence } from './presence.ts';
import { answerGreeting, greet } from './greeting.ts';
import type { Greeting, Hello, TransferChannel } from './greeting.ts';
import { MissedDial } from './missed-address.ts';
import type { MissedAddress } from './missed-address.ts';

/** Connections on which one trusted device has not yet said what it wants. */
const MAX_GREETING_PER_DEVICE = 16;

/** What a device says that has nothing more to do with a transfer. */
const OVER_THERE: readonly string[] = ['cancelled', 'not-trusted', 'device-forgotten'];

/** When a device was last seen is written down to this, in ms: it is there to be read by people. */
const SEEN_TO_MS = 60_000;

export interface LinesOptions {
  readonly store: Store;
  readonly transport: Transport;
  readonly now: () => number;
  /** What this device says of itself. */
  readonly greeting: () => Greeting;
  /** Told when a device has come to be connected, or is not any more. */
  readonly onPresence: () => void;
}

/** What a trusted device dialled for: to offer something, to say that it is back, or that a transfer is given up. */
export type OpeningMessage = Extract<
  Message<typeof TRANSFER_PROTOCOL.messages>,
  { type: 'offer' | 'wake' | 'cancel' }
>;

export interface Opening {
  readonly device: DeviceId;
  readonly channel: TransferChannel;
  readonly message: OpeningMessage;
}

/** Connections on the transfer protocol with trusted devices, from either side, and what they teach about addresses. */
export class Lines {
  readonly #options: LinesOptions;
  /** Connections of trusted peers that have not yet said what they want. */
  readonly #greeting = new Map<TransferChannel, DeviceId>();
  /** Where each device's running process can be woken, as it said itself; not kept. */
  readonly #wakeAddresses = new Map<DeviceId, readonly Address[]>();

  /** Each may lead to something that is written. */
  readonly #hellos = new DeviceRates({ burst: HELLO_BURST, perSecond: HELLOS_PER_SECOND });
  /** A device that calls itself something else each time is not followed: its user here could not. */
  readonly #renames = new DeviceRates({ burst: RENAME_BURST, perSecond: 1000 / RENAME_EVERY_MS });

  readonly #presence: Presence;
  #isClosed = false;

  constructor(options: LinesOptions) {
    this.#options = options;
    this.#presence = new Presence(() => {
      if (!this.#isClosed) options.onPresence();
    });
  }

  /** Whether there is a connection with the device now. */
  isConnected(device: DeviceId): boolean {
    return this.#presence.has(device);
  }

  /** Greets a trusted device that was dialled, and learns what it calls itself. Throws what ended the channel. */
  async greet(device: DeviceId, channel: TransferChannel): Promise<Hello> {
    const hello = await greet(channel, this.#options.greeting());
    const name = this.#nameOf(device, hello);
    await this.#note(device, (known) => ({ ...name(known), ...trusts(known) }));
    return hello;
  }

  /** Where the source of its last connection could be woken; what it said beside that is tried by `wake`. */
  wakeAddress(device: DeviceId): Address | null {
    return this.#wakeAddresses.get(device)?.at(-1) ?? null;
  }

  /**
   * Dials a trusted device, at `to` first if that is given; `onMissed` is told when it was reached, but not there. Throws what
   * `Transport.dial` throws.
   */
  async dial(
    device: DeviceId,
    to: Address | undefined,
    signal: AbortSignal,
    onMissed: (missed: MissedAddress) => void,
  ): Promise<TransferChannel> {
    const { store, transport } = this.#options;
    const record = store.devices.get(device);
    if (record === undefined) throw new SealaneError('device-unknown');
    const missed = to === undefined ? undefined : new MissedDial(to);
    const addresses = [...(to === undefined ? [] : [to]), ...addressesOf(record)];
    const stream = await transport.dial({
      id: device,
      addresses,
      alpn: ALPN_TRANSFER,
      signal,
      onMissed: (address, error) => missed?.failed(address, error),
    });
    const channel = this.#channel(stream);
    const { host, port } = stream.peer;
    const news = missed?.whenReachedAt({ host, port });
    if (news !== undefined) onMissed(news);
    await this.#note(device, (known) => ({ addresses: rememberAddress(known.addresses, { host, port }) }));
    return channel;
  }

  /** Tells a device that this one is back. `first` are addresses to try before the known ones. Throws what ended the line. */
  async wake(device: DeviceId, first: readonly Address[], signal: AbortSignal): Promise<void> {
    const channel = await this.#call(device, [...first, ...this.#wakeAddressesOf(device)], signal);
    await channel.send('wake', {});
    await channel.close();
  }

  /** As `wake`, by dialling each address that is known once: for a device that may be away, and of which nothing is waited for. */
  async announce(device: DeviceId, signal: AbortSignal): Promise<void> {
    const channel = await this.#call(device, [], signal, true);
    await channel.send('wake', {});
    await channel.close();
  }

  /**
   * Tells a device that this one is there, at an address that this device's user has given and nowhere else. It is kept once a device with
   * the right key has said hello there. Throws what ended the line.
   */
  async lookFor(device: DeviceId, address: Address, signal: AbortSignal): Promise<void> {
    const { store, transport } = this.#options;
    if (store.devices.get(device) === undefined) throw new SealaneError('device-unknown');
    const request = { id: device, addresses: [address], alpn: ALPN_TRANSFER, signal };
    const channel = await this.#greeted(device, await transport.dial(request), signal);
    await this.#note(device, (known) => ({ addresses: rememberAddress(known.addresses, address) }));
    await channel.send('wake', {});
    await channel.close();
  }

  /**
   * Tells a device that a transfer with it is given up; resolves once it has said that this is over there, too, or that it trusts this
   * device no longer: with that everything between the two has ended there. `first` as for `wake`.
   * Throws what ended the line otherwise: `busy` where another process of the device is at it.
   */
  async cancel(
    { device, transfer }: { readonly device: DeviceId; readonly transfer: TransferId },
    first: readonly Address[],
    signal: AbortSignal,
  ): Promise<void> {
    try {
      // Where it was woken last may be a process that knows nothing of this transfer.
      const channel = await this.#call(device, first, signal);
      await channel.send('cancel', { transfer });
      await channel.expect();
    } catch (error) {
      const { code, fromPeer } = asSealaneError(error);
      if (!fromPeer || !OVER_THERE.includes(code)) throw error;
    }
  }

  #wakeAddressesOf(device: DeviceId): readonly Address[] {
    return this.#wakeAddresses.get(device) ?? [];
  }

  /** A greeted line to a running process of the device: at `first`, else where it is known to be, else where it can be woken. */
  async #call(
    device: DeviceId,
    first: readonly Address[],
    signal: AbortSignal,
    once = false,
  ): Promise<TransferChannel> {
    const { store, transport } = this.#options;
    const record = store.devices.get(device);
    if (record === undefined) throw new SealaneError('device-unknown');
    const addresses = [...first, ...addressesOf(record), ...this.#wakeAddressesOf(device)];
    const request = { id: device, addresses, alpn: ALPN_TRANSFER, once, signal };
    return this.#greeted(device, await transport.dial(request), signal);
  }

  /** Greets a device that was dialled for a word in passing. The line ends with `signal`. */
  async #greeted(device: DeviceId, stream: PeerStream, signal: AbortSignal): Promise<TransferChannel> {
    const channel = this.#channel(stream);
    // Who answers, and then says nothing, is waited for no longer than who does not answer.
    const onAbort = () => void channel.close();
    signal.addEventListener('abort', onAbort);
    channel.onClose(() => {
      signal.removeEventListener('abort', onAbort);
    });
    if (signal.aborted) onAbort();
    channel.setDeadline(HANDSHAKE_TIMEOUT_MS, 'connection-stalled');
    await this.greet(device, channel);
    return channel;
  }

  /**
   * Takes a connection: the key is looked up before anything is read, then greetings are exchanged. Undefined when that led to
   * nothing; the peer was told, and there is nothing that this side's user has seen or could do. `onGreeted` is called when a device has
   * said hello, and what it wants is still to come.
   */
  async receive(stream: PeerStream, onGreeted: () => void): Promise<Opening | undefined> {
    const { store, greeting } = this.#options;
    const { peer, socket } = stream;
    const device = peer.id;
    if (store.devices.get(device) === undefined) {
      await refuseUnread(socket, 'not-trusted');
      return undefined;
    }
    const waiting = [...this.#greeting.values()].filter((other) => other === device).length;
    const isCrowded = waiting >= MAX_GREETING_PER_DEVICE;
    if (isCrowded || !this.#hellos.take(device)) {
      await refuseUnread(socket, isCrowded ? 'busy' : 'too-fast');
      return undefined;
    }
    stream.proven();
    const channel = this.#channel(stream);
    this.#greeting.set(channel, device);
    try {
      channel.setDeadline(HANDSHAKE_TIMEOUT_MS, 'connection-stalled');
      const hello = await answerGreeting(channel, greeting());
      // A sender may look through very many files before it offers; from here on the watch on the line is enough.
      channel.clearDeadline();
      onGreeted();
      const said = saidAddresses(hello, peer.host);
      const name = this.#nameOf(device, hello);
      await this.#note(device, (known) => ({
        ...(said.length > 0 ? { said } : {}),
        ...name(known),
        ...trusts(known),
      }));
      if (hello.wakePort > 0) {
        const wake = { hosts: hello.hosts, port: hello.wakePort };
        this.#wakeAddresses.set(device, saidAddresses(wake, peer.host));
      }
      const message = await channel.expect('offer', 'wake', 'cancel');
      if (store.devices.get(device) === undefined) throw new SealaneError('device-forgotten');
      return { device, channel, message };
    } catch (error) {
      // Without effect where the connection is what has ended; left open, it would keep the peer waiting for ever.
      void channel.refuse(asSealaneError(error));
      return undefined;
    } finally {
      this.#greeting.delete(channel);
    }
  }

  /** Ends connections that have come to nothing yet, of devices that are no longer trusted. */
  dropUntrusted(isTrusted: (device: DeviceId) => boolean): void {
    for (const [channel, device] of this.#greeting) {
      if (!isTrusted(device)) void channel.refuse(new SealaneError('device-forgotten'));
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const channel of this.#greeting.keys()) void channel.close();
  }

  /** The messages of a connection with a trusted device, whose end teaches when it was there last, and whether it trusts this one. */
  #channel(stream: PeerStream): TransferChannel {
    const channel = new Channel(stream, TRANSFER_PROTOCOL);
    const { peer } = stream;
    this.#presence.add(peer.id, channel);
    channel.onClose(({ code, fromPeer }) => {
      if (this.#isClosed) return;
      const hasForgotten = fromPeer && (code === 'not-trusted' || code === 'device-forgotten');
      const quietMs = code === 'connection-stalled' && !fromPeer ? DEAD_AFTER_MS : 0;
      void this.#note(peer.id, () => (hasForgotten ? { hasForgotten } : {}), quietMs);
    });
    return channel;
  }

  /** What a record becomes by what its device calls itself: nothing else where that is no news, or comes too often. */
  #nameOf(device: DeviceId, { name }: Hello): (known: DeviceRecord) => Learnt {
    const known = this.#options.store.devices.get(device);
    const isNews = known !== undefined && renamedByItself(known, name) !== undefined;
    if (!isNews || !this.#renames.take(device)) return () => ({});
    return (newest) => renamedByItself(newest, name) ?? {};
  }

  /**
   * Writes down that the device was seen, and where, when that is news. Never rejects: what cannot be written down of where a device is,
   * is no reason not to talk. `quietMs`: for how long nothing was heard of it.
   */
  async #note(device: DeviceId, learn: (known: DeviceRecord) => Learnt, quietMs = 0): Promise<void> {
    const { store, now } = this.#options;
    const at = now() - quietMs;
    const edit = (known: DeviceRecord) => newsOf(known, learn(known), at);
    const known = store.devices.get(device);
    // Where there is nothing to write, the connection waits for no lock and no disk.
    if (known === undefined || edit(known) === undefined) return;
    // Learnt anew of the record as it is then: another connection may have taught something meanwhile.
    await store.devices.change(device, (newest) => edit(newest) ?? {}).catch(() => undefined);
  }
}

type Learnt = Pick<Partial<DeviceRecord>, 'addresses' | 'said' | 'name' | 'was' | 'hasForgotten'>;

/** What a record becomes when its device has said hello: it trusts this one. */
function trusts({ hasForgotten }: DeviceRecord): Learnt {
  return hasForgotten === true ? { hasForgotten: false } : {};
}

/** What is to be changed in a record of a device that was seen `at` a time, in ms since 1970; undefined when nothing is. */
function newsOf(
  known: DeviceRecord,
  learnt: Learnt,
  at: number,
): (Learnt & { readonly lastSeen: number }) | undefined {
  const isElsewhere = !isDeepStrictEqual({ ...known, ...learnt }, known);
  const isSeenAnew = known.lastSeen === null || Math.abs(at - known.lastSeen) >= SEEN_TO_MS;
  return isElsewhere || isSeenAnew ? { ...learnt, lastSeen: at } : undefined;
}

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError } from '../../../shared/errors.ts';
import { HANDSHAKE_TIMEOUT_MS } from '../../../shared/limits.ts';
import { ALPN_TRANSFER, TRANSFER_PROTOCOL } from '../../../shared/messages.ts';
import { isOver, transferIdSchema } from '../../../shared/views.ts';
import type { TransferId, TransferView } from '../../../shared/views.ts';
import type { SendRequest } from '../api.ts';
import { createContentReceiver } from '../content/receiver-handle.ts';
import { createContentSender } from '../content/sender-handle.ts';
import { rememberAddress } from '../net/addresses.ts';
import { Channel, refuseUnread } from '../net/channel.ts';
import type { PeerStream, Transport } from '../net/transport.ts';
import type { Address, DeviceRecord, Store } from '../store/contract.ts';
import { openTransferFolder } from './leftovers.ts';
import { LiveTransfer } from './live-transfer.ts';
import { awaitOffer, runReceive } from './receive.ts';
import type { Decision, Offer } from './receive.ts';
import { runSend } from './send.ts';
import type { TransferChannel } from './send.ts';

/** Transfers one device may have open towards this one. */
const MAX_INBOUND_PER_DEVICE = 8;

export interface TransfersOptions {
  readonly store: Store;
  readonly transport: Transport;
  readonly now: () => number;
  /** The port this device listens on; 0 when it does not. */
  readonly port: () => number;
  /** Whether devices that may send without asking are accepted by themselves. */
  readonly autoAccept: boolean;
  /** Where received files go unless the device says otherwise. */
  readonly downloads: () => string;
  readonly onChange: (view: TransferView) => void;
  readonly onCipher: (kind: 'native' | 'wasm') => void;
}

interface Running {
  readonly live: LiveTransfer;
  /** Receiver: answers the offer. */
  readonly decide: ((decision: Decision) => void) | undefined;
  readonly ended: Promise<void>;
}

/** All transfers of this device: those under way, and through the store those that have ended. */
export class Transfers {
  readonly #options: TransfersOptions;
  readonly #running = new Map<TransferId, Running>();
  /** Connections of trusted peers that have not yet offered anything. */
  readonly #greeting = new Map<TransferChannel, DeviceId>();

  constructor(options: TransfersOptions) {
    this.#options = options;
  }

  /** Newest first. */
  views(): readonly TransferView[] {
    const running = [...this.#running.values()].map(({ live }) => live.view);
    const ended = this.#options.store.history.list().filter(({ id }) => !this.#running.has(id));
    return [...running, ...ended].sort((a, b) => b.created - a.created);
  }

  async send(record: DeviceRecord, { paths, to }: SendRequest): Promise<TransferId> {
    const { store, port, onCipher } = this.#options;
    const id = transferIdSchema.parse(randomBytes(16).toString('hex'));
    const manifestFile = join(await openTransferFolder(store, id), 'manifest');
    const live = this.#begin(id, 'send', record, { kind: 'preparing', files: 0, bytes: 0 });
    const content = createContentSender();
    const connect = (signal: AbortSignal) => this.#connect(record.id, to, signal);
    void this.#track(live, () =>
      runSend({ id, paths, manifestFile, live, content, connect, port, onCipher }),
    );
    return id;
  }

  /** A device dialled to send. Its key is looked up before anything of it is read. */
  async accept(stream: PeerStream): Promise<void> {
    const { store, port } = this.#options;
    const record = store.devices.get(stream.peer.id);
    if (record === undefined) {
      await refuseUnread(stream.socket, 'not-trusted');
      return;
    }
    stream.proven();
    const channel = new Channel(stream.socket, stream.peer, TRANSFER_PROTOCOL);
    this.#greeting.set(channel, record.id);
    channel.setDeadline(HANDSHAKE_TIMEOUT_MS, 'connection-stalled');
    try {
      const { offer, peerPort } = await awaitOffer(channel, port());
      channel.clearDeadline();
      if (peerPort > 0) await this.#seen(record.id, { host: stream.peer.host, port: peerPort });
      await this.#receive(channel, record.id, offer);
    } catch {
      // The peer was told, and there is nothing that this side's user has seen or could do.
    } finally {
      this.#greeting.delete(channel);
    }
  }

  answer(id: TransferId, decision: Decision | 'default-folder'): void {
    const running = this.#running.get(id);
    if (running?.decide === undefined || running.live.view.state.kind !== 'offered') {
      throw new SealaneError('unknown-transfer');
    }
    const device = running.live.view.device.id;
    running.decide(
      decision === 'default-folder' ? { accept: true, destination: this.#destination(device) } : decision,
    );
  }

  cancel(id: TransferId): void {
    const running = this.#running.get(id);
    if (running === undefined || running.live.isOver) throw new SealaneError('unknown-transfer');
    running.live.end(new SealaneError('cancelled'));
  }

  /** Removes ended transfers from the history. */
  async clearHistory(): Promise<void> {
    const { history } = this.#options.store;
    const ended = history.list().filter(({ id, state }) => isOver(state) && !this.#running.has(id));
    await history.remove(ended.map(({ id }) => id));
  }

  /** Ends everything that has to do with devices that are no longer trusted. */
  dropUntrusted(): void {
    const { devices } = this.#options.store;
    const reason = () => new SealaneError('device-forgotten');
    for (const { live } of this.#running.values()) {
      if (devices.get(live.view.device.id) === undefined && !live.isOver) live.end(reason());
    }
    for (const [channel, device] of this.#greeting) {
      if (devices.get(device) === undefined) void channel.refuse(reason());
    }
  }

  async closeAll(): Promise<void> {
    for (const channel of this.#greeting.keys()) void channel.close();
    for (const { live } of this.#running.values()) if (!live.isOver) live.end(new SealaneError('cancelled'));
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  async #receive(channel: TransferChannel, device: DeviceId, offer: Offer): Promise<void> {
    const { store } = this.#options;
    const record = store.devices.get(device);
    if (record === undefined) return channel.refuse(new SealaneError('device-forgotten'));
    const inbound = [...this.#running.values()].filter(
      ({ live }) => live.view.device.id === device && !live.isOver,
    );
    if (this.#running.has(offer.transfer) || inbound.length >= MAX_INBOUND_PER_DEVICE) {
      return channel.refuse(new SealaneError('busy'));
    }
    await openTransferFolder(store, offer.transfer);
    const live = this.#begin(offer.transfer, 'receive', record, { kind: 'offered' }, offer);
    let decide: (decision: Decision) => void = () => undefined;
    const decision = new Promise<Decision>((resolve) => {
      decide = resolve;
    });
    if (this.#options.autoAccept && record.accept === 'always') {
      decide({ accept: true, destination: this.#destination(device) });
    }
    const content = createContentReceiver();
    await this.#track(live, () => runReceive({ channel, offer, live, content, decision }), decide);
  }

  #begin(
    id: TransferId,
    direction: TransferView['direction'],
    { id: device, name }: DeviceRecord,
    state: TransferView['state'],
    offer?: Offer,
  ): LiveTransfer {
    const { now, store, onChange } = this.#options;
    const view: TransferView = {
      id,
      direction,
      device: { id: device, name },
      items: offer?.names ?? [],
      itemCount: offer?.itemCount ?? 0,
      totalBytes: offer?.bytes ?? 0,
      totalFiles: offer?.files ?? 0,
      created: now(),
      state,
    };
    return new LiveTransfer(view, (changed) => {
      void store.history.put(changed);
      onChange(changed);
    });
  }

  /** Tells of the transfer, runs it, and tidies up after it. */
  async #track(
    live: LiveTransfer,
    run: () => Promise<void>,
    decide?: (decision: Decision) => void,
  ): Promise<void> {
    const { store } = this.#options;
    const { id } = live.view;
    // A turn later, so that whoever hears of the transfer can already act on it.
    const ended = Promise.resolve()
      .then(run)
      .then(async () => {
        await store.history.put(live.view);
        await store.removeTransferFolder(id);
        this.#running.delete(id);
      });
    this.#running.set(id, { live, decide, ended });
    live.announce();
    await ended;
  }

  async #connect(device: DeviceId, to: Address | undefined, signal: AbortSignal): Promise<TransferChannel> {
    const { store, transport } = this.#options;
    const record = store.devices.get(device);
    if (record === undefined) throw new SealaneError('device-unknown');
    const addresses = to === undefined ? record.addresses : [to, ...record.addresses];
    const stream = await transport.dial({ id: device, addresses, alpn: ALPN_TRANSFER, signal });
    const channel = new Channel(stream.socket, stream.peer, TRANSFER_PROTOCOL);
    await this.#seen(device, { host: stream.peer.host, port: stream.peer.port });
    return channel;
  }

  async #seen(device: DeviceId, address: Address): Promise<void> {
    const { store, now } = this.#options;
    const addresses = rememberAddress(store.devices.get(device)?.addresses ?? [], address);
    await store.devices.change(device, { lastSeen: now(), addresses });
  }

  #destination(device: DeviceId): string {
    return this.#options.store.devices.get(device)?.into ?? this.#options.downloads();
  }
}

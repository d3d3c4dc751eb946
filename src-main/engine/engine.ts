import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { DeviceId } from '../../shared/device-id.ts';
import { SealaneError } from '../../shared/errors.ts';
import { DEFAULT_INVITE_LIFETIME_MS, MAX_DEVICE_NAME_CHARACTERS } from '../../shared/limits.ts';
import { ALPN_PAIR, ALPN_TRANSFER } from '../../shared/messages.ts';
import type {
  DetailPage,
  DeviceView,
  EngineEvent,
  InviteId,
  InviteView,
  NewInvite,
  Notice,
  OfferDigest,
  PartialData,
  PairingId,
  SelfView,
  TransferId,
  TransferView,
} from '../../shared/views.ts';
import { usualDownloads } from '../folders.ts';
import type {
  AcceptOptions,
  DeviceChange,
  EndedUnfinished,
  Engine,
  EngineOptions,
  SendRequest,
  Snapshot,
} from './api.ts';
import { changeByUser, checkName, findDevice, labelOf, viewOfDevice } from './devices.ts';
import { ContentWorkers } from './content/content-workers.ts';
import { Emitter } from './emitter.ts';
import type { Identity } from './identity/identity.ts';
import { KEY_FILE, hasKeyFile, loadIdentity } from './identity/key-file.ts';
import type { LoadedIdentity } from './identity/key-file.ts';
import { Listener } from './listener.ts';
import { refuseUnread } from './net/channel.ts';
import { TcpTransport } from './net/tcp-transport.ts';
import type { PeerStream, Transport } from './net/transport.ts';
import { checkLifetime, makeInvite } from './pairing/make-invite.ts';
import { Pairings } from './pairing/pairings.ts';
import type { Address, InviteRecord, Store } from './store/contract.ts';
import { openStore } from './store/store.ts';
import { detailsOfTransfer } from './transfer/details-of-transfer.ts';
import { prepareKem } from './transfer/key-schedule.ts';
import { Lines } from './transfer/lines.ts';
import { settleForgotten, settleOrphans } from './transfer/orphans.ts';
import { Transfers } from './transfer/transfers.ts';

/** When whatever comes with a start is done, in ms. */
const SETTLED_AFTER_MS = 1_000;

/** Opens a profile, making it and this device's key when they are new. Throws `profile-unusable`, `profile-unmounted`, `profile-damaged`, `key-locked`. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const now = options.now ?? Date.now;
  const name = (options.name ?? hostname()).trim().slice(0, MAX_DEVICE_NAME_CHARACTERS) || 'My computer';
  const keyFile = join(options.profile, KEY_FILE);
  // The key is made after the documents: beside it, one that is not there was lost.
  const isKnown = await hasKeyFile(keyFile);
  const store = await openStore({ profile: options.profile, defaultName: name, now, isKnown });
  try {
    // Other devices trust the key that is gone, and would not know a new one.
    const mayMake = store.devices.list().length === 0;
    const { identity, protection } = await loadIdentity(keyFile, options.keyProtector, mayMake);
    const engine = new SealaneEngine({ ...options, now }, identity, protection, store);
    await engine.resumeReceiving();
    return engine;
  } catch (error) {
    await store.close();
    throw error;
  }
}

class SealaneEngine implements Engine {
  readonly #options: EngineOptions & { readonly now: () => number };
  readonly #identity: Identity;
  readonly #store: Store;
  readonly #events = new Emitter<EngineEvent>();
  readonly #transport: Transport;
  readonly #pairings: Pairings;
  readonly #transfers: Transfers;
  readonly #notices: Notice[] = [];
  readonly #unsubscribe: (() => void)[];
  readonly #listener: Listener;
  #listening: Promise<number> | undefined;

  constructor(
    options: EngineOptions & { readonly now: () => number },
    identity: Identity,
    protection: LoadedIdentity['protection'],
    store: Store,
  ) {
    this.#options = options;
    this.#identity = identity;
    this.#store = store;
    this.#transport = new TcpTransport(identity);
    const listener = new Listener({
      store,
      transport: this.#transport,
      id: identity.id,
      listen: options.listen,
      isForGood: this.#answersEverything,
      onStream: this.#onStream.bind(this),
      onNotice: this.#notice.bind(this),
    });
    this.#listener = listener;
    const common = { store, transport: this.#transport, now: options.now };
    this.#pairings = new Pairings({
      ...common,
      identity,
      reach: () => ({ hosts: listener.hosts(), port: listener.usualPort() }),
      onChange: (pairing) => {
        this.#events.emit({ type: 'pairing', pairing });
      },
    });
    const greeting = () => ({
      name: store.settings.get().name,
      hosts: listener.hosts(),
      port: listener.usualPort(),
      wakePort: listener.port ?? 0,
    });
    this.#transfers = new Transfers({
      store,
      now: options.now,
      lines: new Lines({ ...common, greeting, onPresence: this.#tellDevices.bind(this) }),
      workers: new ContentWorkers(),
      listen: () => this.listen(),
      autoAccept: options.autoAccept ?? true,
      takesOffers: this.#answersEverything,
      downloads: () => this.#downloads(),
      onChange: (transfer) => {
        this.#events.emit({ type: 'transfer', transfer });
      },
      onRemoved: (ids) => {
        this.#events.emit({ type: 'removed', transfers: [...ids] });
      },
      onTurnedAway: ({ device: id, ...offers }) => {
        const devices = store.devices.list();
        const record = devices.find((known) => known.id === id);
        if (record === undefined) return;
        const device = { id, name: labelOf(record, devices) };
        this.#events.emit({ type: 'turned-away', turnedAway: { device, ...offers } });
      },
      onOtherAddress: (otherAddress) => {
        this.#events.emit({ type: 'other-address', otherAddress });
      },
      onCipher: (kind) => {
        if (kind === 'wasm') this.#notice({ kind: 'slow-cipher' });
      },
    });
    this.#unsubscribe = [
      store.devices.onChange(() => {
        this.#pairings.dropForgotten();
        this.#transfers.devicesChanged();
        this.#tellDevices();
      }),
      store.invites.onChange(() => {
        this.#events.emit({ type: 'invites', invites: [...this.#invites()] });
      }),
      store.settings.onChange(() => {
        this.#events.emit({ type: 'self', self: this.#self() });
      }),
    ];
    if (protection === 'file') this.#notices.push({ kind: 'key-in-file' });
    if (store.losses.length > 0) this.#notices.push({ kind: 'records-lost', records: [...store.losses] });
  }

  /** Before anybody can dial: what others had begun to send is known again. */
  async resumeReceiving(): Promise<void> {
    if (!this.#answersEverything) return;
    await settleOrphans(this.#store);
    await this.#transfers.resumeUnfinished({ sends: false });
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  snapshot(): Snapshot {
    return {
      self: this.#self(),
      port: this.#listener.port,
      downloads: this.#downloads(),
      devices: this.#devices(),
      invites: this.#invites(),
      pairings: this.#pairings.views(),
      transfers: this.#transfers.views(),
      notices: [...this.#notices],
    };
  }

  listen(): Promise<number> {
    this.#listening ??= this.#open();
    return this.#listening;
  }

  async close(): Promise<void> {
    this.#pairings.cancelAll();
    await this.#transfers.closeAll();
    await this.#transport.close();
    for (const stop of this.#unsubscribe) stop();
    await this.#store.close();
  }

  async renameSelf(name: string): Promise<void> {
    await this.#store.settings.change({ name: checkName(name) });
  }

  async createInvite({ lifetimeMs = DEFAULT_INVITE_LIFETIME_MS } = {}): Promise<NewInvite> {
    // Before a port is opened for it.
    checkLifetime(lifetimeMs);
    await this.listen();
    return makeInvite({
      identity: this.#identity,
      store: this.#store,
      addresses: await this.#listener.addresses(),
      created: this.#options.now(),
      lifetimeMs,
    });
  }

  async revokeInvite(id: InviteId): Promise<void> {
    if (!(await this.#store.invites.revoke(id))) throw new SealaneError('unknown-invite');
  }

  pair(linkOrToken: string): Promise<PairingId> {
    return this.#pairings.start(linkOrToken);
  }

  answerPairing(id: PairingId, matches: boolean): void {
    this.#pairings.answer(id, matches);
  }

  cancelPairing(id: PairingId): void {
    this.#pairings.cancel(id);
  }

  findDevice(text: string): DeviceView {
    const devices = this.#store.devices.list();
    return viewOfDevice(findDevice(devices, text), devices);
  }

  async changeDevice(id: DeviceId, change: DeviceChange): Promise<DeviceView> {
    if (typeof change.into === 'string' && !isAbsolute(change.into))
      throw new SealaneError('destination-unusable');
    const record = await this.#store.devices.change(id, changeByUser(change));
    if (record === undefined) throw new SealaneError('device-unknown');
    return viewOfDevice(record, this.#store.devices.list());
  }

  async forgetDevice(id: DeviceId): Promise<void> {
    if (!(await this.#store.devices.remove(id))) throw new SealaneError('device-unknown');
    await settleForgotten(this.#store, id);
  }

  async lookForDevice(id: DeviceId, address: Address): Promise<void> {
    await this.#transfers.lookFor(id, address);
  }

  async addresses(): Promise<readonly Address[]> {
    return this.#listener.port === null ? [] : await this.#listener.addresses();
  }

  async send(request: SendRequest): Promise<TransferId> {
    const record = this.#store.devices.get(request.device);
    if (record === undefined) throw new SealaneError('device-unknown');
    if (request.paths.length === 0) throw new SealaneError('nothing-to-send');
    if (!request.paths.every((path) => isAbsolute(path))) throw new SealaneError('source-missing');
    return await this.#transfers.send(record, request);
  }

  // Promises, so that a caller finds every refusal in the same place.
  async acceptTransfer(id: TransferId, offer: OfferDigest, options: AcceptOptions = {}): Promise<void> {
    await Promise.resolve();
    this.#transfers.answer(id, offer, { accept: true, ...options });
  }

  async declineTransfer(id: TransferId, offer: OfferDigest): Promise<void> {
    await Promise.resolve();
    this.#transfers.answer(id, offer, { accept: false });
  }

  async pauseTransfer(id: TransferId): Promise<void> {
    await this.#transfers.pause(id);
  }

  async resumeTransfer(id: TransferId): Promise<void> {
    await this.#transfers.resume(id);
  }

  async cancelTransfer(id: TransferId): Promise<void> {
    await this.#transfers.cancel(id);
  }

  async cancelUnfinished(id: TransferId): Promise<EndedUnfinished> {
    return await this.#transfers.givingUp.cancel(id);
  }

  async moveTransfer(id: TransferId, into: string): Promise<boolean> {
    return await this.#transfers.givingUp.move(id, into);
  }

  async allTransfers(): Promise<readonly TransferView[]> {
    return await this.#transfers.allViews();
  }

  async partialData(id: TransferId): Promise<PartialData | null> {
    return await this.#transfers.givingUp.partialData(id);
  }

  async removeTransfer(id: TransferId): Promise<void> {
    await this.#transfers.givingUp.remove(id);
  }

  expiry(): number | null {
    return this.#store.settings.get().expireAfterDays;
  }

  async setExpiry(days: number | null): Promise<void> {
    await this.#store.settings.change({ expireAfterDays: days });
  }

  async transferDetails(id: TransferId, from: number): Promise<DetailPage> {
    return await detailsOfTransfer(this.#store, id, from);
  }

  async clearHistory(): Promise<void> {
    await this.#transfers.clearHistory();
  }

  async #open(): Promise<number> {
    const port = await this.#listener.open();
    this.#events.emit({ type: 'ready', self: this.#self(), port });
    this.#transfers.givingUp.start();
    if (this.#answersEverything) {
      this.#transfers.wakeSenders();
      // Beside a process that serves this profile for good, nothing has changed for others.
      if (this.#options.announces === true && this.#listener.usualPort() === port) this.#transfers.announce();
      // Whoever stays has time now, and none when a transfer comes.
      setTimeout(() => void prepareKem(), SETTLED_AFTER_MS).unref();
    }
    if (this.#options.resumeSends === true) await this.#transfers.resumeUnfinished({ sends: true });
    return port;
  }

  #onStream(stream: PeerStream): void {
    if (stream.alpn === ALPN_PAIR) {
      if (this.#answersEverything) this.#pairings.accept(stream);
      else void refuseUnread(stream.socket, 'pairing-not-open');
    } else if (stream.alpn === ALPN_TRANSFER) void this.#transfers.accept(stream);
    else stream.socket.destroy();
  }

  #notice(notice: Notice): void {
    if (this.#notices.some(({ kind }) => kind === notice.kind)) return;
    this.#notices.push(notice);
    this.#events.emit({ type: 'notice', notice });
  }

  get #answersEverything(): boolean {
    return this.#options.answers !== 'own-transfers';
  }

  #self(): SelfView {
    return { id: this.#identity.id, name: this.#store.settings.get().name };
  }

  #downloads(): string {
    const { downloads, profile } = this.#options;
    return this.#store.settings.get().downloads ?? downloads ?? usualDownloads(profile);
  }

  #tellDevices(): void {
    this.#events.emit({ type: 'devices', devices: [...this.#devices()] });
  }

  #devices(): readonly DeviceView[] {
    const all = this.#store.devices.list();
    return all.map((record) => viewOfDevice(record, all, this.#transfers.isConnected(record.id)));
  }

  #invites(): readonly InviteView[] {
    return this.#store.invites.list().map(viewOfInvite);
  }
}

function viewOfInvite({ id, state, created, expires }: InviteRecord): InviteView {
  return { id, state, created, expires };
}

import { formatDeviceId } from '../../../shared/device-id.ts';
import { SealaneError } from '../../../shared/errors.ts';
import { inviteIdSchema, pairingIdSchema, transferIdSchema } from '../../../shared/views.ts';
import type {
  DetailPage,
  DeviceView,
  EngineEvent,
  NewInvite,
  Outcome,
  PartialData,
  TransferId,
  TransferState,
  TransferView,
} from '../../../shared/views.ts';
import type { EndedUnfinished, Engine, EngineOptions, Snapshot } from '../../../src-main/engine/index.ts';
import { deviceView } from '../../support/device-view.ts';
import { items } from '../../support/offered.ts';

/** A stand-in for the engine with a script instead of a network: what is tested with it is what the terminal says and asks. */

export const NOW = 1_800_000_000_000;
export const SELF = { id: formatDeviceId(new Uint8Array(32).fill(1)), name: 'Desk' };
export const LAPTOP = deviceView(formatDeviceId(new Uint8Array(32).fill(2)), 'Laptop', {
  lastSeen: NOW - 3 * 60 * 60_000,
});
const TOKEN = `eyJh.bbbb.${'c'.repeat(86)}`;
export const INVITE: NewInvite = {
  id: inviteIdSchema.parse('-bcdefghijklmnopqrstuv'),
  state: 'open',
  created: NOW,
  expires: NOW + 10 * 60_000,
  token: TOKEN,
  link: `sealane://pair#${TOKEN}`,
};
export const PAIRING = pairingIdSchema.parse('0123456789abcdef');
export const TRANSFER = transferIdSchema.parse('0123456789abcdef0123456789abcdef');
export const OTHER_TRANSFER = transferIdSchema.parse('f'.repeat(32));

/** Called for each command; what it emits comes while the command is still running. */
export type Script = (call: string, args: readonly unknown[], engine: FakeEngine) => void;

export class FakeEngine implements Engine {
  readonly calls: (readonly [string, ...unknown[]])[] = [];
  /** What the device that it pairs with is called here already. */
  knownAs: string | null = null;
  closed = false;
  /** Whether the other device hears that a transfer was cancelled. */
  isTold = true;
  /** Of every transfer. */
  partial: PartialData | null = null;
  expireAfterDays: number | null = 30;
  /** What was left out or renamed, page by page. */
  pages: readonly DetailPage[] = [];
  state: Snapshot = {
    self: SELF,
    port: null,
    downloads: '/home/me/Downloads/Sealane',
    devices: [LAPTOP],
    invites: [],
    pairings: [],
    transfers: [],
    notices: [],
  };
  readonly #script: Script;
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  constructor(script: Script = () => undefined) {
    this.#script = script;
  }

  /** As `createEngine`, with the options kept for the test to see. */
  readonly create = (options: EngineOptions): Promise<Engine> => {
    this.#note('create', options);
    return Promise.resolve(this);
  };

  emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  transfer(state: TransferState, change: Partial<TransferView> = {}): void {
    this.emit({ type: 'transfer', transfer: transferView(state, change) });
  }

  /** Names of the commands that were given, in order. */
  get called(): readonly string[] {
    return this.calls.map(([name]) => name);
  }

  #note(name: string, ...args: readonly unknown[]): void {
    this.calls.push([name, ...args]);
    this.#script(name, args, this);
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  snapshot(): Snapshot {
    return this.state;
  }

  listen(): Promise<number> {
    this.#note('listen');
    return Promise.resolve(7400);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  lookForDevice(
    id: DeviceView['id'],
    address: { readonly host: string; readonly port: number },
  ): Promise<void> {
    this.#note('lookForDevice', id, address);
    return Promise.resolve();
  }

  addresses(): Promise<readonly { readonly host: string; readonly port: number }[]> {
    this.#note('addresses');
    return Promise.resolve([]);
  }

  renameSelf(name: string): Promise<void> {
    this.#note('renameSelf', name);
    this.state = { ...this.state, self: { ...this.state.self, name } };
    return Promise.resolve();
  }

  createInvite(options?: { lifetimeMs?: number }): Promise<NewInvite> {
    this.state = { ...this.state, invites: [INVITE] };
    this.#note('createInvite', options);
    return Promise.resolve(INVITE);
  }

  revokeInvite(id: string): Promise<void> {
    this.#note('revokeInvite', id);
    if (!this.state.invites.some((invite) => invite.id === id)) throw new SealaneError('unknown-invite');
    this.state = {
      ...this.state,
      invites: this.state.invites.map((view) => ({ ...view, state: 'revoked' })),
    };
    return Promise.resolve();
  }

  pair(linkOrToken: string): Promise<typeof PAIRING> {
    this.#note('pair', linkOrToken);
    return Promise.resolve(PAIRING);
  }

  answerPairing(id: string, matches: boolean): void {
    this.#note('answerPairing', id, matches);
  }

  cancelPairing(id: string): void {
    this.#note('cancelPairing', id);
  }

  findDevice(text: string): DeviceView {
    const found = this.state.devices.find(({ name }) => name === text);
    if (found === undefined) throw new SealaneError('device-unknown');
    return found;
  }

  changeDevice(id: string, change: object): Promise<DeviceView> {
    this.#note('changeDevice', id, change);
    return Promise.resolve({ ...LAPTOP, ...change });
  }

  forgetDevice(id: string): Promise<void> {
    this.#note('forgetDevice', id);
    return Promise.resolve();
  }

  send(request: object): Promise<typeof TRANSFER> {
    this.#note('send', request);
    return Promise.resolve(TRANSFER);
  }

  acceptTransfer(id: string, offer: string, options?: object): Promise<void> {
    this.#note('acceptTransfer', id, offer, options);
    return Promise.resolve();
  }

  declineTransfer(id: string, offer: string): Promise<void> {
    this.#note('declineTransfer', id, offer);
    return Promise.resolve();
  }

  pauseTransfer(id: string): Promise<void> {
    this.#note('pauseTransfer', id);
    return Promise.resolve();
  }

  resumeTransfer(id: string): Promise<void> {
    this.#note('resumeTransfer', id);
    return Promise.resolve();
  }

  cancelTransfer(id: string): Promise<void> {
    this.#note('cancelTransfer', id);
    return Promise.resolve();
  }

  cancelUnfinished(id: string): Promise<EndedUnfinished> {
    this.#note('cancelUnfinished', id);
    const found = this.state.transfers.find((view) => view.id === id) ?? transferView(RUNNING);
    const transfer = { ...found, state: { kind: 'cancelled' as const, by: 'me' as const } };
    return Promise.resolve({ transfer, isTold: this.isTold, leftover: this.partial });
  }

  allTransfers(): Promise<readonly TransferView[]> {
    return Promise.resolve(this.state.transfers);
  }

  partialData(): Promise<PartialData | null> {
    return Promise.resolve(this.partial);
  }

  removeTransfer(id: string): Promise<void> {
    this.#note('removeTransfer', id);
    return Promise.resolve();
  }

  expiry(): number | null {
    return this.expireAfterDays;
  }

  setExpiry(days: number | null): Promise<void> {
    this.#note('setExpiry', days);
    this.expireAfterDays = days;
    return Promise.resolve();
  }

  moveTransfer(id: string, into: string): Promise<boolean> {
    this.#note('moveTransfer', id, into);
    return Promise.resolve(true);
  }

  transferDetails(id: TransferId, from: number): Promise<DetailPage> {
    this.#note('transferDetails', id, from);
    return Promise.resolve(this.pages[from] ?? { details: [], next: null });
  }

  clearHistory(): Promise<void> {
    this.#note('clearHistory');
    return Promise.resolve();
  }
}

export function transferView(state: TransferState, change: Partial<TransferView> = {}): TransferView {
  return {
    id: TRANSFER,
    direction: 'send',
    device: { id: LAPTOP.id, name: LAPTOP.name },
    items: items('Holiday'),
    itemCount: 1,
    totalBytes: 3_000_000,
    totalFiles: 12,
    totalFolders: 0,
    hiddenCount: 0,
    programCount: 0,
    created: NOW - 60_000,
    recorded: true,
    state,
    ...change,
  };
}

export const RUNNING: TransferState = {
  kind: 'running',
  progress: { bytes: 1_500_000, files: 5, bytesPerSecond: 500_000, secondsLeft: 3 },
};

export const OUTCOME: Outcome = {
  bytes: 3_000_000,
  files: 12,
  seconds: 6,
  resent: [],
  resentCount: 0,
  grown: [],
  grownCount: 0,
  renamed: [],
  renamedCount: 0,
  into: null,
  names: [],
};

export const DONE: TransferState = { kind: 'done', outcome: OUTCOME };

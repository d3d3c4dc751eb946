import type { DeviceId } from '../../../shared/device-id.ts';
import type { AcceptPolicy, InviteId, InviteView, TransferId, TransferView } from '../../../shared/views.ts';

/**
 * What the engine remembers. Several processes may work on one profile at once (the desktop app, a `receive` on a server, a
 * short `devices forget`), so every change is read-modify-write under a lock, every read sees the newest state, and a change
 * that another process made is told to `onChange` listeners within a second.
 */

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Trust in one device. The id is the hash of its key: nothing else identifies it. */
export interface DeviceRecord {
  readonly id: DeviceId;
  readonly name: string;
  readonly accept: AcceptPolicy;
  readonly into: string | null;
  readonly lastSeen: number | null;
  readonly paired: number;
  /** Last known, newest first; at most eight. */
  readonly addresses: readonly Address[];
}

export interface DeviceStore {
  list(): readonly DeviceRecord[];
  get(id: DeviceId): DeviceRecord | undefined;
  /** Adds or replaces. */
  put(record: DeviceRecord): Promise<void>;
  /** Changes some fields; resolves with the new record, or undefined when there is no such device. */
  change(id: DeviceId, change: Partial<Omit<DeviceRecord, 'id'>>): Promise<DeviceRecord | undefined>;
  /** Resolves with whether there was one. */
  remove(id: DeviceId): Promise<boolean>;
  onChange(listener: () => void): () => void;
}

/** What is kept of an invite: its state and a hash of the token, never the token or its secret. */
export interface InviteRecord {
  readonly id: InviteId;
  readonly state: InviteView['state'];
  readonly created: number;
  readonly expires: number;
  readonly failures: number;
  /** SHA-256 of the token, base64url. */
  readonly tokenHash: string;
}

export interface InviteStore {
  list(): readonly InviteRecord[];
  get(id: InviteId): InviteRecord | undefined;
  put(record: InviteRecord): Promise<void>;
  /** Atomically `open` → `used`; resolves with false when it was not open any more (so that an invite works once, whatever races). */
  claim(id: InviteId): Promise<boolean>;
  /** Counts a failed proof; at MAX_INVITE_FAILURES the invite is `spent`. */
  fail(id: InviteId): Promise<void>;
  /** `open` → `revoked`; resolves with false when there is no such invite or it is not open. */
  revoke(id: InviteId): Promise<boolean>;
  onChange(listener: () => void): () => void;
}

export interface Settings {
  readonly name: string;
  /** Port used last time; 0 before the first. */
  readonly port: number;
  /** Folder for received files; null means the default. */
  readonly downloads: string | null;
}

export interface SettingsStore {
  get(): Settings;
  change(change: Partial<Settings>): Promise<Settings>;
  onChange(listener: () => void): () => void;
}

/** Ended and running transfers as they were last seen; newest first, the newest 500 are kept. */
export interface HistoryStore {
  list(): readonly TransferView[];
  put(view: TransferView): Promise<void>;
  remove(ids: readonly TransferId[]): Promise<void>;
  onChange(listener: () => void): () => void;
}

export interface Store {
  readonly devices: DeviceStore;
  readonly invites: InviteStore;
  readonly settings: SettingsStore;
  readonly history: HistoryStore;
  /** A folder in the profile for files that belong to one transfer (manifest, later the journal), made (0700) when absent. */
  transferFolder(id: TransferId): Promise<string>;
  removeTransferFolder(id: TransferId): Promise<void>;
  close(): Promise<void>;
}

import type { DeviceId } from '../../../shared/device-id.ts';
import type { AcceptPolicy, InviteId, InviteView, TransferId, TransferView } from '../../../shared/views.ts';

/**
 * What the engine remembers. Several processes may work on one profile at once (the desktop app, a `receive` on a server, a
 * short `devices forget`), so every change is read-modify-write under a lock and is on disk, twice, when its promise resolves.
 * Reads give the newest state this process knows: its own changes at once, another process's within a second; then `onChange`
 * listeners have been called. They are called once for each change that changed something, and must not throw.
 *
 * Every promise may reject with `profile-unusable`: the folder cannot be read or written, is kept locked by another process, or
 * holds what a newer Sealane wrote. Then the change was not made, unless the disk failed after the last step but one: nobody knows.
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
  /** Last known, newest first; the store keeps the first MAX_ADDRESSES. */
  readonly addresses: readonly Address[];
}

export const MAX_ADDRESSES = 8;

export interface DeviceStore {
  /** In the order in which they were first put. */
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

/**
 * An open invite past its time reads as `expired`, and a day after that every invite is dropped. Time alone calls no listener: who
 * shows a countdown has the `expires` for it.
 */
export interface InviteStore {
  /** In the order in which they were first put. */
  list(): readonly InviteRecord[];
  get(id: InviteId): InviteRecord | undefined;
  /** Adds or replaces. */
  put(record: InviteRecord): Promise<void>;
  /** Atomically `open` → `used`; resolves with false when it was not open any more (so that an invite works once, whatever races). */
  claim(id: InviteId): Promise<boolean>;
  /** Counts a failed proof of an open invite; at MAX_INVITE_FAILURES it is `spent`. */
  fail(id: InviteId): Promise<void>;
  /** `open` → `revoked`; resolves with false when there is no such invite or it is not open. */
  revoke(id: InviteId): Promise<boolean>;
  onChange(listener: () => void): () => void;
}

export interface Settings {
  /** This device's name; that of whoever made the profile, until changed. */
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

export const MAX_HISTORY = 500;

/** Ended and running transfers as they were last seen; newest first, the newest MAX_HISTORY are kept. */
export interface HistoryStore {
  list(): readonly TransferView[];
  /**
   * Adds or replaces. An ended transfer is on disk when this resolves. A running one resolves at once: `list` has it, but disk and
   * listeners get what came together only once a second. What could not be written is tried again with the next write.
   */
  put(view: TransferView): Promise<void>;
  remove(ids: readonly TransferId[]): Promise<void>;
  onChange(listener: () => void): () => void;
}

export type DocumentName = 'devices' | 'invites' | 'settings' | 'history';

export interface Store {
  /**
   * What had to start anew since the store was opened, because the file and its copy were both damaged. They are kept beside the
   * new one; nothing was deleted.
   */
  readonly losses: readonly DocumentName[];
  readonly devices: DeviceStore;
  readonly invites: InviteStore;
  readonly settings: SettingsStore;
  readonly history: HistoryStore;
  /** A folder in the profile for files that belong to one transfer (manifest, later the journal), made (0700) when absent. */
  transferFolder(id: TransferId): Promise<string>;
  /** The transfers that have such a folder. */
  transferIds(): Promise<readonly TransferId[]>;
  /** Removes it with all that is in it; a folder that is not there is no error. */
  removeTransferFolder(id: TransferId): Promise<void>;
  /** Writes what is unwritten. Nothing may be called afterwards. */
  close(): Promise<void>;
}

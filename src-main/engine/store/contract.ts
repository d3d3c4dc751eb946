import type { DeviceId } from '../../../shared/device-id.ts';
import type { AcceptPolicy, InviteId, InviteView, TransferId, TransferView } from '../../../shared/views.ts';
import type { Details } from './details.ts';
import type { FarewellFiles } from './farewells.ts';
import type { IdleNotes } from './idle-notes.ts';
import type { TransferClaim } from './transfer-claim.ts';
import type { Wishes } from './wishes.ts';

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
  /** What this device's user calls it, or else what it calls itself. */
  readonly name: string;
  /** Whether the name was given by this device's user: then what it calls itself changes nothing. Absent: it was not. */
  readonly isNamed?: boolean;
  /** Its name before it changed it by itself, until this device's user has taken note. Absent: as null. */
  readonly was?: string | null;
  readonly accept: AcceptPolicy;
  readonly into: string | null;
  /** Where the disk was mounted that `into` was on when it was chosen. Absent: as null, not known. */
  readonly mountPoint?: string | null;
  readonly lastSeen: number | null;
  /** Whether it has said last that it does not trust this device any more. Absent: it has not. */
  readonly hasForgotten?: boolean;
  readonly paired: number;
  /** Where it was reached by dialling, newest first; the store keeps the first MAX_ADDRESSES. Nothing that is only said changes them. */
  readonly addresses: readonly Address[];
  /** Where it is by what it said itself when it dialled last, and then by where that came from. Absent: it has not said. */
  readonly said?: readonly Address[];
}

export const MAX_ADDRESSES = 8;

/** All of a record but its id, which no change touches. */
export type DeviceFields = Omit<DeviceRecord, 'id'>;

export interface DeviceStore {
  /** In the order in which they were first put. */
  list(): readonly DeviceRecord[];
  get(id: DeviceId): DeviceRecord | undefined;
  /**
   * Adds what `build` makes of no record, or replaces the newest record by what it makes of that one. `build` runs under the lock, so
   * that no other change, of whatever process, comes between what it is given and what is stored. Resolves with the new record; rejects
   * with what `build` throws, and nothing is changed.
   */
  put(id: DeviceId, build: (known: DeviceRecord | undefined) => DeviceFields): Promise<DeviceRecord>;
  /**
   * Changes some fields of the newest record; a function makes them of that record, under the lock. Resolves with the new record, or
   * undefined when there is no such device.
   */
  change(
    id: DeviceId,
    change: Partial<DeviceFields> | ((known: DeviceRecord) => Partial<DeviceFields>),
  ): Promise<DeviceRecord | undefined>;
  /**
   * Resolves with whether there was one. From the call on this process does not know it, also where this rejects because it cannot
   * be written; then it is written as soon as it can be, and at the latest when the store is closed.
   */
  remove(id: DeviceId): Promise<boolean>;
  /** Reads what other processes have written; `list` and `get` have it when this resolves. */
  refresh(): Promise<void>;
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
  /** After how many days on which nothing happens to it an unfinished transfer is given up; null: never. */
  readonly expireAfterDays: number | null;
}

export const DEFAULT_EXPIRE_DAYS = 30;

export interface SettingsStore {
  get(): Settings;
  change(change: Partial<Settings>): Promise<Settings>;
  onChange(listener: () => void): () => void;
}

/** How many transfers the history keeps: of those that this device sent, and of those that it received from each device. */
export const MAX_SENT = 500;
export const MAX_RECEIVED_PER_DEVICE = 200;

/** What these may take in the history, in bytes of JSON: names and paths in them are as long as peers make them. */
export const MAX_SENT_BYTES = 2 * 1024 * 1024;
export const MAX_RECEIVED_BYTES_PER_DEVICE = 256 * 1024;

/** What tells a transfer from any other. The sender chooses the id, so an id alone does not. */
export interface TransferKey {
  readonly id: TransferId;
  readonly direction: TransferView['direction'];
  readonly device: { readonly id: DeviceId };
}

/**
 * Ended and running transfers as they were last seen; newest first, the newest are kept. What this device sent and what it received
 * from each device has a bound of its own, in number and in bytes: where it takes too much, the oldest of it lose their lists first,
 * and then go. A transfer is known by its device, its direction and its id together.
 */
export interface HistoryStore {
  list(): readonly TransferView[];
  /** The transfer of this device, direction and id, if it is kept. */
  find(of: TransferKey): TransferView | undefined;
  /** Reads what other processes have written; `list` and `find` have it when this resolves. */
  refresh(): Promise<void>;
  /**
   * Adds or replaces. An ended transfer is on disk when this resolves. A running one resolves at once: `list` has it, but disk and
   * listeners get what came together only once a second. What could not be written is tried again with the next write.
   */
  put(view: TransferView): Promise<void>;
  /** Resolves once all that was put is on disk. Throws `profile-unusable`. */
  flush(): Promise<void>;
  remove(transfers: readonly TransferView[]): Promise<void>;
  onChange(listener: () => void): () => void;
}

export type DocumentName = 'devices' | 'invites' | 'settings' | 'history';

export interface Store {
  /**
   * What had to start anew since the store was opened, because the file and its copy were both damaged or
   * gone. Damaged ones are kept beside the new one; nothing was deleted.
   */
  readonly losses: readonly DocumentName[];
  readonly devices: DeviceStore;
  readonly invites: InviteStore;
  readonly settings: SettingsStore;
  readonly history: HistoryStore;
  readonly details: Details;
  /**
   * Where the files of one transfer lie (manifest, later the journal), if there are any. Without a claim they
   * are only to be read, and what is read may be changed or gone a moment later.
   */
  transferFolder(id: TransferId): string;
  /**
   * The right to work on a transfer, with its folder, made (0700) when absent; undefined while it is claimed
   * elsewhere. Throws `profile-unusable`.
   */
  claimTransfer(id: TransferId): Promise<TransferClaim | undefined>;
  /** What this device's processes wish of each other. */
  readonly wishes: Wishes;
  /** What other devices are still to be told. */
  readonly farewells: FarewellFiles;
  /** For how long nothing has happened to what is unfinished. */
  readonly idle: IdleNotes;
  /** The transfers that have such a folder. */
  transferIds(): Promise<readonly TransferId[]>;
  /** Writes what is unwritten. Nothing may be called afterwards. */
  close(): Promise<void>;
}

import type { DeviceId } from '../../shared/device-id.ts';
import type {
  AcceptPolicy,
  DetailPage,
  DeviceView,
  EngineEvent,
  InviteId,
  InviteView,
  NewInvite,
  Notice,
  PairingId,
  PairingView,
  SelfView,
  OfferDigest,
  PartialData,
  TransferId,
  TransferView,
} from '../../shared/views.ts';

/**
 * The engine's one front door. The desktop shell and the command line are its two callers; neither reaches past it. Commands
 * throw `SealaneError`; everything that happens by itself comes as an `EngineEvent`.
 */

/** Keeps the private key safe at rest. The desktop shell gives one over the system's keychain; without one the key lies in a file only its owner can read. */
export interface KeyProtector {
  /** Written beside the protected key, so that it is never opened with another protector. */
  readonly name: string;
  protect(plain: Uint8Array): Promise<Uint8Array>;
  /** Throws when the keychain cannot open it. */
  unprotect(sealed: Uint8Array): Promise<Uint8Array>;
}

export interface EngineOptions {
  /** The folder that holds everything this device knows. Made (0700) when absent. */
  readonly profile: string;
  /** Name of this device when the profile is new. Default: the host name. */
  readonly name?: string;
  /** Where to listen. Default: all interfaces, the port used last time, else any free one. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Where received files go unless a device says otherwise. Default: a `Sealane` folder in the user's downloads. */
  readonly downloads?: string;
  readonly keyProtector?: KeyProtector;
  /**
   * Whether offers from devices whose policy is `always` are accepted at once. Default true. A caller that says false answers every
   * offer itself, by `acceptTransfer` or `declineTransfer` (the command line, whose options outrank what is stored).
   */
  readonly autoAccept?: boolean;
  /**
   * What it answers when others dial: everything, or nothing but what concerns its own unfinished transfers (a `send` in a terminal,
   * beside which another process may serve the same profile). Default: `everything`.
   */
  readonly answers?: 'everything' | 'own-transfers';
  /** Whether unfinished transfers that this device sends go on by themselves once the engine listens. Default: false. */
  readonly resumeSends?: boolean;
  /**
   * Whether all paired devices are told once, where they were last, that this one is there as soon as it listens: what waits for it begins,
   * also when it has another address now. Default: false.
   */
  readonly announces?: boolean;
  /** Milliseconds since 1970; a test may turn it. */
  readonly now?: () => number;
}

export interface Snapshot {
  readonly self: SelfView;
  /** The port it can be reached on; null while not listening. */
  readonly port: number | null;
  readonly downloads: string;
  readonly devices: readonly DeviceView[];
  readonly invites: readonly InviteView[];
  readonly pairings: readonly PairingView[];
  /** Newest first, ended ones included. */
  readonly transfers: readonly TransferView[];
  readonly notices: readonly Notice[];
}

export interface SendRequest {
  readonly device: DeviceId;
  /** Absolute paths of files and folders. */
  readonly paths: readonly string[];
  /** Dial this address first, before the last known ones. */
  readonly to?: { readonly host: string; readonly port: number };
  /** When the device cannot be reached at the very beginning: give up (`unreachable`), or wait for it. Default: `fail`. Once accepted, a transfer always waits. */
  readonly whenUnreachable?: 'fail' | 'wait';
}

export interface DeviceChange {
  /** What this device's user calls it from now on, whatever it calls itself. */
  readonly name?: string;
  /** The user has taken note that it calls itself this now. Without effect where that is not its name any more. */
  readonly noted?: string;
  readonly accept?: AcceptPolicy;
  /** Absolute path; null goes back to the default folder. */
  readonly into?: string | null;
}

/** A transfer that was ended by command, and what is still to be done about it. */
export interface EndedUnfinished {
  readonly transfer: TransferView;
  /** Whether the other device knows; otherwise it is told when the two meet next. */
  readonly isTold: boolean;
  /** What could not be removed now, because its medium is not there; it is when Sealane starts once it is. */
  readonly leftover: PartialData | null;
}

export interface AcceptOptions {
  /** An absolute folder for this one transfer. */
  readonly into?: string;
  /**
   * Where the disk was mounted that `into` was on when it was chosen (`mountPointOf`), null where that is not known: as long as none is
   * there, nothing is made. Default: where it is now.
   */
  readonly mountPoint?: string | null;
  /**
   * Where that folder cannot be used: the offer stands again, with the `problem` in its state, for another answer (`ask`, the default);
   * or the yes holds, and the transfer waits until the folder can be used (`wait`), where no user is there to answer again.
   */
  readonly whenUnusable?: 'ask' | 'wait';
}

export interface Engine {
  /** Calls `listener` for every event from now on; gives back what stops it. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
  snapshot(): Snapshot;

  /** Opens the port; idempotent. Resolves with it once other devices can connect. Throws `listen-failed`. */
  listen(): Promise<number>;
  /** Ends connections and workers, writes what is unwritten. Nothing may be called afterwards. */
  close(): Promise<void>;

  renameSelf(name: string): Promise<void>;

  /** Makes an invite; listens first if need be. `lifetimeMs` defaults to ten minutes. */
  createInvite(options?: { lifetimeMs?: number }): Promise<NewInvite>;
  /** Throws `unknown-invite`. */
  revokeInvite(id: InviteId): Promise<void>;

  /**
   * Starts pairing from the other side's link or token; what follows comes as `pairing` events. Throws at once what can be seen
   * in the invite itself (`invite-malformed`, `invite-expired`, `invite-bad-signature`, …).
   */
  pair(linkOrToken: string): Promise<PairingId>;
  /** The user's answer to "is the code the same on both screens?", on either side. */
  answerPairing(id: PairingId, matches: boolean): void;
  cancelPairing(id: PairingId): void;

  /** Finds a paired device by name, id or the start of an id. Throws `device-unknown`, `device-ambiguous`. */
  findDevice(text: string): DeviceView;
  changeDevice(id: DeviceId, change: DeviceChange): Promise<DeviceView>;
  /**
   * Looks for a device where this device's user says it is, and only there. Resolves once it has answered with its key: then the address
   * is kept, and what waits for it begins. Throws `device-unknown`, `unreachable`, `peer-key-mismatch`, `not-trusted`, ….
   */
  lookForDevice(id: DeviceId, address: { readonly host: string; readonly port: number }): Promise<void>;
  /** Where this device can be dialled, the likeliest first, looked at anew; empty while it does not listen. */
  addresses(): Promise<readonly { readonly host: string; readonly port: number }[]>;
  /** Cuts its live connections and removes its trust. */
  forgetDevice(id: DeviceId): Promise<void>;

  /**
   * Starts sending; everything that follows comes as `transfer` events under this id. The same things to the
   * same device, left unfinished by a process that is gone, are gone on with instead, under their old id,
   * once they were accepted: what is new in them since then is left out, as `came-later`. Before that they
   * are looked at anew, and a transfer that is given up for it ends as cancelled. Throws `device-unknown`,
   * `source-missing`. */
  send(request: SendRequest): Promise<TransferId>;
  /**
   * The user's yes to an offer; `offer` is the digest in the state that the user was shown. Throws `offer-changed` when another offer
   * stands under this id by now, `unknown-transfer` when none does.
   */
  acceptTransfer(id: TransferId, offer: OfferDigest, options?: AcceptOptions): Promise<void>;
  /** The user's no; `offer` and errors as for `acceptTransfer`. */
  declineTransfer(id: TransferId, offer: OfferDigest): Promise<void>;
  /** Lets a transfer stand until `resumeTransfer`, over restarts too. Throws `unknown-transfer`. */
  pauseTransfer(id: TransferId): Promise<void>;
  /** Goes on with a paused transfer, and at once with one that waits. Throws `unknown-transfer`. */
  resumeTransfer(id: TransferId): Promise<void>;
  /** Ends a transfer from either side, running, waiting or paused. */
  cancelTransfer(id: TransferId): Promise<void>;
  /**
   * Ends an unfinished transfer as cancelled by this user, whether this engine works on it, another process of this profile, or none.
   * Resolves once that is noted, what had arrived is removed, and the other device was told, if it can be reached now. Throws
   * `unknown-transfer`, `transfer-held`.
   */
  cancelUnfinished(id: TransferId): Promise<EndedUnfinished>;
  /**
   * Gives an unfinished transfer that this device receives another folder (absolute), where all of it is received anew: the yes of
   * this device's user to the same offer. Gives whether what had arrived is removed; otherwise it lies where it was, on a medium that is
   * not there. Throws what is wrong with the folder, `transfer-running`, `transfer-arrived`, `transfer-held`, `unknown-transfer`.
   */
  moveTransfer(id: TransferId, into: string): Promise<boolean>;
  /** All transfers, newest first: those of the snapshot, and those of which a process that was killed has left nothing else. */
  allTransfers(): Promise<readonly TransferView[]>;
  /** Where what has arrived of a transfer lies that is not there under its name; null where nothing does. */
  partialData(id: TransferId): Promise<PartialData | null>;
  /** Removes one ended transfer from the history; files stay where they are. Throws `transfer-unfinished`, `unknown-transfer`. */
  removeTransfer(id: TransferId): Promise<void>;
  /** After how many days without anything happening an unfinished transfer is given up; null: never. */
  expiry(): number | null;
  setExpiry(days: number | null): Promise<void>;
  /**
   * All that was left out of a transfer that is over, and all that is not called what it was sent as, some at a time: `from` is 0, or
   * what the page before says. What was too much to be kept is in none. Throws `unknown-transfer`, `profile-unusable`.
   */
  transferDetails(id: TransferId, from: number): Promise<DetailPage>;
  /**
   * Removes ended transfers from the history; files stay where they are. Throws `transfer-held` where another process is still at one, and
   * `profile-unusable`; the others are removed then.
   */
  clearHistory(): Promise<void>;
}

import { z } from 'zod';
import { deviceIdSchema } from './device-id.ts';
import { ERROR_CODES } from './errors.ts';
import type { ErrorCode } from './errors.ts';

/**
 * What the engine tells the outside world: plain, immutable snapshots. The desktop page, the command line and the tests see
 * these and nothing else of the engine's state. Sizes are bytes, times are milliseconds since 1970, durations say their unit.
 */

export const ACCEPT_POLICIES = ['ask', 'always'] as const;
export const acceptPolicySchema = z.enum(ACCEPT_POLICIES);
export type AcceptPolicy = z.infer<typeof acceptPolicySchema>;

export const transferIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .brand<'TransferId'>();
/** 128 random bits in hexadecimal, chosen by the sender. */
export type TransferId = z.infer<typeof transferIdSchema>;

export const inviteIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/)
  .brand<'InviteId'>();
/** The invite's `jti`: 128 random bits in base64url. */
export type InviteId = z.infer<typeof inviteIdSchema>;

export const pairingIdSchema = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .brand<'PairingId'>();
/** One attempt at pairing, known on this device only. */
export type PairingId = z.infer<typeof pairingIdSchema>;

const errorCodes: readonly string[] = ERROR_CODES;
/** A code of the table in `errors.ts`. */
export const errorCodeSchema = z.custom<ErrorCode>(
  (value) => typeof value === 'string' && errorCodes.includes(value),
);

export const errorViewSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  /** Of `no-space`, where it is known: bytes that are needed and that are free; `free` is null for the other device's disk. */
  space: z.object({ needed: z.number().int(), free: z.number().int().nullable() }).optional(),
  /** Of what is wrong with a folder for received files of this device: which one it is. Raw: escape before showing. */
  folder: z.string().optional(),
});
export type ErrorView = z.infer<typeof errorViewSchema>;

export const selfViewSchema = z.object({ id: deviceIdSchema, name: z.string() });
export type SelfView = z.infer<typeof selfViewSchema>;

export const deviceViewSchema = z.object({
  id: deviceIdSchema,
  /** What this device's user calls it, or else what it calls itself. */
  name: z.string(),
  /** The name with what tells it apart: `Kay (K7QX-ABC)` beside another Kay, `Kay (was Mallory)` after it has renamed itself. */
  label: z.string(),
  /** Its name before it changed it by itself, until this device's user has taken note of that. */
  was: z.string().nullable(),
  accept: acceptPolicySchema,
  /** Where this device's files go; null means the default folder. */
  into: z.string().nullable(),
  lastSeen: z.number().nullable(),
  /** Whether there is a connection with it now. */
  isConnected: z.boolean(),
  /** Whether it has said last that it does not trust this device any more. */
  hasForgotten: z.boolean(),
});
export type DeviceView = z.infer<typeof deviceViewSchema>;

export const INVITE_STATES = ['open', 'used', 'revoked', 'expired', 'spent'] as const;
export const inviteViewSchema = z.object({
  id: inviteIdSchema,
  state: z.enum(INVITE_STATES),
  created: z.number(),
  expires: z.number(),
});
export type InviteView = z.infer<typeof inviteViewSchema>;

/** A fresh invite. Only here do its link and token leave the engine: the store keeps what it needs to check one, not the token. */
export const newInviteSchema = inviteViewSchema.extend({ token: z.string(), link: z.string() });
export type NewInvite = z.infer<typeof newInviteSchema>;

export const pairingViewSchema = z.object({
  id: pairingIdSchema,
  role: z.enum(['inviter', 'invitee']),
  /** Which of this device's own invites the other one has proven to hold; null on the invitee's side. */
  invite: inviteIdSchema.nullable(),
  /** The other device's name, unproven until paired; empty while unknown. */
  peerName: z.string(),
  /** The label of the device that it is, where this device trusts its key already; null where it does not, and until the code is shown. */
  knownAs: z.string().nullable(),
  state: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('connecting') }),
    /** Both screens show `code` (six digits, grouped `123 456`); this device's user has not answered. */
    z.object({ kind: z.literal('comparing'), code: z.string() }),
    /** This side confirmed; the other has not answered yet. */
    z.object({ kind: z.literal('confirmed'), code: z.string() }),
    z.object({ kind: z.literal('paired'), device: deviceViewSchema }),
    z.object({ kind: z.literal('failed'), error: errorViewSchema }),
  ]),
});
export type PairingView = z.infer<typeof pairingViewSchema>;

export const SKIP_REASONS = [
  'vanished',
  'unreadable',
  'changed',
  'link-outside',
  'link-loop',
  'special-file',
  'name-reserved',
  'name-too-long',
  'not-writable',
  'came-later',
  'size-unknown',
  'own-files',
  'name-encoding',
  'taken-away',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export const skippedFileSchema = z.object({ path: z.string(), reason: z.enum(SKIP_REASONS) });
/** A file or folder that did not arrive: its path relative to what was sent, joined with `/` (raw: escape before showing). */
export type SkippedFile = z.infer<typeof skippedFileSchema>;

export const renamedSchema = z.object({ from: z.string(), to: z.string() });
/**
 * A file or folder that is not called what it was sent as: its path in what was sent, and its path in the folder
 * that holds everything, both joined with `/` (raw: escape before showing).
 */
export type Renamed = z.infer<typeof renamedSchema>;

export const transferDetailSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('skipped'), ...skippedFileSchema.shape }),
  z.object({ kind: z.literal('renamed'), ...renamedSchema.shape }),
]);
/** One thing that did not arrive, or not under its name. */
export type TransferDetail = z.infer<typeof transferDetailSchema>;

export const detailPageSchema = z.object({
  details: z.array(transferDetailSchema),
  /** Where the next page begins; null after the last one. */
  next: z.number().int().min(0).nullable(),
});
/** Some of what did not arrive, or not under its name, in order. */
export type DetailPage = z.infer<typeof detailPageSchema>;

export const progressSchema = z.object({
  bytes: z.number(),
  files: z.number(),
  bytesPerSecond: z.number(),
  /** Null while there is nothing to judge by. */
  secondsLeft: z.number().nullable(),
});
export type Progress = z.infer<typeof progressSchema>;

export const outcomeSchema = z.object({
  bytes: z.number(),
  files: z.number(),
  seconds: z.number(),
  /** Sender: the first of the files that had changed after a part of the transfer and were sent once more; `resentCount` counts all. */
  resent: z.array(z.string()),
  resentCount: z.number(),
  /**
   * The first of the files that grew while they were sent, of which what was offered has arrived; `grownCount`
   * counts all.
   */
  grown: z.array(z.string()),
  grownCount: z.number(),
  /** The first of what the receiver could not keep under the name it was sent as; `renamedCount` counts all. */
  renamed: z.array(renamedSchema),
  renamedCount: z.number(),
  /** Receiver: the folder that now holds everything. Sender: null. */
  into: z.string().nullable(),
  /** Receiver: the top-level names as they are on disk. Sender: empty. */
  names: z.array(z.string()),
});
/** What is there at the end of a transfer. What is not there, and why, is told by `LeftOut` alone. */
export type Outcome = z.infer<typeof outcomeSchema>;

export const leftOutSchema = z.object({
  /** The first of what did not arrive; `skippedCount` counts all. */
  skipped: z.array(skippedFileSchema),
  skippedCount: z.number().int().min(1),
});
/** The exceptions of a transfer that has come to its end. */
export type LeftOut = z.infer<typeof leftOutSchema>;

export const offerDigestSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'OfferDigest'>();
/** SHA-256 of an offer as it travels, in hexadecimal. */
export type OfferDigest = z.infer<typeof offerDigestSchema>;

export const itemViewSchema = z.object({
  /** Raw: escape before showing. */
  name: z.string(),
  kind: z.enum(['file', 'folder']),
  /** Not shown by the systems that hide names with a dot in front. */
  hidden: z.boolean(),
  /** A file that may run when it is opened. */
  program: z.boolean(),
});
/** One of the files and folders that the sender's user chose. */
export type ItemView = z.infer<typeof itemViewSchema>;

export const transferStateSchema = z.discriminatedUnion('kind', [
  /** Sender: looking at what is to be sent. */
  z.object({ kind: z.literal('preparing'), files: z.number(), bytes: z.number() }),
  z.object({ kind: z.literal('connecting') }),
  /**
   * Sender: the other side has the offer and has not answered. Receiver: this user has not answered. `offer` says which offer it is
   * about: an answer names it, so that a yes to one is none to another under the same id. `problem`: this user has said yes, and the
   * folder could not be used: the offer is there still, and waits for another folder, or a no.
   */
  z.object({
    kind: z.literal('offered'),
    offer: offerDigestSchema,
    problem: errorViewSchema.optional(),
  }),
  z.object({ kind: z.literal('running'), progress: progressSchema }),
  /**
   * It cannot go on now (line lost, other device away, disk full) and goes on by itself: at `retryAt`, or, where that is null, as
   * soon as the other device comes back.
   */
  z.object({
    kind: z.literal('waiting'),
    error: errorViewSchema,
    /** Milliseconds since 1970. */
    retryAt: z.number().int().nullable(),
    progress: progressSchema,
  }),
  /** A user on this side (`me`) or on the other has paused it. */
  z.object({ kind: z.literal('paused'), by: z.enum(['me', 'peer']), progress: progressSchema }),
  /** All content is across; the receiver is putting it safely on disk. */
  z.object({ kind: z.literal('finishing') }),
  /** Everything that was to be sent has arrived. There is no `done` with exceptions. */
  z.object({ kind: z.literal('done'), outcome: outcomeSchema }),
  /** Something was left out or did not arrive; the rest is there. */
  z.object({ kind: z.literal('incomplete'), outcome: outcomeSchema, leftOut: leftOutSchema }),
  z.object({ kind: z.literal('declined') }),
  z.object({ kind: z.literal('cancelled'), by: z.enum(['me', 'peer']) }),
  /** `leftOut`: where nothing could be sent or has arrived, all there was to send, and why each of it did not. */
  z.object({ kind: z.literal('failed'), error: errorViewSchema, leftOut: leftOutSchema.optional() }),
]);
export type TransferState = z.infer<typeof transferStateSchema>;

export const transferViewSchema = z.object({
  id: transferIdSchema,
  direction: z.enum(['send', 'receive']),
  /** The device's label (see `DeviceView`) when this was last under way. */
  device: z.object({ id: deviceIdSchema, name: z.string() }),
  /** The first top-level items; `itemCount` counts all. */
  items: z.array(itemViewSchema),
  itemCount: z.number(),
  totalBytes: z.number(),
  totalFiles: z.number(),
  /** All folders in it, top-level ones included. */
  totalFolders: z.number(),
  /** Files and folders with hidden names, and files that may run when opened, wherever they lie in what is sent. */
  hiddenCount: z.number(),
  programCount: z.number(),
  created: z.number(),
  /** Whether the history keeps it: an offer that was taken back before it was answered is not kept. */
  recorded: z.boolean(),
  /** The transfer in the place of which this one was begun: the other device had ended that one before. */
  replaces: transferIdSchema.optional(),
  state: transferStateSchema,
});
export type TransferView = z.infer<typeof transferViewSchema>;

export const partialDataSchema = z.object({
  /** The hidden folder in which it is being put together. */
  folder: z.string(),
  /** The folder that it is received into. */
  into: z.string(),
  /** What it takes on its disk; at least this much, where not all `isWhole`, and nothing that is known where it is not there. */
  bytes: z.number(),
  isWhole: z.boolean(),
  /** Whether the medium it lies on is there now. */
  isThere: z.boolean(),
});
/** What has arrived of a transfer that is not there under its name. */
export type PartialData = z.infer<typeof partialDataSchema>;

/** What did not arrive of a transfer that has ended; undefined where nothing is known to be missing. */
export function leftOutOf(state: TransferState): LeftOut | undefined {
  return 'leftOut' in state ? state.leftOut : undefined;
}

/** Whether a transfer can still change. */
export function isOver(state: TransferState): boolean {
  return (
    state.kind === 'done' ||
    state.kind === 'incomplete' ||
    state.kind === 'declined' ||
    state.kind === 'cancelled' ||
    state.kind === 'failed'
  );
}

export const noticeSchema = z.discriminatedUnion('kind', [
  /** The fast native cipher could not be loaded; the slower WebAssembly one is in use. */
  z.object({ kind: z.literal('slow-cipher') }),
  /** The wanted port was taken; another one is used. */
  z.object({ kind: z.literal('port-changed'), port: z.number() }),
  /** Another process serves the same profile already, on this port. */
  z.object({ kind: z.literal('already-running'), port: z.number() }),
  /** How the private key is kept: under the system's keychain, or in a file only this user can read. */
  z.object({ kind: z.literal('key-in-file') }),
  /** The window's page runs without Chromium's sandbox: what started the app has turned it off. */
  z.object({ kind: z.literal('no-sandbox') }),
  /** Records that were damaged beyond repair; the damaged files are kept aside. */
  z.object({
    kind: z.literal('records-lost'),
    records: z.array(z.enum(['devices', 'invites', 'settings', 'history'])),
  }),
]);
export type Notice = z.infer<typeof noticeSchema>;

/** Why an offer is turned away before this device's user is asked about it. */
export const TURNED_AWAY_CODES = [
  'too-many-unfinished',
  'offers-open',
  'busy',
  'too-fast',
] as const satisfies readonly ErrorCode[];
export type TurnedAwayCode = (typeof TURNED_AWAY_CODES)[number];

export const turnedAwayViewSchema = z.object({
  device: z.object({ id: deviceIdSchema, name: z.string() }),
  code: z.enum(TURNED_AWAY_CODES),
  /** How many offers since this was last told of this device: nothing of what they hold is told. */
  count: z.number().int().min(1),
});
/** Offers of one device that were turned away for one reason. */
export type TurnedAwayView = z.infer<typeof turnedAwayViewSchema>;

export const MISSED_CAUSES = [
  'refused',
  'silent',
  'unknown-host',
  'unreachable',
  'other-device',
  'not-sealane',
] as const;
/** Why dialling an address did not lead to a device; `silent` where there is no answer yet. */
export type MissedCause = (typeof MISSED_CAUSES)[number];

export const otherAddressViewSchema = z.object({
  transfer: transferIdSchema,
  device: z.object({ id: deviceIdSchema, name: z.string() }),
  /** Where this device's user said that the other one is, as `HOST:PORT`. */
  given: z.string(),
  cause: z.enum(MISSED_CAUSES),
  /** Where it was reached, as `HOST:PORT`. */
  reached: z.string(),
});
/** A device that is sent something was reached, but not at the address that was given for it. */
export type OtherAddressView = z.infer<typeof otherAddressViewSchema>;

/** Everything the engine says of its own accord, in order. */
export const engineEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), self: selfViewSchema, port: z.number() }),
  z.object({ type: z.literal('self'), self: selfViewSchema }),
  z.object({ type: z.literal('devices'), devices: z.array(deviceViewSchema) }),
  z.object({ type: z.literal('invites'), invites: z.array(inviteViewSchema) }),
  z.object({ type: z.literal('pairing'), pairing: pairingViewSchema }),
  z.object({ type: z.literal('transfer'), transfer: transferViewSchema }),
  /** These are not in the list any more: this process, or another one of the profile, has removed them. */
  z.object({ type: z.literal('removed'), transfers: z.array(transferIdSchema) }),
  z.object({ type: z.literal('notice'), notice: noticeSchema }),
  z.object({ type: z.literal('turned-away'), turnedAway: turnedAwayViewSchema }),
  z.object({ type: z.literal('other-address'), otherAddress: otherAddressViewSchema }),
]);
export type EngineEvent = z.infer<typeof engineEventSchema>;

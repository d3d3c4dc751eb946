import { z } from 'zod';
import { deviceIdSchema } from './device-id.ts';
import { MAX_DEVICE_NAME_CHARACTERS } from './limits.ts';
import {
  acceptPolicySchema,
  detailPageSchema,
  deviceViewSchema,
  engineEventSchema,
  errorViewSchema,
  inviteIdSchema,
  inviteViewSchema,
  newInviteSchema,
  noticeSchema,
  offerDigestSchema,
  partialDataSchema,
  pairingIdSchema,
  pairingViewSchema,
  selfViewSchema,
  transferIdSchema,
  transferViewSchema,
} from './views.ts';

/**
 * The one contract between the page and the main process: every channel, the schema of its arguments and of its result. The
 * main process parses every call; the page never names a path: what was dropped or chosen stays with the main process, behind a handle.
 */

export const dropHandleSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .brand<'DropHandle'>();
/** Stands for files that were dropped on the page; the paths stay in the main process. */
export type DropHandle = z.infer<typeof dropHandleSchema>;

export const DROP_REFUSALS = ['drop-foreign', 'drop-too-large'] as const;
/** What registering a drop is answered with: its handle, or the code why there is none. */
export const dropAnswerSchema = z.union([dropHandleSchema, z.enum(DROP_REFUSALS)]);
export type DropAnswer = z.infer<typeof dropAnswerSchema>;

export const snapshotSchema = z.object({
  self: selfViewSchema,
  port: z.number().nullable(),
  downloads: z.string(),
  devices: z.array(deviceViewSchema),
  invites: z.array(inviteViewSchema),
  pairings: z.array(pairingViewSchema),
  transfers: z.array(transferViewSchema),
  notices: z.array(noticeSchema),
  version: z.string(),
});
export type AppSnapshot = z.infer<typeof snapshotSchema>;

const nothing = z.undefined();

/** Calls from the page: `args` is the tuple of arguments, `result` what it resolves with. */
export const CALLS = {
  snapshot: { args: z.tuple([]), result: snapshotSchema },
  renameSelf: { args: z.tuple([z.string().trim().min(1).max(MAX_DEVICE_NAME_CHARACTERS)]), result: nothing },
  createInvite: { args: z.tuple([]), result: newInviteSchema },
  revokeInvite: { args: z.tuple([inviteIdSchema]), result: nothing },
  pair: { args: z.tuple([z.string().max(8192)]), result: pairingIdSchema },
  answerPairing: { args: z.tuple([pairingIdSchema, z.boolean()]), result: nothing },
  cancelPairing: { args: z.tuple([pairingIdSchema]), result: nothing },
  renameDevice: {
    args: z.tuple([deviceIdSchema, z.string().trim().min(1).max(MAX_DEVICE_NAME_CHARACTERS)]),
    result: nothing,
  },
  /** The user has taken note that the device calls itself this now. */
  noteDeviceName: { args: z.tuple([deviceIdSchema, z.string()]), result: nothing },
  setDeviceAccept: { args: z.tuple([deviceIdSchema, acceptPolicySchema]), result: nothing },
  /** Opens the system's folder dialog for the device's own folder; resolves with whether one was chosen. */
  chooseDeviceFolder: { args: z.tuple([deviceIdSchema]), result: z.boolean() },
  resetDeviceFolder: { args: z.tuple([deviceIdSchema]), result: nothing },
  /** Looks for a device at `HOST:PORT`; it is kept once the device has answered there. */
  lookForDevice: { args: z.tuple([deviceIdSchema, z.string().max(300)]), result: nothing },
  /** Where this device can be dialled, each as `HOST:PORT`. */
  addresses: { args: z.tuple([]), result: z.array(z.string()) },
  forgetDevice: { args: z.tuple([deviceIdSchema]), result: nothing },
  /** Opens the system's dialog and sends what is chosen; resolves with null when nothing was. */
  chooseAndSend: {
    args: z.tuple([deviceIdSchema, z.enum(['files', 'folder'])]),
    result: transferIdSchema.nullable(),
  },
  /** Sends what was dropped; a handle is good for one send. */
  sendDropped: { args: z.tuple([deviceIdSchema, dropHandleSchema]), result: transferIdSchema },
  /** With the digest of the offer that the page shows. */
  acceptTransfer: { args: z.tuple([transferIdSchema, offerDigestSchema]), result: nothing },
  /** Accepts into a folder chosen in the system's dialog; resolves with whether one was chosen. */
  acceptTransferInto: { args: z.tuple([transferIdSchema, offerDigestSchema]), result: z.boolean() },
  declineTransfer: { args: z.tuple([transferIdSchema, offerDigestSchema]), result: nothing },
  pauseTransfer: { args: z.tuple([transferIdSchema]), result: nothing },
  /** Goes on with a paused transfer, and at once with one that waits. */
  resumeTransfer: { args: z.tuple([transferIdSchema]), result: nothing },
  /** Gives what waits for its folder another one, chosen in the system's dialog; resolves with whether one was chosen. */
  moveTransfer: { args: z.tuple([transferIdSchema]), result: z.boolean() },
  cancelTransfer: { args: z.tuple([transferIdSchema]), result: nothing },
  /** Takes one that is over from the history. */
  removeTransfer: { args: z.tuple([transferIdSchema]), result: nothing },
  /** Where what has arrived lies that is not there under its name. */
  partialData: { args: z.tuple([transferIdSchema]), result: partialDataSchema.nullable() },
  clearHistory: { args: z.tuple([]), result: nothing },
  /** Some of all that was left out or renamed; the second argument is 0, or what the page before says. */
  transferDetails: { args: z.tuple([transferIdSchema, z.number().int().min(0)]), result: detailPageSchema },
  showInFolder: { args: z.tuple([transferIdSchema]), result: nothing },
  /** Puts text on the clipboard (an invite link, this device's id). */
  copyText: { args: z.tuple([z.string().max(8192)]), result: nothing },
} as const;

export type CallName = keyof typeof CALLS;
export type CallArgs<Name extends CallName> = z.infer<(typeof CALLS)[Name]['args']>;
export type CallResult<Name extends CallName> = z.infer<(typeof CALLS)[Name]['result']>;

/** What travels back: a call never throws across the bridge, it answers with one of these. */
export const replySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorViewSchema }),
]);
export type Reply = z.infer<typeof replySchema>;

/**
 * Pushed to the page: engine events, links that were opened with the app (shown for confirmation, never acted upon), and
 * that the window is about to come up, perhaps under a pointer that is about to press something else.
 */
export const pushSchema = z.discriminatedUnion('type', [
  ...engineEventSchema.options,
  z.object({ type: z.literal('open-link'), link: z.string() }),
  z.object({ type: z.literal('shown') }),
]);
export type Push = z.infer<typeof pushSchema>;

export { CALL_CHANNEL, DROP_CHANNEL, PUSH_CHANNEL } from './channels.ts';

/** What the preload puts on `window.sealane`. */
export interface SealaneBridge {
  call(name: CallName, args: readonly unknown[]): Promise<Reply>;
  /** Registers dropped files (the browser's File objects), all of them or none, and gives the handle to send them by. */
  registerDrop(files: readonly File[]): Promise<DropAnswer>;
  onPush(listener: (push: unknown) => void): () => void;
  readonly platform: string;
}

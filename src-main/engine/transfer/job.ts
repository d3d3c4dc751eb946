import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { deviceIdSchema } from '../../../shared/device-id.ts';
import type { DeviceId } from '../../../shared/device-id.ts';
import { transferMessages } from '../../../shared/messages.ts';
import { transferIdSchema } from '../../../shared/views.ts';
import type { ChosenFolder, Consent } from './consent.ts';

/**
 * What must be known of an unfinished transfer to go on with it after a restart: one file in the transfer's
 * folder in the profile, beside the sender's manifest or the receiver's journal. When it is gone, the
 * transfer is over.
 */

const common = {
  version: z.literal(1),
  id: transferIdSchema,
  device: deviceIdSchema,
  /** Milliseconds since 1970. */
  created: z.number(),
  /** Whether this side's user has paused it. */
  paused: z.boolean(),
};

const sendJobSchema = z.strictObject({
  ...common,
  direction: z.literal('send'),
  /** Absolute, in the order the user gave. */
  paths: z.array(z.string()).min(1),
  /** What was offered; null until everything was looked at. */
  offer: transferMessages.offer.nullable(),
  /** Whether the receiver has ever accepted: from then on a lost line is waited for. */
  accepted: z.boolean(),
  /**
   * The offer of an earlier try in the place of which this one comes: its receiver may have it, and hears
   * that nothing comes of it before it hears of anything else. Until then nothing is offered.
   */
  takesBack: transferMessages.offer.nullable().default(null),
  /** Whether the user has sent the same things again since new files were looked for in them. */
  looksForNew: z.boolean().default(false),
  /**
   * How many entries the manifest had when the receiver accepted last: it learns of these before it is done.
   */
  told: z.number().int().min(0).default(0),
  /** How often content has ended without its end, so that files which were rewritten meanwhile come again. */
  tries: z.number().int().min(0).default(0),
});

const receiveJobSchema = z.strictObject({
  ...common,
  direction: z.literal('receive'),
  offer: transferMessages.offer,
  /** Absolute path of the folder that the user accepted into. */
  destination: z.string(),
  /** Where the disk was mounted that this folder was on when it was chosen. */
  mountPoint: z.string().nullable().default(null),
  /** How often the user has given it another folder. */
  moves: z.number().int().min(0).default(0),
  /** Where the sending process could be told that this device is back; null when it did not say. */
  wake: z.strictObject({ host: z.string(), port: z.number().int() }).nullable(),
});

export const jobSchema = z.discriminatedUnion('direction', [sendJobSchema, receiveJobSchema]);
export type SendJob = z.infer<typeof sendJobSchema>;
export type ReceiveJob = z.infer<typeof receiveJobSchema>;
export type Job = z.infer<typeof jobSchema>;

/** A new transfer to `device` of `paths` (absolute); `created` in milliseconds since 1970. */
export function newSendJob(device: DeviceId, paths: readonly string[], created: number): SendJob {
  return {
    version: 1,
    direction: 'send',
    id: transferIdSchema.parse(randomBytes(16).toString('hex')),
    device,
    created,
    paused: false,
    paths: [...paths],
    offer: null,
    accepted: false,
    takesBack: null,
    looksForNew: false,
    told: 0,
    tries: 0,
  };
}

/** A transfer from `device` that was consented to; `created` in milliseconds since 1970. */
export function newReceiveJob(
  device: DeviceId,
  { offer, destination, mountPoint = null }: ChosenFolder & Pick<Consent, 'offer'>,
  created: number,
): Omit<ReceiveJob, 'wake'> {
  return {
    version: 1,
    direction: 'receive',
    id: offer.transfer,
    device,
    created,
    paused: false,
    offer,
    destination,
    mountPoint,
    moves: 0,
  };
}

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { deviceIdSchema } from '../../../shared/device-id.ts';
import type { DeviceId } from '../../../shared/device-id.ts';
import { transferMessages } from '../../../shared/messages.ts';
import { isOver, transferIdSchema } from '../../../shared/views.ts';
import type { TransferId } from '../../../shared/views.ts';
import type { Store } from '../store/contract.ts';
import { writeDurably } from '../store/durable-file.ts';
import { inProfile } from '../store/failure.ts';
import { isClaimed } from './owner.ts';

/**
 * What must be known of an unfinished transfer to go on with it after a restart: one file in the transfer's folder in the
 * profile, beside the sender's manifest or the receiver's journal. When it is gone, the transfer is over.
 */

const JOB_FILE = 'job.json';

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
});

const receiveJobSchema = z.strictObject({
  ...common,
  direction: z.literal('receive'),
  offer: transferMessages.offer,
  /** Absolute path of the folder that the user accepted into. */
  destination: z.string(),
  /** Where the sending process could be told that this device is back; null when it did not say. */
  wake: z.strictObject({ host: z.string(), port: z.number().int() }).nullable(),
});

const jobSchema = z.discriminatedUnion('direction', [sendJobSchema, receiveJobSchema]);
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
  };
}

/** A transfer from `device` that was accepted into `destination`; `created` in milliseconds since 1970. */
export function newReceiveJob(
  device: DeviceId,
  offer: ReceiveJob['offer'],
  destination: string,
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
  };
}

/** Writes the job; it is on disk when this resolves. Throws `profile-unusable`. */
export async function saveJob(store: Store, job: Job): Promise<void> {
  const folder = await store.transferFolder(job.id);
  await inProfile(() => writeDurably([join(folder, JOB_FILE)], JSON.stringify(job)));
}

/** All unfinished transfers of this profile. A folder without a readable job holds nothing to go on with, and is left out. */
export async function loadJobs(store: Store): Promise<readonly Job[]> {
  const jobs = await Promise.all((await store.transferIds()).map((id) => loadJob(store, id)));
  return jobs.filter((job) => job !== undefined);
}

/**
 * One unfinished transfer; undefined when there is none with this id. Where the history knows its end, only its folder could not be
 * removed then, by a disk that was full or a process that was killed: it is now.
 */
export async function loadJob(store: Store, id: TransferId): Promise<Job | undefined> {
  try {
    const folder = await store.transferFolder(id);
    const text = await readFile(join(folder, JOB_FILE), 'utf8');
    const job = jobSchema.parse(JSON.parse(text));
    if (job.id !== id) return undefined;
    const hasEnded = store.history
      .list()
      .some((view) => view.id === id && view.created === job.created && isOver(view.state));
    if (!hasEnded || (await isClaimed(folder))) return job;
    await store.removeTransferFolder(id);
    return undefined;
  } catch {
    return undefined;
  }
}

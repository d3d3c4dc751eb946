import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ErrorCode } from '../../../../shared/errors.ts';
import type { ContentReceiver } from '../../../../src-main/engine/content/contract.ts';
import type { Offered } from '../../../../src-main/engine/content/contract.ts';
import { CHUNK_PLAINTEXT_BYTES } from '../../../../src-main/engine/content/records.ts';
import { ReceivePipeline } from '../../../../src-main/engine/content/receive-pipeline.ts';
import { loadCipher } from '../../../../src-main/engine/content/seal.ts';
import { codeOf } from '../support.ts';
import {
  PLENTY,
  TRANSFER,
  bodyOf,
  newFolder,
  newKey,
  receiverFor,
  receptionIn,
  restOfFrames,
  sendPipeline,
  walk,
  write,
} from './support.ts';
import { offeredAfter } from '../../../support/offers.ts';

/** An honest transfer, sealed: four chunks and what is needed to open them. */
export interface Sealed {
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
  readonly key: Uint8Array;
  readonly header: Uint8Array;
  readonly offered: Offered;
}

export async function sealed(): Promise<Sealed> {
  const source = newFolder();
  write(source, 'item/big', randomBytes(3 * CHUNK_PLAINTEXT_BYTES + 1));
  write(source, 'item/small', 'small');
  const { manifestFile, summary } = walk(join(source, 'item'));
  const key = newKey();
  const pipeline = await sendPipeline(manifestFile, key);
  const { header } = pipeline;
  return { chunks: restOfFrames(pipeline).map(bodyOf), key, header, offered: offeredAfter(summary) };
}

/** Hands over all chunks, and publishes; gives the code of what went wrong on the way. */
export async function deliver(
  receiver: ContentReceiver,
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Promise<ErrorCode | undefined> {
  return codeOf(async () => {
    for (const chunk of chunks) await receiver.write(Uint8Array.from(chunk));
    await receiver.publish();
  });
}

/** The same, and that nothing is left in the destination, neither before nor after `discard`. */
export async function refuse(
  chunks: readonly Uint8Array<ArrayBuffer>[],
  options: { key: Uint8Array; header: Uint8Array; offered?: Offered },
): Promise<ErrorCode | undefined> {
  const destination = newFolder();
  const receiver = await receiverFor(options, destination);
  const code = await deliver(receiver, chunks);
  // The staging folder is hidden; what people see is what counts while it is there.
  expect(readdirSync(destination).filter((name) => !name.startsWith('.sealane-'))).toEqual([]);
  await receiver.discard();
  expect(readdirSync(destination)).toEqual([]);
  return code;
}

/** As `refuse`, for one chunk, and without the time that a worker takes to start. */
export async function refuseInThisThread(
  chunk: Uint8Array<ArrayBuffer>,
  options: { readonly key: Uint8Array; readonly header: Uint8Array; readonly offered?: Offered },
): Promise<ErrorCode | undefined> {
  const { key, header, offered = PLENTY } = options;
  const destination = newFolder();
  const reception = receptionIn(destination, offered);
  const cipher = await loadCipher();
  const pipeline = new ReceivePipeline({ cipher, key, header, transfer: TRANSFER, reception });
  const code = await codeOf(() => pipeline.write(chunk));
  expect(await codeOf(() => pipeline.publish())).toBe('content-truncated');
  await reception.discard();
  expect(readdirSync(destination)).toEqual([]);
  return code;
}

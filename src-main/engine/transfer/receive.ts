import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import { PROTOCOL_VERSION } from '../../../shared/messages.ts';
import type { MessageBody, TRANSFER_PROTOCOL } from '../../../shared/messages.ts';
import { encodeCbor } from '../codec/cbor.ts';
import type { ContentReceiver, ReceiveSummary } from '../content/contract.ts';
import { ephemeralKem, transcriptHash, transferKey } from './key-schedule.ts';
import { reasonOf } from './live-transfer.ts';
import type { LiveTransfer } from './live-transfer.ts';
import type { TransferChannel } from './send.ts';

/** How often the sender hears how far this side has come. */
const REPORT_INTERVAL_MS = 100;

export type Offer = MessageBody<typeof TRANSFER_PROTOCOL.messages, 'offer'>;

/** The user's or the policy's answer to an offer. */
export type Decision = { readonly accept: true; readonly destination: string } | { readonly accept: false };

export interface ReceiveOptions {
  readonly channel: TransferChannel;
  readonly offer: Offer;
  readonly live: LiveTransfer;
  readonly content: ContentReceiver;
  readonly decision: Promise<Decision>;
}

/** The listening side's greeting and the offer that follows it. Throws what ended the channel. */
export async function awaitOffer(
  channel: TransferChannel,
  port: number,
): Promise<{ offer: Offer; peerPort: number }> {
  const { body: hello } = await channel.expect('hello');
  if (hello.version !== PROTOCOL_VERSION) {
    const error = new SealaneError('protocol-version');
    await channel.refuse(error);
    throw error;
  }
  await channel.send('hello', { version: PROTOCOL_VERSION, port });
  const { body: offer } = await channel.expect('offer');
  return { offer, peerPort: hello.port };
}

/**
 * The receiver's side of one transfer, from the offer to `complete`. Nothing touches the disk before the decision is yes. On
 * any error all that this transfer wrote is removed before the view says so. Never rejects.
 */
export async function runReceive(options: ReceiveOptions): Promise<void> {
  const { channel, live, content } = options;
  const { signal } = live;
  signal.addEventListener('abort', () => void channel.refuse(reasonOf(signal)));
  try {
    const summary = await receive(options);
    await channel.send('complete', {
      files: summary.files,
      bytes: summary.bytes,
      skipped: [...summary.skipped],
      skippedCount: summary.skippedCount,
    });
    await Promise.all([channel.close(), content.close()]);
  } catch (error) {
    const reason = signal.aborted ? reasonOf(signal) : asSealaneError(error);
    const told = reason.fromPeer ? undefined : channel.refuse(reason);
    await Promise.all([told, content.discard()]);
    live.fail(reason);
  }
}

async function receive(options: ReceiveOptions): Promise<ReceiveSummary> {
  const { channel, offer, live, content } = options;
  // Listened for from the beginning, so that a sender who gives up is noticed while the user thinks.
  const start = channel.expect('start');
  const decision = await Promise.race([options.decision, start.then(() => 'too-early' as const)]);
  if (decision === 'too-early')
    throw new SealaneError('frame-out-of-order', { detail: 'start before accept' });
  if (!decision.accept) {
    start.catch(() => undefined);
    throw new SealaneError('declined');
  }
  const started = performance.now();
  const { destination } = decision;
  const { transfer, itemCount, files, folders, bytes } = offer;
  const from = await content.prepare({
    transfer,
    destination,
    offered: { itemCount, files, folders, bytes },
  });
  const kem = await ephemeralKem();
  const accept = { kemPublicKey: kem.publicKey, entry: from.entry, offset: from.offset };
  channel.allocateChunksWith(() => content.buffer());
  await channel.send('accept', accept);
  const { kemCiphertext, header } = (await start).body;
  const key = transferKey({
    sharedSecret: kem.decapsulate(kemCiphertext),
    exporter: channel.exporter(),
    transcript: transcriptHash(encodeCbor(offer), encodeCbor(accept)),
  });
  kem.wipe();
  await content.begin({ key, header });
  live.progress(0, 0);
  await takeChunks(channel, live, content);
  live.apply({ kind: 'all-across' });
  const summary = await content.publish();
  live.apply({
    kind: 'complete',
    outcome: {
      ...summary,
      names: [...summary.names],
      skipped: [...summary.skipped],
      seconds: (performance.now() - started) / 1000,
    },
  });
  return summary;
}

/** Moves chunks from the channel to the worker until the final one was opened. */
async function takeChunks(
  channel: TransferChannel,
  live: LiveTransfer,
  content: ContentReceiver,
): Promise<void> {
  let lastReport = performance.now();
  const finished = content.finished.then(() => 'finished' as const);
  // Its failure is thrown by the write that caused it.
  finished.catch(() => undefined);
  for (;;) {
    const next = channel.expect('chunk');
    const chunk = await Promise.race([next, finished]);
    if (chunk === 'finished') {
      next.then(
        () => channel.refuse(new SealaneError('frame-out-of-order', { detail: 'chunk after the final one' })),
        () => undefined,
      );
      return;
    }
    await content.write(chunk.body);
    const now = performance.now();
    if (now - lastReport < REPORT_INTERVAL_MS) continue;
    lastReport = now;
    const { bytes, files } = content.progress();
    live.progress(bytes, files);
    await channel.send('progress', { bytes, files });
  }
}

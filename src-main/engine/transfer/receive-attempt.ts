import { SealaneError } from '../../../shared/errors.ts';
import { encodeCbor } from '../codec/cbor.ts';
import type { ContentReceiver, ReceiveSummary } from '../content/contract.ts';
import type { Offer, TransferChannel } from './greeting.ts';
import { ephemeralKem, transcriptHash, transferKey } from './key-schedule.ts';
import type { LiveTransfer } from './live-transfer.ts';
import { Until } from './until.ts';

/** How often the sender hears how far this side has come. */
const REPORT_INTERVAL_MS = 100;

export interface ReceiveAttemptOptions {
  readonly channel: TransferChannel;
  /** What the sender answers to the accept: listened for since the offer, so that one who gives up is noticed while the user thinks. */
  readonly start: ReturnType<typeof expectStart>;
  readonly offer: Offer;
  readonly destination: string;
  readonly journalFolder: string;
  readonly live: LiveTransfer;
  readonly content: ContentReceiver;
  /** Called once when the accept is about to be sent: from here on there is something to go on with. */
  readonly onAccepted: () => Promise<void>;
}

/** Begins to listen for the sender's `start`. */
export function expectStart(channel: TransferChannel) {
  return channel.expect('start');
}

/** The receiver's side of one connection, from its yes to everything being under its name. Throws what ended it. */
export async function attemptReceive(options: ReceiveAttemptOptions): Promise<ReceiveSummary> {
  const { channel, offer, live, content, destination, journalFolder } = options;
  const { transfer, itemCount, files, folders, bytes } = offer;
  const { from, progress } = await content.prepare({
    transfer,
    destination,
    journalFolder,
    offered: { itemCount, files, folders, bytes },
  });
  await options.onAccepted();
  const kem = await ephemeralKem();
  try {
    const accept = { kemPublicKey: kem.publicKey, entry: from.entry, offset: from.offset };
    channel.allocateChunksWith(() => content.buffer());
    await channel.send('accept', accept);
    const { kemCiphertext, header } = (await options.start).body;
    const sharedSecret = kem.decapsulate(kemCiphertext);
    const key = transferKey({
      sharedSecret,
      exporter: channel.exporter(),
      transcript: transcriptHash(encodeCbor(offer), encodeCbor(accept)),
    });
    sharedSecret.fill(0);
    await content.begin({ key, header });
  } finally {
    kem.wipe();
  }
  live.begin(progress.bytes, progress.files);
  const report = () => channel.send('progress', { ...content.progress(), safeChunks: content.safeChunks() });
  await report();
  content.onSafe(() => {
    // Where it cannot be said, the connection has ended, and whoever reads from it is told.
    report().catch(() => undefined);
  });
  await takeChunks({ channel, live, content, report });
  live.allAcross();
  return await content.publish();
}

/** Moves chunks from the channel to the worker until the final one was opened. */
async function takeChunks({
  channel,
  live,
  content,
  report,
}: Pick<ReceiveAttemptOptions, 'channel' | 'live' | 'content'> & {
  readonly report: () => Promise<void>;
}): Promise<void> {
  let lastReport = performance.now();
  // Its failure is thrown by the write that caused it.
  const unfinished = new Until(content.finished);
  for (;;) {
    const next = channel.expect('chunk');
    const chunk = await unfinished.wait(next);
    if (chunk === undefined) {
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
    await report();
  }
}

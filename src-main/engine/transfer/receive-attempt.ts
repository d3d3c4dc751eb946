import { SealaneError } from '../../../shared/errors.ts';
import type { MessageBody, TRANSFER_PROTOCOL } from '../../../shared/messages.ts';
import { encodeCbor } from '../codec/cbor.ts';
import type { ContentReceiver, Prepared, ReceiveSummary } from '../content/contract.ts';
import { offerDigest } from './consent.ts';
import type { PermittedOffer } from './consent.ts';
import type { TransferChannel } from './greeting.ts';
import { ephemeralKem, transcriptHash, transferKey } from './key-schedule.ts';
import type { LiveTransfer } from './live-transfer.ts';
import { Until } from './until.ts';

/** How often the sender hears how far this side has come. */
const REPORT_INTERVAL_MS = 100;

/** A folder that is ready for what was permitted. */
export interface ReadyToReceive {
  readonly permitted: PermittedOffer;
  readonly content: ContentReceiver;
  /** Where the content goes on. */
  readonly prepared: Prepared;
}

export interface ReceiveAttemptOptions extends ReadyToReceive {
  readonly channel: TransferChannel;
  /** What the sender answers to the accept: listened for since the offer, so that one who gives up is noticed while the user thinks. */
  readonly start: ExpectedStart;
  readonly live: LiveTransfer;
  /** Called once when the accept is about to be sent: from here on there is something to go on with. */
  readonly onAccepted: () => Promise<void>;
}

type Start = MessageBody<typeof TRANSFER_PROTOCOL.messages, 'start'>;

/** The sender's `start`, listened for from before the accept on. */
export interface ExpectedStart {
  readonly body: Promise<Start>;
  /** Whether it has come already. */
  readonly hasCome: () => boolean;
}

/** Begins to listen for the sender's `start`. */
export function expectStart(channel: TransferChannel): ExpectedStart {
  let hasCome = false;
  const body = channel.expect('start').then((message) => {
    hasCome = true;
    return message.body;
  });
  // Where the connection ends before somebody waits for it.
  body.catch(() => undefined);
  return { body, hasCome: () => hasCome };
}

export function startBeforeAccept(): SealaneError {
  return new SealaneError('frame-out-of-order', { detail: 'start before accept' });
}

/** Readies the folder that was consented to. Throws what is wrong with it; then nothing new is left there. */
export async function prepareReceive({
  permitted,
  content,
  journalFolder,
}: Omit<ReadyToReceive, 'prepared'> & {
  readonly journalFolder: string;
}): Promise<Prepared> {
  const { offer, consent, maxKeptBytes } = permitted;
  const { transfer, ...offered } = offer;
  return await content.prepare({
    transfer,
    agreed: { destination: consent.destination, offer: offerDigest(consent.offer), moves: consent.moves },
    mountPoint: consent.mountPoint,
    journalFolder,
    offered: {
      ...offered,
      minFiles: offer.files,
      minFolders: offer.folders,
      minItems: offer.itemCount,
      firstFiles: consent.offer.files,
      minFirstFiles: consent.offer.files,
      maxKeptBytes,
    },
  });
}

/** The receiver's side of one connection, from its accept to everything being under its name. Throws what ended it. */
export async function attemptReceive(options: ReceiveAttemptOptions): Promise<ReceiveSummary> {
  const { channel, permitted, live, content, prepared } = options;
  const { offer } = permitted;
  const { from, progress } = prepared;
  await options.onAccepted();
  const kem = await ephemeralKem();
  try {
    const accept = { kemPublicKey: kem.publicKey, entry: from.entry, offset: from.offset };
    channel.allocateChunksWith(() => content.buffer());
    // Nothing is awaited from here to the accept.
    if (options.start.hasCome()) throw startBeforeAccept();
    await channel.send('accept', accept);
    const { kemCiphertext, header } = await options.start.body;
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

import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import { PROTOCOL_VERSION } from '../../../shared/messages.ts';
import type { MessageBody, TRANSFER_PROTOCOL } from '../../../shared/messages.ts';
import type { TransferId } from '../../../shared/views.ts';
import { encodeCbor } from '../codec/cbor.ts';
import type { ContentSender, ScanSummary } from '../content/contract.ts';
import type { Channel } from '../net/channel.ts';
import { encapsulate, transcriptHash, transferKey } from './key-schedule.ts';
import { reasonOf } from './live-transfer.ts';
import type { LiveTransfer } from './live-transfer.ts';

export type TransferChannel = Channel<typeof TRANSFER_PROTOCOL.messages>;
type Complete = MessageBody<typeof TRANSFER_PROTOCOL.messages, 'complete'>;

export interface SendOptions {
  readonly id: TransferId;
  readonly paths: readonly string[];
  readonly manifestFile: string;
  readonly live: LiveTransfer;
  readonly content: ContentSender;
  /** Dials the receiver; the channel is fresh. */
  readonly connect: (signal: AbortSignal) => Promise<TransferChannel>;
  /** The port this device listens on; 0 when it does not. */
  readonly port: () => number;
  /** Told which cipher seals, once it is known. */
  readonly onCipher: (kind: 'native' | 'wasm') => void;
}

/**
 * The sender's side of one transfer, from looking at the files to the receiver's `complete`:
 *
 *     hello ──► ◄── hello   offer ──► ◄── accept   start ──► chunk… ──► ◄── progress…   ◄── complete
 *
 * Never rejects: how it ended is in the view.
 */
export async function runSend(options: SendOptions): Promise<void> {
  const { live, content } = options;
  const { signal } = live;
  let channel: TransferChannel | undefined;
  try {
    const summary = await scan(options);
    live.apply({ kind: 'connect' });
    channel = await options.connect(signal);
    const opened = channel;
    if (signal.aborted) throw reasonOf(signal);
    signal.addEventListener('abort', () => void opened.refuse(reasonOf(signal)));
    await greet(channel, options.port());
    const { complete, seconds } = await offerAndStream(channel, summary, options);
    live.apply({
      kind: 'complete',
      outcome: {
        bytes: complete.bytes,
        files: complete.files,
        seconds,
        skipped: complete.skipped,
        skippedCount: complete.skippedCount,
        into: null,
        names: [],
      },
    });
    await channel.close();
  } catch (error) {
    const reason = signal.aborted ? reasonOf(signal) : asSealaneError(error);
    if (!reason.fromPeer) await channel?.refuse(reason);
    live.fail(reason);
  } finally {
    await content.close();
  }
}

async function scan({ live, content, paths, manifestFile }: SendOptions): Promise<ScanSummary> {
  const summary = await content.scan(
    paths,
    manifestFile,
    (progress) => {
      if (!live.isOver) live.apply({ kind: 'scanned', ...progress });
    },
    live.signal,
  );
  live.describe({
    items: [...summary.names],
    itemCount: summary.itemCount,
    totalBytes: summary.bytes,
    totalFiles: summary.files,
  });
  return summary;
}

/** The dialling side's greeting: each side says its version and where it listens. Resolves with the other's port. */
export async function greet(channel: TransferChannel, port: number): Promise<number> {
  await channel.send('hello', { version: PROTOCOL_VERSION, port });
  const { body } = await channel.expect('hello');
  if (body.version !== PROTOCOL_VERSION) throw new SealaneError('protocol-version');
  return body.port;
}

/** From the offer to the receiver's last word. `seconds` counts from its yes: how long people think is no matter of speed. */
async function offerAndStream(
  channel: TransferChannel,
  summary: ScanSummary,
  options: SendOptions,
): Promise<{ readonly complete: Complete; readonly seconds: number }> {
  const { id, live, content, manifestFile } = options;
  const offer = {
    transfer: id,
    names: [...summary.names],
    itemCount: summary.itemCount,
    files: summary.files,
    folders: summary.folders,
    bytes: summary.bytes,
  };
  await channel.send('offer', offer);
  live.apply({ kind: 'offer' });
  const { body: accept } = await channel.expect('accept');
  const started = performance.now();
  const { ciphertext, sharedSecret } = await encapsulate(accept.kemPublicKey);
  const key = transferKey({
    sharedSecret,
    exporter: channel.exporter(),
    transcript: transcriptHash(encodeCbor(offer), encodeCbor(accept)),
  });
  const from = { entry: accept.entry, offset: accept.offset };
  const header = await content.begin({ manifestFile, transfer: id, key, from });
  options.onCipher(content.cipher());
  await channel.send('start', { kemCiphertext: ciphertext, header });
  live.progress(0, 0);
  const complete = await stream(channel, live, content);
  return { complete, seconds: (performance.now() - started) / 1000 };
}

/** Sends all chunks while listening to the receiver, whose word is what the progress bar shows. */
async function stream(
  channel: TransferChannel,
  live: LiveTransfer,
  content: ContentSender,
): Promise<Complete> {
  let allSent = false;
  const send = async () => {
    for (;;) {
      const frame = await content.next();
      if (frame === null) break;
      await channel.sendFrame(frame.bytes, () => {
        frame.release();
      });
    }
    allSent = true;
    live.apply({ kind: 'all-across' });
  };
  const listen = async () => {
    for (;;) {
      const message = await channel.expect('progress', 'complete');
      if (message.type === 'complete') {
        if (allSent) return message.body;
        const error = new SealaneError('frame-out-of-order', { detail: 'complete before the end' });
        await channel.refuse(error);
        throw error;
      }
      live.progress(message.body.bytes, message.body.files);
    }
  };
  const sending = send().catch(async (error: unknown) => {
    // Ends the listening too; without effect when it was the connection that ended.
    await channel.refuse(asSealaneError(error));
    throw error;
  });
  const [sent, heard] = await Promise.allSettled([sending, listen()]);
  if (heard.status === 'fulfilled' && sent.status === 'fulfilled') return heard.value;
  const heardReason: unknown = heard.status === 'rejected' ? heard.reason : undefined;
  const sentReason: unknown = sent.status === 'rejected' ? sent.reason : undefined;
  // What the peer said tells more than the broken pipe that followed.
  if (heardReason instanceof SealaneError && heardReason.fromPeer) throw heardReason;
  throw sentReason ?? heardReason;
}

import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import type { MessageBody, TRANSFER_PROTOCOL } from '../../../shared/messages.ts';
import type { TransferDetail } from '../../../shared/views.ts';
import { encodeCbor } from '../codec/cbor.ts';
import { ToldDetails } from './told-details.ts';
import type { ContentProgress, ContentSender, Rewritten } from '../content/contract.ts';
import { offerDigest } from './consent.ts';
import type { Offer, TransferChannel } from './greeting.ts';
import { encapsulate, transcriptHash, transferKey } from './key-schedule.ts';
import type { LiveTransfer } from './live-transfer.ts';
import { SendWindow } from './send-window.ts';

export type Complete = MessageBody<typeof TRANSFER_PROTOCOL.messages, 'complete'>;

/** The receiver's last word. */
export interface Told {
  readonly complete: Complete;
  /** What it says was left out or renamed: all of it, or what is listed in the last word. */
  readonly details: readonly TransferDetail[];
}

/** All was sent but the newest versions of files that were rewritten meanwhile, and no end. */
export interface Unended {
  readonly rewritten: Rewritten;
}

export interface SendAttemptOptions {
  /** Both sides have said hello. */
  readonly channel: TransferChannel;
  readonly offer: Offer;
  /** How many files that offers, each counted once, however often it is sent. */
  readonly firstFiles: number;
  readonly manifestFile: string;
  readonly live: LiveTransfer;
  readonly content: ContentSender;
  /** Whether the receiver has accepted this transfer on an earlier connection: only then can it have everything already. */
  readonly acceptedBefore: boolean;
  /** Whether the content may end without its end where files were rewritten meanwhile. */
  readonly mayTryAgain: boolean;
  /** Called once when the receiver has accepted. */
  readonly onAccepted: () => Promise<void>;
  /** Told which cipher seals. */
  readonly onCipher: (kind: 'native' | 'wasm') => void;
}

/**
 * The sender's side of one connection, from the offer to the receiver's `complete`:
 *
 *     offer ──► ◄── accept   start ──► chunk… ──► ◄── progress…   ◄── complete
 *
 * A receiver that already has everything answers the offer with `complete`. No content leaves this side before an accept is noted,
 * so a receiver that has never accepted has nothing. Where it ends without its end, the receiver has said that what was sent is
 * safe, and the connection is still there. Throws what ended the connection; the peer was told.
 */
export async function attemptSend(options: SendAttemptOptions): Promise<Told | Unended> {
  const { channel, offer, manifestFile, live, content, acceptedBefore, onAccepted } = options;
  await channel.send('offer', offer);
  live.offered(offerDigest(offer));
  const told = new ToldDetails();
  const answer = await channel.expect('accept', 'listed', 'complete');
  if (answer.type !== 'accept') {
    if (acceptedBefore) return toldBy(options, await lastWord(channel, told, answer), told);
    const error = new SealaneError('frame-out-of-order', { detail: 'complete before any accept' });
    await channel.refuse(error);
    throw error;
  }
  const { body: accept } = answer;
  await onAccepted();
  const { ciphertext, sharedSecret } = await encapsulate(accept.kemPublicKey);
  const key = transferKey({
    sharedSecret,
    exporter: channel.exporter(),
    transcript: transcriptHash(encodeCbor(offer), encodeCbor(accept)),
  });
  sharedSecret.fill(0);
  const { header, progress } = await content.begin({
    manifestFile,
    transfer: offer.transfer,
    key,
    from: { entry: accept.entry, offset: accept.offset },
    mayTryAgain: options.mayTryAgain,
  });
  options.onCipher(content.cipher());
  await channel.send('start', { kemCiphertext: ciphertext, header });
  live.begin(progress.bytes, progress.files);
  const window = new SendWindow(offer.bytes);
  const end = await stream({ channel, live, content, begun: progress, window, told });
  return 'rewritten' in end ? end : toldBy(options, end, told);
}

type LastWords = 'listed' | 'complete';
type LastWord = Extract<Awaited<ReturnType<TransferChannel['expect']>>, { type: LastWords }>;

/** Takes what is listed before the last word, and gives that. Throws what ends the line, `content-mismatch` for too much. */
async function lastWord(channel: TransferChannel, told: ToldDetails, first: LastWord): Promise<Complete> {
  for (let word = first; ; word = await channel.expect('listed', 'complete')) {
    if (word.type === 'complete') return word.body;
    told.add(word.body);
  }
}

type Offered = Pick<SendAttemptOptions, 'offer' | 'firstFiles'>;

function toldBy(offered: Offered, complete: Complete, told: ToldDetails): Told {
  return { complete: checkWithin(offered, complete), details: told.all(complete) };
}

/**
 * Nobody can have more than was offered, each file once, and what of that is not there was left out. Throws `content-mismatch`, and
 * `frame-malformed` for what contradicts itself.
 */
function checkWithin({ offer, firstFiles }: Offered, complete: Complete): Complete {
  const { files, bytes, renamed, renamedCount, skipped, skippedCount, nothing } = complete;
  if (renamed.length > renamedCount || skipped.length > skippedCount)
    throw new SealaneError('frame-malformed', { detail: 'more listed than counted' });
  if (files === 0 && bytes > 0) throw new SealaneError('frame-malformed', { detail: 'bytes of no file' });
  if (nothing && (files > 0 || renamedCount > 0 || skippedCount === 0))
    throw new SealaneError('frame-malformed', { detail: 'nothing, and something' });
  if (files > firstFiles || bytes > offer.bytes)
    throw new SealaneError('content-mismatch', { detail: 'more than was offered' });
  // Folders, and what was never offered, may be left out, too.
  if (files + skippedCount < firstFiles)
    throw new SealaneError('content-mismatch', { detail: 'less than was offered' });
  // Each file and each folder has one name.
  if (renamedCount > firstFiles + offer.folders)
    throw new SealaneError('content-mismatch', { detail: 'more names than were offered' });
  return complete;
}

interface StreamOptions extends Pick<SendAttemptOptions, 'channel' | 'live' | 'content'> {
  /** What lies behind the place where the content goes on. */
  readonly begun: ContentProgress;
  readonly window: SendWindow;
  readonly told: ToldDetails;
}

/**
 * Sends all chunks while listening to the receiver, whose word is what the progress bar shows. It counts what it has received, from
 * its first report on.
 */
async function stream(options: StreamOptions): Promise<Complete | Unended> {
  const { channel, live, content, begun, window, told } = options;
  let allSent = false;
  /** What is heard after that is of no interest. */
  let hasEnded = false;
  let first: ContentProgress | undefined;
  const send = async (): Promise<Unended | undefined> => {
    for (;;) {
      const frame = await content.next();
      if (frame === null) break;
      await window.room();
      window.sending(frame.bytes.length);
      await channel.sendFrame(frame.bytes, () => {
        frame.release();
      });
    }
    const rewritten = content.rewritten();
    if (rewritten === null) {
      allSent = true;
      live.allAcross();
      return undefined;
    }
    await window.empty();
    // Then the listening tells why.
    if (!channel.isOpen) return undefined;
    hasEnded = true;
    return { rewritten };
  };
  const listen = async () => {
    for (;;) {
      const message = await channel.expect('progress', 'listed', 'complete');
      if (message.type !== 'progress') {
        if (allSent) return await lastWord(channel, told, message);
        throw new SealaneError('frame-out-of-order', { detail: 'complete before the end' });
      }
      const { bytes, files, safeChunks } = message.body;
      window.safe(safeChunks);
      if (hasEnded) continue;
      first ??= { bytes, files };
      live.progress(begun.bytes + bytes - first.bytes, begun.files + files - first.files);
    }
  };
  // With the connection ends the waiting for a frame: the worker may wait itself, for memory that a dead socket never gives back.
  channel.onClose(() => {
    window.end();
    void content.close();
  });
  // Each ends the other by it; without effect when it was the connection that ended.
  const refuse = async (error: unknown): Promise<undefined> => {
    await channel.refuse(asSealaneError(error));
  };
  const sending = send().catch(refuse);
  const listening = listen().catch(async (error: unknown) => {
    await refuse(error);
    throw error;
  });
  // What ended the connection first, whoever did it, is what the listening ends with; the sending may only have noticed.
  const unended = await Promise.race([sending, listening.then(() => undefined)]);
  if (unended !== undefined) {
    listening.catch(() => undefined);
    return unended;
  }
  const [complete] = await Promise.all([listening, sending]);
  return complete;
}

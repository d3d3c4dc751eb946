import { setTimeout } from 'node:timers/promises';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import type { TransferDetail, TransferId } from '../../../shared/views.ts';
import type { ContentSender, Grown, LeftOut, Rewritten } from '../content/contract.ts';
import { sent } from './arrival.ts';
import { backoff } from './backoff.ts';
import { EarlyLine } from './early-line.ts';
import type { Offer, TransferChannel } from './greeting.ts';
import type { SendJob } from './job.ts';
import { prepareKem } from './key-schedule.ts';
import { leave } from './leave.ts';
import { NOTHING, joined } from './left-out.ts';
import { factsOf, reasonOf } from './live-transfer.ts';
import type { LiveTransfer } from './live-transfer.ts';
import { Nap } from './nap.ts';
import { canGoOn, canOfferAgain, isAboutTransfer, isFaultOfPeer } from './retry.ts';
import { attemptSend } from './send-attempt.ts';
import type { Told, Unended } from './send-attempt.ts';
import { withLeftOut } from './told-details.ts';

export interface OutgoingOptions {
  readonly job: SendJob;
  readonly manifestFile: string;
  /** This device's own, absolute: never sent. */
  readonly profile: string;
  readonly live: LiveTransfer;
  /** A fresh worker. */
  readonly createContent: () => ContentSender;
  /** Dials the receiver; the channel is fresh. */
  readonly connect: (signal: AbortSignal) => Promise<TransferChannel>;
  /** Greets on a fresh channel. Throws what ended it. */
  readonly greet: (channel: TransferChannel) => Promise<unknown>;
  /** Tells the receiver, on a line of its own, that an earlier try is taken back. Throws what ended the line before. */
  readonly takeBack: (transfer: TransferId, signal: AbortSignal) => Promise<void>;
  /** Notes that the job is given up, for the receiver to hear of. Throws `profile-unusable`. */
  readonly noteGivenUp: (job: SendJob, reason: ErrorCode) => Promise<void>;
  /** Begins another transfer in the place of this one, which had ended at the receiver before; ends it at once where that is not wanted by then. */
  readonly beginAnew?: ((isWanted: () => boolean) => Promise<void>) | undefined;
  /** Told which cipher seals, once it is known. */
  readonly onCipher: (kind: 'native' | 'wasm') => void;
  /** Writes the job; it is on disk when this resolves. */
  readonly save: (job: SendJob) => Promise<void>;
  /** Keeps all that was left out or renamed, as far as it can be. Never rejects. */
  readonly keepDetails: (details: readonly TransferDetail[]) => Promise<void>;
  /** Whether a receiver that cannot be reached at the very beginning is waited for. */
  readonly waitsForReceiver: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * The sender's side of one transfer over as many connections as it takes: looks at the files once, offers, sends, and after every
 * connection that ends too early waits and dials anew. `pause`, `resume` and `wake` may be called at any time.
 */
export class Outgoing {
  readonly direction = 'send';
  readonly live: LiveTransfer;
  readonly #options: OutgoingOptions;
  readonly #nap = new Nap();
  #job: SendJob;
  #attempt = new AbortController();
  /** Once the receiver has answered in this process, were it to refuse, it is known to be somewhere. */
  #reached = false;
  /** Whether an offer was made to which no answer came: it may have been accepted all the same. */
  #mayBeAgreed: boolean;
  /** What the last revision found changed. */
  #resent: { readonly listed: readonly string[]; readonly count: number } = { listed: [], count: 0 };
  /** What had grown by the time it was sent, as the last revision or the last stream found it. */
  #grown: Grown = { listed: [], count: 0 };
  /** What it found left out of which the receiver has not been told. */
  #later: LeftOut = NOTHING;
  /** What of `#resent` the receiver has not been told of: unless it accepts once more, that does not arrive. */
  #unsent: LeftOut = NOTHING;
  /** What of `#resent` was left out all the same, as it was changed once more. */
  #lostAgain: LeftOut = NOTHING;
  /** How many files it found to be offered, each counted once; before the first one, none is counted twice. */
  #firstFiles: number | undefined;
  /** How many entries the manifest had then. */
  #entries = 0;
  #activeMs = 0;
  /** Whether an offer was made, in this process or before. */
  #hasOffered: boolean;
  /** Whether the receiver has said something of it to this process: then it had not ended there before. */
  #wasAnswered = false;
  #isGivenUp = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    this.live = options.live;
    this.#job = options.job;
    // An earlier process may have offered it.
    this.#mayBeAgreed = options.job.offer !== null;
    this.#hasOffered = this.#mayBeAgreed;
  }

  get job(): SendJob {
    return this.#job;
  }

  /** Runs to the end; never rejects: how it ended is in the view. A transfer that was only interrupted is not over in it. */
  async run(): Promise<void> {
    const { live } = this;
    try {
      const { complete, details } = await this.#untilComplete();
      // A receiver that had everything before these were found cannot know of them.
      const untold = joined(this.#unsent, this.#later);
      if (untold.count > 0) await this.#beginAnew();
      await this.#options.keepDetails(withLeftOut(details, untold.listed));
      const { listed, count } = this.#resent;
      const notThere = joined(this.#unsent, this.#lostAgain);
      const unsent = new Set(notThere.listed.map(({ path }) => path));
      live.complete(
        sent(complete, {
          activeMs: this.#activeMs,
          resent: {
            resent: listed.filter((path) => !unsent.has(path)),
            resentCount: Math.max(0, count - notThere.count),
          },
          grown: this.#grown,
          untold,
          maxListed: MAX_LISTED_SKIPS,
        }),
      );
    } catch (error) {
      const reason = asSealaneError(error);
      if (reason.code === 'interrupted') {
        live.interrupt(reason);
        return;
      }
      if (this.#job.takesBack !== null) await this.noteGivenUp(reason.code);
      if (reason.fromPeer && ENDED_BEFORE.includes(reason.code)) await this.#beginAnew();
      live.fail(reason);
    }
  }

  /** Notes that this is given up, as far as the receiver may have heard of it. Never rejects. */
  async noteGivenUp(reason: ErrorCode): Promise<void> {
    this.#isGivenUp = true;
    const { accepted, takesBack, offer } = this.#job;
    const mayHaveHeard = accepted || this.#hasOffered;
    if (!mayHaveHeard && takesBack === null) return;
    const job = { ...this.#job, offer: mayHaveHeard ? offer : null };
    await this.#options.noteGivenUp(job, reason).catch(() => undefined);
  }

  /** A user who sends this once more means what is there now, and not what an earlier process has left. Never rejects. */
  async #beginAnew(): Promise<void> {
    const isWanted = () => !this.#isGivenUp;
    if (!this.#wasAnswered && isWanted()) await this.#options.beginAnew?.(isWanted).catch(() => undefined);
  }

  async pause(): Promise<void> {
    await this.#change({ paused: true });
    this.#attempt.abort(new SealaneError('paused'));
    this.#nap.wake();
  }

  async resume(): Promise<void> {
    await this.#change({ paused: false });
    this.#nap.wake();
  }

  /** The receiver is back, or somewhere else: dials at once if it waits. */
  wake(): void {
    this.#nap.wake();
  }

  async #untilComplete(): Promise<Told> {
    const { live } = this;
    for (let failures = 0; ;) {
      if (live.signal.aborted) throw reasonOf(live.signal);
      if (this.#job.paused) {
        if (live.view.state.kind !== 'paused') live.pause('me');
        await this.#nap.sleep(null, live.signal);
        continue;
      }
      const bytesBefore = live.bytesAcross;
      try {
        return await this.#once();
      } catch (error) {
        const reason = asSealaneError(error);
        if (live.view.state.kind === 'offered' && !reason.fromPeer) this.#mayBeAgreed = true;
        // What this side's user did meanwhile is seen at the beginning of the next round.
        if (this.#isStopped()) continue;
        // Paused and resumed again before the connection had ended by it: that is no word of the peer's.
        if (reason.code === 'paused' && !reason.fromPeer) {
          live.pause('me');
          continue;
        }
        if (!this.#mayGoOn(reason)) throw reason;
        failures = live.bytesAcross > bytesBefore ? 1 : failures + 1;
        await this.#rest(reason, failures);
      }
    }
  }

  #isStopped(): boolean {
    return this.live.signal.aborted || this.#job.paused;
  }

  #mayGoOn(reason: SealaneError): boolean {
    if (this.#job.accepted) return canGoOn(reason);
    if (!this.#reached && !this.#options.waitsForReceiver) return false;
    return canOfferAgain(reason, { mayBeAgreed: this.#mayBeAgreed });
  }

  async #rest(reason: SealaneError, failures: number): Promise<void> {
    const { live } = this;
    const wait = backoff(failures - 1);
    if (reason.code === 'paused') live.pause('peer');
    else live.wait(reason, this.#options.now() + wait);
    await this.#nap.sleep(reason.code === 'paused' ? PAUSED_CHECK_MS : wait, live.signal);
  }

  /** One connection, and those that come at once after it where files were rewritten meanwhile. */
  async #once(): Promise<Told> {
    this.#attempt = new AbortController();
    const signal = AbortSignal.any([this.live.signal, this.#attempt.signal]);
    for (let before: Before | undefined; ;) {
      const end = await this.#connection(signal, before);
      if (!('rewritten' in end)) return end;
      before = end;
    }
  }

  /**
   * One connection. The one `before`, where it ended without the end of the content, stays until then, so that the receiver waits
   * for nobody: it takes the offer on this one for the end of that.
   */
  async #connection(signal: AbortSignal, before: Before | undefined): Promise<Told | Before> {
    const { live } = this;
    const content = this.#options.createContent();
    const line = new EarlyLine((ending) => this.#reach(ending), signal);
    let channel: TransferChannel | undefined;
    let isKept = false;
    try {
      if (this.#job.offer === null) await this.#look(content, signal);
      live.connecting();
      channel = await line.take();
      this.#reached = true;
      const offer = await this.#currentOffer(content, signal, before?.rewritten ?? null);
      const end = await this.#send(channel, offer, content);
      if ('rewritten' in end) {
        await this.#beginTry(signal);
        isKept = true;
        return { ...end, line };
      }
      this.#grown = content.grown() ?? this.#grown;
      this.#lostAgain = content.lostAgain();
      await channel.close();
      return end;
    } catch (error) {
      const reason = signal.aborted ? reasonOf(signal) : asSealaneError(error);
      if (reason.fromPeer) {
        this.#reached = true;
        this.#wasAnswered ||= isAboutTransfer(reason);
      } else if (channel !== undefined) {
        const isOwn = !signal.aborted && !this.#mayGoOn(reason) && !isFaultOfPeer(reason);
        if (isOwn) await this.noteGivenUp(reason.code);
        await leave(channel, reason);
      }
      throw reason;
    } finally {
      await Promise.all([isKept ? undefined : line.drop(), before?.line.drop(), content.close()]);
    }
  }

  /** Counts another try before it is made, so that no end of this process makes them more, and gives whoever writes some time. */
  async #beginTry(signal: AbortSignal): Promise<void> {
    const { tries } = this.#job;
    await this.#change({ tries: tries + 1 });
    await setTimeout(TRY_AGAIN_AFTER_MS[tries], undefined, { signal });
  }

  /** Dials and greets. The line ends with `signal`, and the peer learns why. Throws what ended it, which the peer was told, too. */
  async #reach(signal: AbortSignal): Promise<TransferChannel> {
    const { takesBack } = this.#job;
    if (takesBack !== null) {
      await this.#options.takeBack(takesBack.transfer, signal);
      await this.#change({ takesBack: null });
    }
    const channel = await this.#options.connect(signal);
    const onAbort = () => {
      void leave(channel, reasonOf(signal));
    };
    signal.addEventListener('abort', onAbort);
    channel.onClose(() => {
      signal.removeEventListener('abort', onAbort);
    });
    try {
      if (signal.aborted) throw reasonOf(signal);
      await this.#options.greet(channel);
    } catch (error) {
      const reason = signal.aborted ? reasonOf(signal) : asSealaneError(error);
      if (!reason.fromPeer) await leave(channel, reason);
      throw reason;
    }
    void prepareKem();
    return channel;
  }

  async #send(channel: TransferChannel, offer: Offer, content: ContentSender): Promise<Told | Unended> {
    const { live, manifestFile, onCipher } = this.#options;
    let accepted: number | undefined;
    this.#hasOffered = true;
    try {
      return await attemptSend({
        channel,
        offer,
        firstFiles: this.#firstFiles ?? offer.files,
        manifestFile,
        live,
        content,
        onCipher,
        acceptedBefore: this.#job.accepted,
        mayTryAgain: this.#job.tries < TRY_AGAIN_AFTER_MS.length,
        onAccepted: async () => {
          accepted = performance.now();
          this.#wasAnswered = true;
          this.#later = NOTHING;
          this.#unsent = NOTHING;
          await this.#change({ accepted: true, told: this.#entries });
        },
      });
    } finally {
      if (accepted !== undefined) this.#activeMs += performance.now() - accepted;
    }
  }

  /** Walks what is to be sent, once for all connections. */
  async #look(content: ContentSender, signal: AbortSignal): Promise<void> {
    const { manifestFile, live, profile } = this.#options;
    const { id, paths } = this.#job;
    const summary = await content.scan(
      paths,
      manifestFile,
      (progress) => {
        live.scanned(progress.files, progress.bytes);
      },
      signal,
      profile,
    );
    const { items, itemCount, files, folders, bytes, hidden, programs } = summary;
    const offer = { transfer: id, items: [...items], itemCount, files, folders, bytes, hidden, programs };
    live.describe(factsOf(offer));
    await this.#change({ offer });
  }

  /**
   * The offer as things are now: whatever changed since an earlier connection is to be sent once more, or, where that ended for
   * it, what was rewritten meanwhile.
   */
  async #currentOffer(
    content: ContentSender,
    signal: AbortSignal,
    rewritten: Rewritten | null,
  ): Promise<Offer> {
    const { offer, accepted, looksForNew, paths, told } = this.#job;
    if (offer === null) throw new SealaneError('internal', { detail: 'nothing to offer' });
    if (!accepted) return offer;
    const { profile } = this.#options;
    const lookedFor = { paths: looksForNew ? paths : null, since: told, profile };
    const revision = await content.revise(this.#options.manifestFile, signal, lookedFor, rewritten);
    this.#later = revision.later;
    this.#unsent = revision.unsent;
    this.#entries = revision.entries;
    this.#firstFiles = revision.firstFiles;
    this.#grown = revision.grown;
    this.#resent = { listed: revision.resent, count: revision.resentCount };
    const { files, folders, bytes, hidden, programs } = revision;
    const current = { ...offer, files, folders, bytes, hidden, programs };
    this.live.describe(factsOf(current));
    await this.#change({ offer: current, looksForNew: false });
    return current;
  }

  async #change(change: Partial<SendJob>): Promise<void> {
    this.#job = { ...this.#job, ...change };
    await this.#options.save(this.#job);
  }
}

/** A connection that ended without the end of the content. */
interface Before extends Unended {
  readonly line: EarlyLine;
}

/**
 * What was rewritten while it was sent is sent again so often, over all connections of a transfer, before it is left out; so long
 * after the content has ended, in ms: who writes a file is done with it soon, or writes all the time.
 */
const TRY_AGAIN_AFTER_MS: readonly number[] = [0, 1_000, 3_000];

/** A peer that has paused tells us when it goes on; should that word be lost, it is asked now and then. */
const PAUSED_CHECK_MS = 60_000;

/** What a receiver says of a transfer that has ended there, and for which nothing comes any more. */
const ENDED_BEFORE: readonly ErrorCode[] = ['cancelled', 'content-mismatch'];

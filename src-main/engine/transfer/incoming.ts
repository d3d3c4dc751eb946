import { isDeepStrictEqual } from 'node:util';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import type { Outcome } from '../../../shared/views.ts';
import type { ContentReceiver, ReceiveSummary } from '../content/contract.ts';
import type { Address } from '../store/contract.ts';
import { isWithinAgreement } from './agreement.ts';
import type { Offer, TransferChannel } from './greeting.ts';
import type { ReceiveJob } from './jobs.ts';
import { leave } from './leave.ts';
import { reasonOf } from './live-transfer.ts';
import type { LiveTransfer } from './live-transfer.ts';
import { Nap } from './nap.ts';
import { attemptReceive, expectStart } from './receive-attempt.ts';
import { canGoOn } from './retry.ts';

/** The user's or the policy's answer to an offer. */
export type Decision = { readonly accept: true; readonly destination: string } | { readonly accept: false };

/** A connection on which the sender has just made its offer. */
export interface Joined {
  readonly channel: TransferChannel;
  readonly offer: Offer;
}

export interface IncomingOptions {
  readonly live: LiveTransfer;
  /** What is known of it from before, if it was accepted before. */
  readonly job: ReceiveJob | undefined;
  /** The job for a new transfer that the user accepts. */
  readonly jobFor: (offer: Offer, destination: string) => Omit<ReceiveJob, 'wake'>;
  /** Where the process that is sending now could be told that this device is back; null when it did not say. */
  readonly wakeAddress: () => Address | null;
  readonly journalFolder: string;
  /** A fresh worker. */
  readonly createContent: () => ContentReceiver;
  /** Writes the job; it is on disk when this resolves. */
  readonly save: (job: ReceiveJob) => Promise<void>;
  /** Removes what an interrupted connection left in the destination. */
  readonly discardLeftover: () => Promise<void>;
  /** Tells the sender that it may go on, when this side's user resumes. */
  readonly wakeSender: () => void;
}

/**
 * The receiver's side of one transfer over as many connections as it takes. Nothing touches the disk before the decision is yes;
 * from then on whatever arrived stays, hidden, until everything is there or somebody gives up.
 */
export class Incoming {
  readonly direction = 'receive';
  readonly live: LiveTransfer;
  readonly #options: IncomingOptions;
  readonly #decision: Promise<Decision>;
  #decide: (decision: Decision) => void = () => undefined;
  #job: ReceiveJob | undefined;
  #current: TransferChannel | undefined;
  #joined: Joined | undefined;
  readonly #nap = new Nap();
  #activeMs = 0;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.live = options.live;
    this.#job = options.job;
    this.#decision = new Promise<Decision>((resolve) => {
      this.#decide = resolve;
    });
  }

  get job(): ReceiveJob | undefined {
    return this.#job;
  }

  /** Whether the sender is waited for: there is something to go on with, and no connection. */
  get isWaiting(): boolean {
    return this.#job?.paused === false && this.#current === undefined && !this.live.isOver;
  }

  /** The user's answer; the first one counts. */
  decide(decision: Decision): void {
    this.#decide(decision);
  }

  /** The sender has dialled (again) and offered; a connection that there still is has been given up by it. */
  join(joined: Joined): void {
    if (this.#job !== undefined && !isWithinAgreement(this.#job.offer, joined.offer)) {
      void joined.channel.refuse(new SealaneError('content-mismatch', { detail: 'another offer' }));
      return;
    }
    const before = this.#joined;
    this.#joined = joined;
    void before?.channel.close();
    void this.#current?.close();
    this.#nap.wake();
  }

  async pause(): Promise<void> {
    if (this.#job === undefined) throw new SealaneError('unknown-transfer');
    await this.#change({ ...this.#job, paused: true });
    if (this.#current === undefined) this.live.pause('me');
    else await this.#current.refuse(new SealaneError('paused'));
  }

  async resume(): Promise<void> {
    if (this.#job === undefined) throw new SealaneError('unknown-transfer');
    await this.#change({ ...this.#job, paused: false });
    if (this.live.view.state.kind === 'paused') this.live.wait(new SealaneError('connection-lost'), null);
    this.#options.wakeSender();
  }

  /** Runs to the end; never rejects: how it ended is in the view. A transfer that was only interrupted is not over in it. */
  async run(): Promise<void> {
    const { live } = this;
    try {
      await this.#untilComplete();
    } catch (error) {
      const reason = asSealaneError(error);
      if (reason.code === 'interrupted') {
        live.interrupt(reason);
        return;
      }
      await this.#options.discardLeftover();
      live.fail(reason);
    } finally {
      // Whoever dialled in the last moment learns that this is over by offering once more.
      void this.#joined?.channel.refuse(new SealaneError('busy'));
    }
  }

  async #untilComplete(): Promise<void> {
    const { live } = this;
    for (;;) {
      const joined = await this.#nextJoined();
      this.#current = joined.channel;
      try {
        await this.#once(joined);
        return;
      } catch (error) {
        const reason = live.signal.aborted ? reasonOf(live.signal) : asSealaneError(error);
        if (live.signal.aborted || !canGoOn(reason)) throw reason;
        // The user goes on thinking about what was shown; about anything else it has to be asked anew.
        if (this.#job === undefined && isDeepStrictEqual(this.#joined?.offer, joined.offer)) continue;
        if (this.#job === undefined) throw reason;
        if (this.#job.paused) live.pause('me');
        else if (reason.code === 'paused') live.pause('peer');
        else live.wait(reason, null);
      } finally {
        this.#current = undefined;
      }
    }
  }

  async #nextJoined(): Promise<Joined> {
    const { signal } = this.live;
    for (;;) {
      if (signal.aborted) throw reasonOf(signal);
      const joined = this.#joined;
      this.#joined = undefined;
      if (joined !== undefined && this.#job?.paused !== true) return joined;
      if (joined !== undefined) {
        await joined.channel.refuse(new SealaneError('paused'));
        continue;
      }
      await this.#nap.sleep(null, signal);
    }
  }

  /** One connection. */
  async #once({ channel, offer }: Joined): Promise<void> {
    const { live } = this;
    const { signal } = live;
    const onAbort = () => void leave(channel, reasonOf(signal));
    signal.addEventListener('abort', onAbort);
    let content: ContentReceiver | undefined;
    const start = expectStart(channel);
    start.catch(() => undefined);
    try {
      if (signal.aborted) throw reasonOf(signal);
      const destination = await this.#agree(offer, start);
      const begun = performance.now();
      content = this.#options.createContent();
      const summary = await attemptReceive({
        channel,
        start,
        offer,
        destination,
        journalFolder: this.#options.journalFolder,
        live,
        content,
        // Known anew each time: another process of the sender's may have gone on with it.
        onAccepted: () =>
          this.#change({
            ...(this.#job ?? this.#options.jobFor(offer, destination)),
            wake: this.#options.wakeAddress(),
          }),
      });
      this.#activeMs += performance.now() - begun;
      live.complete(outcomeOf(summary, this.#activeMs));
      await channel.send('complete', completeOf(summary)).catch(() => undefined);
      await Promise.all([channel.close(), content.close()]);
    } catch (error) {
      const reason = signal.aborted ? reasonOf(signal) : asSealaneError(error);
      const told = reason.fromPeer ? undefined : leave(channel, reason);
      const keeps = this.#job !== undefined && canGoOn(reason);
      await Promise.all([told, keeps ? content?.suspend() : content?.discard()]);
      throw reason;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** The folder to receive into: as agreed before, or as the user or the policy says now. Throws `declined`. */
  async #agree(offer: Offer, start: ReturnType<typeof expectStart>): Promise<string> {
    if (this.#job !== undefined) {
      this.#describe(offer);
      return this.#job.destination;
    }
    const decision = await Promise.race([this.#decision, start.then(() => 'too-early' as const)]);
    if (decision === 'too-early')
      throw new SealaneError('frame-out-of-order', { detail: 'start before accept' });
    if (!decision.accept) throw new SealaneError('declined');
    return decision.destination;
  }

  #describe({ names, itemCount, bytes, files }: Offer): void {
    this.live.describe({ items: names, itemCount, totalBytes: bytes, totalFiles: files });
  }

  /** In this order: what could not be noted was never agreed to. */
  async #change(job: ReceiveJob): Promise<void> {
    await this.#options.save(job);
    this.#job = job;
  }
}

function outcomeOf(summary: ReceiveSummary, activeMs: number): Outcome {
  return {
    ...summary,
    names: [...summary.names],
    skipped: [...summary.skipped],
    resent: [],
    resentCount: 0,
    seconds: activeMs / 1000,
  };
}

/** What the listed paths of a `complete` may take, so that the whole message stays within a control message's bound. */
const MAX_LISTED_BYTES = 48 * 1024;

/** What the sender is told of an outcome, now or when it asks again. */
export function completeOf(
  outcome: Pick<Outcome, 'files' | 'bytes' | 'skippedCount'> & Pick<ReceiveSummary, 'skipped'>,
) {
  const { files, bytes, skippedCount } = outcome;
  let room = MAX_LISTED_BYTES;
  const skipped = outcome.skipped.filter(({ path }) => {
    room -= Buffer.byteLength(path);
    return room >= 0;
  });
  return { files, bytes, skipped, skippedCount };
}

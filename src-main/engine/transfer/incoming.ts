import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/views.ts';
import { FOLDER_CODES, aboutFolder } from '../../../shared/received-folder.ts';
import type { ContentReceiver } from '../content/contract.ts';
import { received } from './arrival.ts';
import { Consent } from './consent.ts';
import type { Decision, IncomingOptions, Joined } from './incoming-options.ts';
import type { Offer, TransferChannel } from './greeting.ts';
import type { ReceiveJob } from './job.ts';
import { KeptJob } from './kept-job.ts';
import { withLack } from './lack.ts';
import { Departure, mayBeTooLate } from './leave.ts';
import { factsOf, reasonOf } from './live-transfer.ts';
import type { LiveTransfer } from './live-transfer.ts';
import { Nap } from './nap.ts';
import { Question } from './question.ts';
import type { Yes } from './question.ts';
import { attemptReceive, expectStart, prepareReceive } from './receive-attempt.ts';
import type { ExpectedStart, ReadyToReceive } from './receive-attempt.ts';
import { canGoOn, canOfferAgain, ofSender } from './retry.ts';
import { tellEndAndClose } from './tell-end.ts';

/**
 * The receiver's side of one transfer over as many connections as it takes. Nothing touches the disk before the decision is yes;
 * from then on whatever arrived stays, hidden, until everything is there or somebody gives up.
 */
export class Incoming {
  readonly direction = 'receive';
  readonly live: LiveTransfer;
  /** What is asked about, or was agreed to: it stays the same for as long as this object lives. */
  readonly offer: Offer;
  readonly #options: IncomingOptions;
  readonly #question = new Question();
  readonly #kept: KeptJob<ReceiveJob>;
  #current: TransferChannel | undefined;
  #joined: Joined | undefined;
  /** Resolves once the last connection has ended, and nothing is done because of it any more. */
  #round: Promise<unknown> = Promise.resolve();
  /** While it is given another folder. */
  #moving: Promise<unknown> | undefined;
  readonly #nap = new Nap();
  #activeMs = 0;
  /** Whether the sender was there to hear that this is given up. One that forgets it by a kill asks again, and hears it then. */
  readonly departure = new Departure();
  /** Whether `run` has ended: a connection that comes now has nothing to join. */
  #hasRun = false;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.live = options.live;
    this.offer = options.offer;
    this.#kept = new KeptJob(options.job, options.save);
  }

  get job(): ReceiveJob | undefined {
    return this.#kept.current;
  }

  /** Whether the sender is waited for: there is something to go on with, and no connection. */
  get isWaiting(): boolean {
    return this.job?.paused === false && this.#current === undefined && !this.live.isOver;
  }

  /** Whether this side has said yes to it, and that is on disk. */
  get isAgreed(): boolean {
    return this.job !== undefined;
  }

  /** Whether it is being asked about, or has a connection: one that only waits for its sender takes up no room of others. */
  get isOpen(): boolean {
    const hasConnection = this.#current !== undefined || this.#joined !== undefined;
    return !this.live.isOver && (this.job === undefined || hasConnection);
  }

  /**
   * The user's answer. The first one counts; a no after a yes that nothing has come of yet is a wish to be
   * rid of it.
   */
  decide(decision: Decision): void {
    if (this.#question.hasAccepted && !decision.accept)
      void this.noteGivenUp('cancelled').then(() => {
        this.live.end(new SealaneError('cancelled'));
      });
    this.live.record();
    this.live.askAgain(undefined);
    this.#question.answer(decision);
  }

  /**
   * The sender has dialled (again) and offered; a connection that there still is has been given up by it. An offer that this transfer
   * cannot be for is refused, and changes nothing: what is asked about goes on being asked about.
   */
  join(joined: Joined): void {
    const refusal = this.#refusalOf(joined.offer);
    if (refusal !== undefined) {
      void joined.channel.refuse(refusal);
      return;
    }
    const before = this.#joined;
    this.#joined = joined;
    void before?.channel.close();
    void this.#current?.close();
    this.#nap.wake();
  }

  async pause(): Promise<void> {
    await this.#setPaused(true);
    // It may have ended while that was written.
    if (this.live.isOver) throw new SealaneError('unknown-transfer');
    if (this.#current === undefined) this.live.pause('me');
    else await this.#current.refuse(new SealaneError('paused'));
  }

  async resume(): Promise<void> {
    await this.#setPaused(false);
    if (this.live.isOver) throw new SealaneError('unknown-transfer');
    if (this.live.view.state.kind === 'paused') this.live.wait(new SealaneError('connection-lost'), null);
    this.#options.wakeSender();
  }

  /**
   * Goes into another folder from now on, anew. Gives whether nothing is left in the old one. Throws `unknown-transfer`,
   * `transfer-running`, and what `takeNewFolder` throws.
   */
  async move(into: string): Promise<boolean> {
    const { kind } = this.live.view.state;
    if (this.job === undefined || this.live.isOver) throw new SealaneError('unknown-transfer');
    if (kind === 'running' || kind === 'finishing' || this.#moving !== undefined)
      throw new SealaneError('transfer-running');
    const move = this.#moveNow(into);
    this.#moving = move.catch(() => undefined);
    try {
      return await move;
    } finally {
      this.#moving = undefined;
      this.#nap.wake();
    }
  }

  async #moveNow(into: string): Promise<boolean> {
    // A try that is under way ends by it, and the next one waits for this.
    while (this.#current !== undefined) {
      void this.#current.close();
      await this.#round;
    }
    if (this.live.isOver) throw new SealaneError('unknown-transfer');
    const isClean = await this.#options.takeNewFolder(into, (chosen) =>
      this.#kept.change((job) => {
        if (job === undefined) throw new SealaneError('unknown-transfer');
        return { ...job, ...chosen, moves: job.moves + 1 };
      }),
    );
    if (isOver(this.live.view.state)) return isClean;
    this.live.restart();
    if (this.job?.paused === true) this.live.pause('me');
    else this.live.wait(new SealaneError('connection-lost'), null);
    this.#options.wakeSender();
    return isClean;
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
      const isDone = await this.#isDoneAllTheSame();
      // What cannot be removed now goes with the transfer's folder, at the next start at the latest.
      await this.#options.discardLeftover().catch(() => undefined);
      if (isDone) return;
      // Without an accept the sender offers anew after this, under the same id: no ended transfer may stand there.
      const mayComeAgain = this.job === undefined && canOfferAgain(reason, { mayBeAgreed: false });
      if (mayComeAgain) live.takeBack();
      // Of a line to nobody but the sender this side's user has nothing to try again with.
      const isLost = reason.code === 'connection-lost' || reason.code === 'connection-stalled';
      live.fail(mayComeAgain && isLost ? new SealaneError('offer-lost', { cause: reason }) : reason);
    } finally {
      this.#hasRun = true;
      // A sender that dialled in the last moment learns that this is over by offering once more.
      void this.#joined?.channel.refuse(new SealaneError('busy'));
    }
  }

  /** Notes that this is given up, where it was agreed to: nothing else is kept of it. Never rejects. */
  async noteGivenUp(reason: ErrorCode): Promise<void> {
    if (this.job !== undefined) await this.#options.noteGivenUp(this.job, reason).catch(() => undefined);
  }

  /**
   * Whether everything had arrived, and was being put under its name: then that is brought to its end, and
   * told as such, here and to a sender that offers once more.
   */
  async #isDoneAllTheSame(): Promise<boolean> {
    const summary = await this.#options.finishPublishing();
    if (summary === null || this.live.isOver) return false;
    this.live.publish(received(summary, this.#activeMs));
    await this.#options.noteEnd().catch(() => undefined);
    return true;
  }

  /** Early, for the peer to hear of; what counts is `Consent.permit` where content is about to be received. */
  #refusalOf(offer: Offer): SealaneError | undefined {
    if (this.#hasRun) return new SealaneError('busy');
    try {
      (this.#keptConsent ?? Consent.given(this.offer, { destination: '' })).permit(offer);
      return undefined;
    } catch (error) {
      return asSealaneError(error);
    }
  }

  get #keptConsent(): Consent | undefined {
    return this.job === undefined ? undefined : Consent.kept(this.job);
  }

  async #untilComplete(): Promise<void> {
    for (;;) {
      const joined = await this.#nextJoined();
      const attempt = this.#attempt(joined);
      this.#round = attempt.catch(() => undefined);
      if (await attempt) return;
    }
  }

  /** One connection; whether it was the last. Throws what ends the transfer. */
  async #attempt(joined: Joined): Promise<boolean> {
    const { live } = this;
    try {
      await this.#once(joined);
      return true;
    } catch (error) {
      const reason = live.signal.aborted ? reasonOf(live.signal) : asSealaneError(error);
      if (live.signal.aborted || !canGoOn(reason)) throw reason;
      // Where the sender has dialled again with the same offer, the user goes on thinking about it.
      if (this.job === undefined && this.#joined !== undefined) return false;
      if (this.job === undefined) throw reason;
      if (this.job.paused) live.pause('me');
      // The sender is there again already.
      else if (this.#joined !== undefined && live.view.state.kind === 'running') return false;
      else if (reason.code !== 'paused') live.wait(aboutFolder(reason, this.job.destination), null);
      else if (reason.fromPeer) live.pause('peer');
      // This side's user has resumed again before the connection had ended by the pause.
      else {
        live.wait(new SealaneError('connection-lost'), null);
        // The sender was told of the pause, and can be called only once there is no connection.
        this.#current = undefined;
        this.#options.wakeSender();
      }
      return false;
    } finally {
      this.#current = undefined;
    }
  }

  async #nextJoined(): Promise<Joined> {
    const { signal } = this.live;
    for (;;) {
      while (this.#moving !== undefined) await this.#moving;
      if (signal.aborted) throw reasonOf(signal);
      const joined = this.#joined;
      this.#joined = undefined;
      if (joined !== undefined && this.job?.paused !== true) {
        this.#current = joined.channel;
        return joined;
      }
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
    const { details } = this.#options;
    let content: ContentReceiver | undefined;
    const onAbort = () => {
      const reason = reasonOf(signal);
      // It may be under its name already: that is found out before the sender hears anything.
      if (mayBeTooLate(live.view.state, reason)) void content?.discard();
      else void this.departure.leave(channel, reason);
    };
    signal.addEventListener('abort', onAbort);
    const start = expectStart(channel);
    try {
      if (signal.aborted) throw reasonOf(signal);
      const ready = await this.#prepare(offer, start, (made) => {
        content = made;
      });
      const { permitted } = ready;
      const begun = performance.now();
      const summary = await attemptReceive({
        channel,
        start,
        ...ready,
        live,
        onAccepted: () => this.#accept(permitted.consent),
      });
      this.#activeMs += performance.now() - begun;
      live.complete(received(summary, this.#activeMs));
      // What is over can be neither cancelled nor interrupted: the sender hears that it is, whoever closes
      // meanwhile.
      signal.removeEventListener('abort', onAbort);
      // A sender that has heard of it never comes again: should this process be killed, its next one must know.
      await this.#options.noteEnd().catch(() => undefined);
      await Promise.all([tellEndAndClose(channel, live.view.state, details), ready.content.close()]);
    } catch (error) {
      const reason = signal.aborted ? reasonOf(signal) : ofSender(asSealaneError(error));
      const keeps = this.job !== undefined && canGoOn(reason);
      if (mayBeTooLate(live.view.state, reason)) {
        await content?.discard();
        if (await this.#isDoneAllTheSame()) {
          await tellEndAndClose(channel, live.view.state, details);
          return;
        }
      }
      if (!reason.fromPeer && !keeps && !signal.aborted) await this.#noteEnd(reason);
      const told = reason.fromPeer ? undefined : this.departure.leave(channel, reason);
      await Promise.all([told, keeps ? content?.suspend() : content?.discard()]);
      const { job } = this;
      throw job === undefined
        ? reason
        : await withLack(reason, { folder: job.destination, missing: live.missingBytes });
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Notes what ends this, before the sender hears of it. Never rejects. */
  async #noteEnd(reason: SealaneError): Promise<void> {
    await this.noteGivenUp(reason.code);
    if (reason.code !== 'declined') return;
    this.live.fail(reason);
    await this.#options.noteEnd().catch(() => undefined);
  }

  /**
   * Gets a folder ready, with consent. One that cannot be used is no end of the offer: the user, who knows another one, is asked again;
   * where nobody is there to be asked, the yes is kept, and it waits for the folder. `onMade` is told of each worker.
   */
  async #prepare(
    offer: Offer,
    start: ExpectedStart,
    onMade: (content: ContentReceiver) => void,
  ): Promise<ReadyToReceive> {
    const { live } = this;
    const { journalFolder } = this.#options;
    for (;;) {
      const { consent, whenUnusable } = await this.#agree(start);
      const permitted = consent.permit(offer);
      live.describe(factsOf(offer));
      const content = this.#options.createContent();
      onMade(content);
      try {
        const prepared = await prepareReceive({ permitted, content, journalFolder });
        return { permitted, content, prepared };
      } catch (error) {
        const reason = asSealaneError(error);
        if (this.job !== undefined || live.signal.aborted || !FOLDER_CODES.includes(reason.code)) throw error;
        if (whenUnusable === 'wait') {
          await this.#accept(consent);
          throw error;
        }
        await content.discard();
        this.#question.askAgain();
        live.askAgain(aboutFolder(reason, consent.destination));
      }
    }
  }

  /** Notes the yes. Where the sender can be told that this device is back is known anew each time: another process of its own may have gone on. */
  #accept(consent: Consent): Promise<void> {
    return this.#kept.change((job) => ({
      ...(job ?? this.#options.jobFor(consent)),
      wake: this.#options.wakeAddress(),
    }));
  }

  /** The yes that was given before, or that the user or the policy gives now. Throws `declined`. */
  async #agree(start: ExpectedStart): Promise<Yes> {
    const kept = this.#keptConsent;
    return kept === undefined ? await this.#question.yes(start) : { consent: kept, whenUnusable: 'wait' };
  }

  async #setPaused(paused: boolean): Promise<void> {
    await this.#kept.change((job) => {
      if (job === undefined) throw new SealaneError('unknown-transfer');
      return { ...job, paused };
    });
  }
}

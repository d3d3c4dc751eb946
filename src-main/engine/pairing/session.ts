import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import { COMPARE_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { DeviceView, InviteId, PairingId, PairingView } from '../../../shared/views.ts';
import { stepComparison } from './comparison.ts';
import type { ComparisonEffect, ComparisonEvent, ComparisonState } from './comparison.ts';
import type { Introduction, PairChannel } from './handshake.ts';

export interface PairingSessionOptions {
  readonly id: PairingId;
  readonly role: PairingView['role'];
  readonly peerName: string;
  /** The key that the attempt is with. */
  readonly peer: DeviceId;
  /** What the device with that key is called in the list of devices now, as all processes know it; null where it is not there. */
  readonly knownAs: () => Promise<string | null>;
  /**
   * Stores the trust; resolves with the device as it is known from now on. `check` is to be called at the very moment of storing, where
   * nothing can come between, with what `knownAs` gives then; it throws where the trust must not be stored.
   */
  readonly trust: (
    channel: PairChannel,
    introduction: Introduction,
    check: (knownAs: string | null) => void,
  ) => Promise<DeviceView>;
  readonly onChange: (view: PairingView) => void;
}

/** One attempt at pairing: the introduction, then the comparison, as a view that others can watch. Ends exactly once. */
export class PairingSession {
  readonly #options: PairingSessionOptions;
  readonly #cancelled = new AbortController();
  #view: PairingView;
  #comparison: ComparisonState = { kind: 'asking' };
  #active: { readonly channel: PairChannel; readonly introduction: Introduction } | undefined;
  #device: DeviceView | undefined;
  #storing: Promise<void> | undefined;
  /** Whether the peer's key was in the list of devices when that was last seen; undefined before the code is shown. */
  #isListed: boolean | undefined;

  constructor(options: PairingSessionOptions) {
    this.#options = options;
    this.#view = {
      id: options.id,
      role: options.role,
      invite: null,
      peerName: options.peerName,
      knownAs: null,
      state: { kind: 'connecting' },
    };
  }

  get view(): PairingView {
    return this.#view;
  }

  get isOver(): boolean {
    return this.#view.state.kind === 'paired' || this.#view.state.kind === 'failed';
  }

  get peer(): DeviceId {
    return this.#options.peer;
  }

  /** The peer has proven that it holds this invite of this device's. Nobody has seen the attempt before. */
  prove(invite: InviteId): void {
    this.#view = { ...this.#view, invite };
  }

  /** Aborted when the user cancels, or forgets the peer; for dialling. */
  get signal(): AbortSignal {
    return this.#cancelled.signal;
  }

  /** Runs to the end; never rejects: how it ended is in the view. */
  async run(
    open: () => Promise<PairChannel>,
    introduce: (channel: PairChannel) => Promise<Introduction>,
  ): Promise<void> {
    this.#tell();
    let channel: PairChannel | undefined;
    try {
      channel = await open();
      if (this.signal.aborted) throw new SealaneError('pairing-cancelled');
      const opened = channel;
      this.signal.addEventListener('abort', () => void opened.refuse(asSealaneError(this.signal.reason)));
      channel.setDeadline(HANDSHAKE_TIMEOUT_MS, 'pairing-timeout');
      const introduction = await introduce(channel);
      const knownAs = await this.#options.knownAs();
      this.#isListed = knownAs !== null;
      // It may have ended during what was awaited: then no code is shown any more.
      if (this.isOver) return;
      channel.setDeadline(COMPARE_TIMEOUT_MS, 'pairing-timeout');
      this.#active = { channel, introduction };
      this.#view = {
        ...this.#view,
        peerName: introduction.peerName,
        knownAs,
        state: { kind: 'comparing', code: introduction.code },
      };
      this.#tell();
      await this.#listen(channel);
    } catch (error) {
      this.#fail(error);
    } finally {
      // The attempt is over; that the other side hears of it is the connection's business.
      void channel?.close();
    }
  }

  /** The user's answer; ignored when nothing is asked, or not any more. */
  answer(matches: boolean): void {
    if (this.#active === undefined) return;
    // The peer cannot hear a yes any more, though it may have said one. What it said last, and that it has gone, is about to be read.
    if (matches && !this.#active.channel.isOpen) return;
    this.#apply({ kind: 'user-answered', matches });
  }

  cancel(): void {
    // Once both users have said yes, it is too late for a no.
    if (!this.isOver && !this.#hasAgreed()) this.#stop(new SealaneError('pairing-cancelled'));
  }

  /**
   * Takes in whether the peer's key is in the list of devices. When it has left since the code was shown, the user has forgotten the
   * device, and that is a later word than a yes to the code: the attempt ends with `device-forgotten`, however far it has come.
   */
  noteListed(isListed: boolean): void {
    if (this.#isListed === undefined || this.isOver) return;
    if (this.#isListed && !isListed) this.#stop(new SealaneError('device-forgotten'));
    this.#isListed = isListed;
  }

  #stop(reason: SealaneError): void {
    this.#cancelled.abort(reason);
    this.#fail(reason);
  }

  async #listen(channel: PairChannel): Promise<void> {
    while (!this.isOver) {
      try {
        await this.#hear(channel);
      } catch (error) {
        // Both have said yes: this side is paired, whatever else the other one says, and whether it says its
        // last word.
        if (!this.#hasAgreed()) throw error;
        await this.#storing;
        this.#finish();
        return;
      }
    }
  }

  /**
   * Takes the peer's next word. Throws `frame-out-of-order` for one that cannot come now, and what `expect`
   * throws.
   */
  async #hear(channel: PairChannel): Promise<void> {
    const message = await channel.expect('verdict', 'stored');
    const event: ComparisonEvent =
      message.type === 'verdict'
        ? { kind: 'peer-answered', matches: message.body.matches }
        : { kind: 'peer-stored' };
    if (this.#apply(event)) return;
    const error = new SealaneError('frame-out-of-order', { detail: message.type });
    void channel.refuse(error);
    throw error;
  }

  /** False when `event` cannot come now. Once the attempt is over, nothing has any effect, whoever says it. */
  #apply(event: ComparisonEvent): boolean {
    if (this.isOver) return true;
    const step = stepComparison(this.#comparison, event);
    if (step === undefined) return false;
    this.#comparison = step.state;
    for (const effect of step.effects) this.#perform(effect);
    if (step.state.kind === 'confirmed') this.#showConfirmed();
    if (step.state.kind === 'paired') this.#finish();
    if (step.state.kind === 'refused')
      this.#fail(new SealaneError('code-mismatch', { fromPeer: step.state.by === 'peer' }));
    return true;
  }

  #hasAgreed(): boolean {
    const { kind } = this.#comparison;
    return kind === 'storing' || kind === 'stored' || kind === 'paired';
  }

  #perform(effect: ComparisonEffect): void {
    const active = this.#active;
    if (active === undefined) return;
    switch (effect.kind) {
      case 'send-verdict':
        this.#say(active.channel.send('verdict', { matches: effect.matches }));
        break;
      case 'send-stored':
        this.#say(active.channel.send('stored', {}));
        break;
      case 'store-trust':
        this.#storing = this.#storeTrust(active.channel, active.introduction);
        this.#storing.catch((error: unknown) => {
          this.#fail(error);
        });
        break;
      default:
        unreachable(effect);
    }
  }

  async #storeTrust(channel: PairChannel, introduction: Introduction): Promise<void> {
    this.#device = await this.#options.trust(channel, introduction, (knownAs) => {
      this.noteListed(knownAs !== null);
      this.signal.throwIfAborted();
      this.#view = { ...this.#view, knownAs };
    });
    this.#apply({ kind: 'stored' });
  }

  /** What cannot be said once both have said yes ends nothing: the trust is being stored, and the attempt is what comes of that. */
  #say(saying: Promise<void>): void {
    saying.catch((error: unknown) => {
      if (!this.#hasAgreed()) this.#fail(error);
    });
  }

  #showConfirmed(): void {
    if (this.#view.state.kind !== 'comparing') return;
    this.#view = { ...this.#view, state: { kind: 'confirmed', code: this.#view.state.code } };
    this.#tell();
  }

  #finish(): void {
    if (this.isOver || this.#device === undefined) return;
    this.#view = { ...this.#view, state: { kind: 'paired', device: this.#device } };
    this.#tell();
    void this.#active?.channel.close();
  }

  #fail(error: unknown): void {
    if (this.isOver) return;
    const { code, message } = asSealaneError(error);
    this.#view = { ...this.#view, state: { kind: 'failed', error: { code, message } } };
    this.#tell();
    void this.#active?.channel.close();
  }

  #tell(): void {
    this.#options.onChange(this.#view);
  }
}

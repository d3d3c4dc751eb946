import { SealaneError, asSealaneError } from '../../../shared/errors.ts';
import { COMPARE_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { DeviceView, PairingId, PairingView } from '../../../shared/views.ts';
import { stepComparison } from './comparison.ts';
import type { ComparisonEffect, ComparisonEvent, ComparisonState } from './comparison.ts';
import type { Introduction, PairChannel } from './handshake.ts';

export interface PairingSessionOptions {
  readonly id: PairingId;
  readonly role: PairingView['role'];
  readonly peerName: string;
  /** Stores the trust; resolves with the device as it is known from now on. */
  readonly trust: (channel: PairChannel, introduction: Introduction) => Promise<DeviceView>;
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

  constructor(options: PairingSessionOptions) {
    this.#options = options;
    this.#view = {
      id: options.id,
      role: options.role,
      peerName: options.peerName,
      state: { kind: 'connecting' },
    };
  }

  get view(): PairingView {
    return this.#view;
  }

  get isOver(): boolean {
    return this.#view.state.kind === 'paired' || this.#view.state.kind === 'failed';
  }

  /** Aborted when the user cancels; for dialling. */
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
      this.signal.addEventListener('abort', () => void opened.refuse(new SealaneError('pairing-cancelled')));
      channel.setDeadline(HANDSHAKE_TIMEOUT_MS, 'pairing-timeout');
      const introduction = await introduce(channel);
      channel.setDeadline(COMPARE_TIMEOUT_MS, 'pairing-timeout');
      this.#active = { channel, introduction };
      this.#view = {
        ...this.#view,
        peerName: introduction.peerName,
        state: { kind: 'comparing', code: introduction.code },
      };
      this.#tell();
      await this.#listen(channel);
    } catch (error) {
      this.#fail(error);
    } finally {
      await channel?.close();
    }
  }

  /** The user's answer; ignored when nothing is asked. */
  answer(matches: boolean): void {
    if (this.#active !== undefined) this.#apply({ kind: 'user-answered', matches });
  }

  cancel(): void {
    // Once both users have said yes, it is too late for a no.
    if (this.isOver || this.#hasAgreed()) return;
    this.#cancelled.abort();
    this.#fail(new SealaneError('pairing-cancelled'));
  }

  async #listen(channel: PairChannel): Promise<void> {
    while (!this.isOver) {
      let message;
      try {
        message = await channel.expect('verdict', 'stored');
      } catch (error) {
        // Both have said yes: this side is paired, whether or not it hears the other's last word.
        if (!this.#hasAgreed()) throw error;
        await this.#storing;
        this.#finish();
        return;
      }
      const event: ComparisonEvent =
        message.type === 'verdict'
          ? { kind: 'peer-answered', matches: message.body.matches }
          : { kind: 'peer-stored' };
      if (!this.#apply(event)) {
        const error = new SealaneError('frame-out-of-order', { detail: message.type });
        await channel.refuse(error);
        throw error;
      }
    }
  }

  #apply(event: ComparisonEvent): boolean {
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
        this.#settle(active.channel.send('verdict', { matches: effect.matches }));
        break;
      case 'send-stored':
        this.#settle(active.channel.send('stored', {}));
        break;
      case 'store-trust':
        this.#storing = this.#storeTrust(active.channel, active.introduction);
        this.#settle(this.#storing);
        break;
      default:
        unreachable(effect);
    }
  }

  async #storeTrust(channel: PairChannel, introduction: Introduction): Promise<void> {
    this.#device = await this.#options.trust(channel, introduction);
    this.#apply({ kind: 'stored' });
  }

  #settle(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (this.#device === undefined) this.#fail(error);
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

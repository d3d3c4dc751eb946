import { SealaneError } from '../../../shared/errors.ts';
import type { Decision } from './incoming-options.ts';
import { startBeforeAccept } from './receive-attempt.ts';
import type { ExpectedStart } from './receive-attempt.ts';

export type Yes = Omit<Extract<Decision, { accept: true }>, 'accept'>;

/** Whether an offer is wanted, as it is asked of the user or the policy: once, and again where a yes could not be followed. */
export class Question {
  #answer: Promise<Decision>;
  #resolve: (decision: Decision) => void = () => undefined;
  #hasAccepted = false;

  constructor() {
    this.#answer = this.#ask();
  }

  /** Whether the last answer was a yes. */
  get hasAccepted(): boolean {
    return this.#hasAccepted;
  }

  /** The first answer counts. */
  answer(decision: Decision): void {
    this.#hasAccepted ||= decision.accept;
    this.#resolve(decision);
  }

  /** The last answer came to nothing. */
  askAgain(): void {
    this.#hasAccepted = false;
    this.#answer = this.#ask();
  }

  /** The yes. Throws `declined`, and what ended the connection meanwhile. */
  async yes(start: ExpectedStart): Promise<Yes> {
    const decision = await Promise.race([this.#answer, start.body.then(() => 'too-early' as const)]);
    if (decision === 'too-early') throw startBeforeAccept();
    if (!decision.accept) throw new SealaneError('declined');
    return decision;
  }

  #ask(): Promise<Decision> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}

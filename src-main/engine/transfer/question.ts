import { SealaneError } from '../../../shared/errors.ts';
import type { Decision } from './incoming-options.ts';
import { startBeforeAccept } from './receive-attempt.ts';
import type { ExpectedStart } from './receive-attempt.ts';
import { Until } from './until.ts';

export type Yes = Omit<Extract<Decision, { accept: true }>, 'accept'>;

/** Whether an offer is wanted, as it is asked of the user or the policy: once, and again where a yes could not be followed. */
export class Question {
  #answer: Promise<Decision>;
  #resolve: (decision: Decision) => void = () => undefined;
  /** A sender may offer ever again before an answer comes: each time is waited for, and leaves nothing. */
  #unanswered: Until;
  #hasAccepted = false;

  constructor() {
    this.#answer = this.#ask();
    this.#unanswered = new Until(this.#answer);
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
    this.#unanswered = new Until(this.#answer);
  }

  /** The yes; one call at a time. Throws `declined`, and what ended the connection meanwhile. */
  async yes(start: ExpectedStart): Promise<Yes> {
    if ((await this.#unanswered.wait(start.body)) !== undefined) throw startBeforeAccept();
    const decision = await this.#answer;
    if (!decision.accept) throw new SealaneError('declined');
    return decision;
  }

  #ask(): Promise<Decision> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}

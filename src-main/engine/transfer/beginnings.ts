import { SealaneError } from '../../../shared/errors.ts';

/** What may still become something that runs: it can be waited for, and from some moment on nothing more begins. */
export class Beginnings {
  readonly #underWay = new Set<Promise<unknown>>();
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Gives, or rejects with, what `begin` does. Throws `interrupted` after `stop`. */
  async run<T>(begin: () => Promise<T>): Promise<T> {
    if (this.#isOver) throw new SealaneError('interrupted');
    const beginning = begin();
    this.#underWay.add(beginning);
    try {
      return await beginning;
    } finally {
      this.#underWay.delete(beginning);
    }
  }

  /** Nothing begins any more. */
  stop(): void {
    this.#isOver = true;
  }

  /** Resolves once nothing is under way; never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }
}

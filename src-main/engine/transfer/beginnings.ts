import { SealaneError } from '../../../shared/errors.ts';

/** What may still become something that runs: it can be waited for, and from some moment on nothing more begins. */
export class Beginnings {
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #end: AbortSignal;

  /** Once `end` is aborted, nothing begins any more. */
  constructor(end: AbortSignal) {
    this.#end = end;
  }

  /** Gives, or rejects with, what `begin` does. Throws `interrupted` after the end. */
  async run<T>(begin: () => Promise<T>): Promise<T> {
    if (this.#end.aborted) throw new SealaneError('interrupted');
    const beginning = begin();
    this.#underWay.add(beginning);
    try {
      return await beginning;
    } finally {
      this.#underWay.delete(beginning);
    }
  }

  /** Resolves once nothing is under way; never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }
}

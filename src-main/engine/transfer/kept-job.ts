/** The job of a transfer, as it is on disk. */
export class KeptJob<Job> {
  readonly #save: (job: Job) => Promise<void>;
  #current: Job | undefined;
  /** The last change of it that was asked for. */
  #changes = Promise.resolve();

  /** `save`: resolves once it is on disk. */
  constructor(current: Job | undefined, save: (job: Job) => Promise<void>) {
    this.#current = current;
    this.#save = save;
  }

  get current(): Job | undefined {
    return this.#current;
  }

  /**
   * Saves, and then keeps, what `next` makes of the job: in this order, since what could not be noted was never agreed to. One change
   * after another, each of what the one before has left: none takes back what another is still writing. Throws what `next` and the
   * saving throw.
   */
  change(next: (job: Job | undefined) => Job): Promise<void> {
    const turn = async () => {
      const job = next(this.#current);
      await this.#save(job);
      this.#current = job;
    };
    this.#changes = this.#changes.then(turn, turn);
    return this.#changes;
  }
}

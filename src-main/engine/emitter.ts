/** Events of one type to any number of listeners, in order. A listener that throws does not keep the others from hearing. */
export class Emitter<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  /** Gives back what stops it. */
  subscribe(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: Event): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        // Surfaces as an uncaught error of the listener's own making, after everybody has heard.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/** Thrown when a schedule has led to what must never be. Its message is a sentence. */
export class Untruth extends Error {}

/** Throws `otherwise`, a sentence, unless it holds. */
export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Untruth(otherwise);
}

/** What can be wrong with a transfer in the end. The first three are losses. */
export const FAILURES = [
  'difference',
  'half-written',
  'missing',
  'left behind',
  'exit code',
  'no end',
  'broken test',
] as const;
export type FailureKind = (typeof FAILURES)[number];

const LOSSES: readonly FailureKind[] = ['difference', 'half-written', 'missing'];

export class SoakFailure extends Error {
  override readonly name = 'SoakFailure';
  readonly kind: FailureKind;

  constructor(kind: FailureKind, detail: string) {
    super(`${kind}: ${detail}`);
    this.kind = kind;
  }

  get isLoss(): boolean {
    return LOSSES.includes(this.kind);
  }
}

/** Something the person at the keyboard should read: shown as it is, without a stack. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

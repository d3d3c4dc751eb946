/** Something the person at the keyboard should read: shown as it is, without a stack. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

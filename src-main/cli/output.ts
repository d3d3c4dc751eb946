import type { Report } from './report.ts';

/** Where a command says what happens. */
export interface Output {
  report(report: Report): void;
  /** A sentence for people only. Names from elsewhere in it are escaped by the caller. */
  remark(text: string): void;
  /** Clears the line for a question; what is said meanwhile waits until `resume`. */
  pause(): void;
  resume(): void;
}

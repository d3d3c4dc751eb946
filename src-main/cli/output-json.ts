import type { Host } from './host.ts';
import type { Output } from './output.ts';
import type { Report } from './report.ts';

// What JSON allows but a terminal may act upon: DEL and C1 controls, line separators, bidirectional marks.
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One object per line on standard output, each with `event`, and nothing else anywhere. */
export class JsonOutput implements Output {
  readonly #stdout: Host['stdout'];

  constructor(host: Pick<Host, 'stdout'>) {
    this.#stdout = host.stdout;
  }

  report(report: Report): void {
    this.#stdout.write(`${jsonLine(report)}\n`);
  }

  remark(): void {
    // For people only.
  }

  pause(): void {
    // Nobody is asked anything.
  }

  resume(): void {
    // As above.
  }
}

/** JSON in one line of characters that no terminal acts upon; it parses to the very same value. */
export function jsonLine(report: Report): string {
  return JSON.stringify(report).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

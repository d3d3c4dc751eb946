import { displayJson } from '../../shared/display.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';
import type { Report } from './report.ts';

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
  return displayJson(JSON.stringify(report));
}

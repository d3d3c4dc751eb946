import type { TransferId } from '../../shared/views.ts';
import { isTerminal } from './host.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';
import { progressLine } from './progress-bar.ts';
import type { ErrorReport, OfferReport, ProgressReport, Report } from './report.ts';
import { leftOutLines, sentences } from './sentences.ts';
import { styleFor } from './style.ts';
import type { Style } from './style.ts';

const CLEAR_LINE = '\r\u001b[K';
const DEFAULT_COLUMNS = 80;
/**
 * What is kept to be said while a question stands: a device can make more of it for as long as nobody
 * answers.
 */
const MAX_WAITING = 200;

/**
 * Sentences for people: what happens on standard output, errors and warnings on standard error. On a terminal the last line is a progress bar
 * while something runs; a pipe or a file gets lines only.
 */
export class HumanOutput implements Output {
  readonly #host: Pick<Host, 'stdout' | 'stderr' | 'env' | 'now'>;
  readonly #style: Style;
  readonly #hasBar: boolean;
  readonly #offers = new Map<TransferId, OfferReport>();
  readonly #running = new Map<TransferId, ProgressReport>();
  #barIsDrawn = false;
  #paused = false;
  readonly #waiting: (() => void)[] = [];
  /** How much was not kept. */
  #unsaid = 0;

  constructor(host: Pick<Host, 'stdout' | 'stderr' | 'env' | 'now'>) {
    this.#host = host;
    this.#style = styleFor(host.stdout, host.env);
    this.#hasBar = isTerminal(host.stdout, host.env);
  }

  report(report: Report): void {
    if (report.event === 'progress') {
      this.#running.set(report.transfer, report);
      this.#drawBar();
      return;
    }
    if (report.event === 'waiting' || report.event === 'paused') this.#running.delete(report.transfer);
    if (report.event === 'offer') this.#offers.set(report.transfer, report);
    if (report.event === 'error') {
      if (report.transfer !== undefined) this.#forget(report.transfer);
      this.#error(report);
      return;
    }
    if (report.event === 'other-address') {
      // Not among what a script reads of standard output.
      this.#say(() => this.#host.stderr.write(`${report.message}\n`));
      return;
    }
    const isEnd = report.event === 'done' || report.event === 'incomplete';
    const offer = isEnd ? this.#offers.get(report.transfer) : undefined;
    if (isEnd) this.#forget(report.transfer);
    this.#lines(sentences(report, this.#context(offer)));
  }

  remark(text: string): void {
    this.#lines([text]);
  }

  pause(): void {
    this.#clearBar();
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    for (const say of this.#waiting.splice(0)) say();
    if (this.#unsaid > 0)
      this.#lines([`(${String(this.#unsaid)} messages came meanwhile that are not shown.)`]);
    this.#unsaid = 0;
    this.#drawBar();
  }

  #context(offer: OfferReport | undefined) {
    const columns = isTerminal(this.#host.stdout, this.#host.env) ? this.#columns() : undefined;
    return { style: this.#style, now: this.#host.now(), terminalColumns: columns, offer };
  }

  #columns(): number {
    return this.#host.stdout.columns ?? DEFAULT_COLUMNS;
  }

  #forget(transfer: TransferId): void {
    this.#offers.delete(transfer);
    this.#running.delete(transfer);
  }

  #error({ message, skipped, skippedCount = 0 }: ErrorReport): void {
    this.#say(() => {
      const style = styleFor(this.#host.stderr, this.#host.env);
      this.#host.stderr.write(`${style.red('error:')} ${message}\n`);
      if (skipped === undefined) return;
      for (const line of leftOutLines({ skipped, skippedCount })) this.#host.stderr.write(`${line}\n`);
    });
  }

  #lines(lines: readonly string[]): void {
    this.#say(() => {
      for (const line of lines) this.#host.stdout.write(`${line}\n`);
    });
  }

  #say(write: () => void): void {
    if (this.#paused) {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(write);
      else this.#unsaid += 1;
      return;
    }
    this.#clearBar();
    write();
    this.#drawBar();
  }

  #drawBar(): void {
    if (!this.#hasBar || this.#paused || this.#running.size === 0) return;
    // One column stays free: some terminals wrap as soon as the last one is written.
    const line = progressLine([...this.#running.values()], this.#columns() - 1);
    this.#host.stdout.write(`${CLEAR_LINE}${line}`);
    this.#barIsDrawn = true;
  }

  #clearBar(): void {
    if (!this.#barIsDrawn) return;
    this.#host.stdout.write(CLEAR_LINE);
    this.#barIsDrawn = false;
  }
}

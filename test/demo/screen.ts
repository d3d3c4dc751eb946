import type { Writable } from 'node:stream';

type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number };

const CLEAR_LINE = '\r\u001b[K';
/** How soon, and then how often, a pipe or a file gets a line about something under way, in milliseconds. */
const FIRST_LINE_MS = 300;
const LINE_EVERY_MS = 2000;
/** And how often a terminal does. */
const REDRAW_EVERY_MS = 80;
const INDENT = '   ';

/** What the demo says: numbered steps, and one line that changes while something is under way. */
export class Screen {
  readonly #out: Terminal;
  readonly #isTerminal: boolean;
  #step = 0;
  #lineIsDrawn = false;
  /** When something under way was last shown; undefined when nothing of this step was. */
  #lastLine: number | undefined;

  constructor(out: Terminal, env: NodeJS.ProcessEnv) {
    this.#out = out;
    this.#isTerminal = out.isTTY === true && env['TERM'] !== 'dumb';
  }

  /** How wide a changing line may be, in characters. */
  get columns(): number {
    return (this.#isTerminal ? this.#out.columns || 80 : 100) - INDENT.length - 1;
  }

  step(title: string): void {
    this.#step += 1;
    this.plain(`\n${String(this.#step)}. ${title}`);
    this.#lastLine = undefined;
  }

  say(line: string): void {
    this.plain(`${INDENT}${line}`);
  }

  plain(text: string): void {
    this.clear();
    this.#out.write(`${text}\n`);
  }

  /** Shows how far something is. Called as often as one likes; `make` only when something is drawn. */
  progress(make: () => string): void {
    const now = performance.now();
    // A pipe gets no line about what is over at once.
    this.#lastLine ??= this.#isTerminal ? Number.NEGATIVE_INFINITY : now - LINE_EVERY_MS + FIRST_LINE_MS;
    if (now - this.#lastLine < (this.#isTerminal ? REDRAW_EVERY_MS : LINE_EVERY_MS)) return;
    this.#lastLine = now;
    if (!this.#isTerminal) {
      this.#out.write(`${INDENT}${make()}\n`);
      return;
    }
    this.#out.write(`${CLEAR_LINE}${INDENT}${make().slice(0, this.columns)}`);
    this.#lineIsDrawn = true;
  }

  clear(): void {
    if (this.#lineIsDrawn) this.#out.write(CLEAR_LINE);
    this.#lineIsDrawn = false;
  }
}

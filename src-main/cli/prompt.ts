import { createInterface } from 'node:readline';
import type { Host, TerminalStream } from './host.ts';
import type { Output } from './output.ts';

/** `nobody`: there is no terminal to ask on. `withdrawn`: the question had no more point before it was answered. */
export type Answer = 'yes' | 'no' | 'nobody' | 'withdrawn';

const WORDS: ReadonlyMap<string, 'yes' | 'no'> = new Map([
  ['y', 'yes'],
  ['yes', 'yes'],
  ['n', 'no'],
  ['no', 'no'],
]);

/** Reads an answer; undefined when it is neither yes nor no, also when it is empty: nothing is confirmed by a stray Enter. */
export function readAnswer(line: string): 'yes' | 'no' | undefined {
  return WORDS.get(line.trim().toLowerCase());
}

/** Asks yes-or-no questions on the terminal, one at a time. With `--json` or without a terminal there is nobody to ask. */
export class Prompt {
  readonly #host: Pick<Host, 'stdin' | 'stdout' | 'stderr'>;
  readonly #output: Output;
  readonly #json: boolean;
  #last: Promise<unknown> = Promise.resolve();

  constructor(host: Pick<Host, 'stdin' | 'stdout' | 'stderr'>, output: Output, json: boolean) {
    this.#host = host;
    this.#output = output;
    this.#json = json;
  }

  /** Asks until it is answered or `signal` withdraws the question. The end of input is a no. Never rejects. */
  async ask(question: string, signal: AbortSignal): Promise<Answer> {
    const screen = this.#screen();
    if (screen === undefined) return 'nobody';
    const turn = this.#last.then(() => this.#askNow(screen, question, signal));
    this.#last = turn;
    return await turn;
  }

  get canAsk(): boolean {
    return this.#screen() !== undefined;
  }

  /** Where questions are shown; undefined when nobody would see or answer them. */
  #screen(): TerminalStream | undefined {
    const { stdin, stdout, stderr } = this.#host;
    if (this.#json || stdin.isTTY !== true) return undefined;
    return [stdout, stderr].find((stream) => stream.isTTY === true);
  }

  async #askNow(screen: TerminalStream, question: string, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) return 'withdrawn';
    this.#output.pause();
    // Line editing is left to the terminal: in raw mode Ctrl-C would not reach the process as a signal.
    const lines = createInterface({ input: this.#host.stdin, terminal: false });
    let withdraw: () => void = () => undefined;
    try {
      return await new Promise((resolve) => {
        const ask = () => screen.write(`${question} [yes/no] `);
        lines.on('line', (line) => {
          const answer = readAnswer(line);
          if (answer === undefined) ask();
          else resolve(answer);
        });
        lines.on('close', () => {
          resolve('no');
        });
        withdraw = () => {
          screen.write('\n');
          resolve('withdrawn');
        };
        signal.addEventListener('abort', withdraw);
        ask();
      });
    } finally {
      signal.removeEventListener('abort', withdraw);
      lines.close();
      this.#output.resume();
    }
  }
}

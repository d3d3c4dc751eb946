import { randomInt } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Host, TerminalStream } from './host.ts';
import type { Output } from './output.ts';

/** `nobody`: there is no terminal to ask on. `withdrawn`: the question had no more point before it was answered. */
export type Answer = 'yes' | 'no' | 'nobody' | 'withdrawn';

/** A yes to which something was added, where the question asks for that. */
export interface MoreAnswer {
  readonly more: string;
}

export interface Question {
  /** What it is about, named: a sentence with everything foreign in it escaped. */
  readonly text: string;
  /**
   * Digits that stand for this very question, where it has some of its own (a code to compare). Default: a
   * number that is drawn.
   */
  readonly key?: string;
  /** Said when an answer has other digits, before the question is asked again. */
  readonly hint?: string;
}

/** A question to which a yes may name something: what is shown in its place, as `FOLDER`. */
export interface OpenQuestion extends Question {
  readonly more: string;
}

/**
 * The numbers that are drawn: all of the same length, so that what was typed of one and another one after it
 * make no third.
 */
const FIRST_KEY = 100;
const KEYS = 900;
/** A number is not drawn again before so many others were. */
const KEYS_KEPT = 512;

const ANSWER = /^(?<word>y|yes|n|no)(?:\s+(?<digits>\d[\d\s]*))?(?:\s+(?<more>\S.*))?$/i;
const BARE = 'The digits tell which question is answered. Type them, too.';
const STALE = 'These digits are not those of this question. What was meant for another one does not count.';

/**
 * Reads a line as the answer to the question that `key` stands for. Gives a sentence to say instead when it
 * answers another question, or none in particular, and undefined when it is no answer at all, also when it is
 * empty. `takesMore`: whether something may follow a yes.
 */
export function readAnswer(
  line: string,
  key: string,
  hint = STALE,
  takesMore = false,
): 'yes' | 'no' | MoreAnswer | { readonly sentence: string } | undefined {
  const found = ANSWER.exec(line.trim())?.groups;
  if (found === undefined) return undefined;
  const isYes = found['word']?.toLowerCase().startsWith('y') === true;
  const { more } = found;
  if (more !== undefined && !(takesMore && isYes)) return undefined;
  const digits = found['digits']?.replaceAll(/\s/g, '');
  if (digits === undefined) return { sentence: BARE };
  if (digits !== key) return { sentence: hint };
  if (more !== undefined) return { more };
  return isYes ? 'yes' : 'no';
}

/**
 * Asks yes-or-no questions on the terminal, one at a time. With `--json` or without a terminal there is
 * nobody to ask.
 *
 * A terminal hands over whole lines, and keeps what was typed of one when the question that it was meant for
 * is gone: what comes then looks like an answer to the next one. So an answer holds digits that only its
 * question has, and any other line answers nothing.
 */
export class Prompt {
  readonly #host: Pick<Host, 'stdin' | 'stdout' | 'stderr'>;
  readonly #output: Output;
  readonly #json: boolean;
  #isAsking = false;
  /** The questions that wait for their turn, as what begins each. One that is withdrawn leaves at once. */
  readonly #waiting = new Set<() => void>();
  /** The numbers that were drawn last, the oldest first. */
  readonly #drawn: string[] = [];

  constructor(host: Pick<Host, 'stdin' | 'stdout' | 'stderr'>, output: Output, json: boolean) {
    this.#host = host;
    this.#output = output;
    this.#json = json;
  }

  /** Asks until it is answered or `signal` withdraws the question. The end of input is a no. Never rejects. */
  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const answer = await this.askMore(question, signal);
    return typeof answer === 'string' ? answer : 'yes';
  }

  /** As `ask`; a yes may name something, where the question says what. */
  async askMore(question: Question | OpenQuestion, signal: AbortSignal): Promise<Answer | MoreAnswer> {
    if (!this.canAsk) return 'nobody';
    if (!(await this.#takeTurn(signal))) return 'withdrawn';
    try {
      // The input may have ended with the question before.
      const screen = this.#screen();
      return screen === undefined ? 'nobody' : await this.#askNow(screen, question, signal);
    } finally {
      this.#passTurn();
    }
  }

  /** Resolves with whether the turn came before `signal` withdrew the question. */
  async #takeTurn(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (!this.#isAsking) {
      this.#isAsking = true;
      return true;
    }
    return await new Promise((resolve) => {
      const begin = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = (): void => {
        this.#waiting.delete(begin);
        resolve(false);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(begin);
    });
  }

  #passTurn(): void {
    const [next] = this.#waiting;
    this.#isAsking = next !== undefined;
    if (next === undefined) return;
    this.#waiting.delete(next);
    next();
  }

  get canAsk(): boolean {
    return this.#screen() !== undefined;
  }

  /** Where questions are shown; undefined when nobody would see or answer them. */
  #screen(): TerminalStream | undefined {
    const { stdin, stdout, stderr } = this.#host;
    // After Ctrl-D no line comes any more, and nothing says so a second time.
    if (this.#json || stdin.isTTY !== true || stdin.readableEnded) return undefined;
    return [stdout, stderr].find((stream) => stream.isTTY === true);
  }

  #draw(): string {
    let key: string;
    do key = String(FIRST_KEY + randomInt(KEYS));
    while (this.#drawn.includes(key));
    this.#drawn.push(key);
    if (this.#drawn.length > KEYS_KEPT) this.#drawn.shift();
    return key;
  }

  async #askNow(
    screen: TerminalStream,
    question: Question | OpenQuestion,
    signal: AbortSignal,
  ): Promise<Answer | MoreAnswer> {
    if (signal.aborted) return 'withdrawn';
    const key = question.key ?? this.#draw();
    this.#output.pause();
    // Line editing is left to the terminal: in raw mode Ctrl-C would not reach the process as a signal.
    const lines = createInterface({ input: this.#host.stdin, terminal: false });
    let withdraw: () => void = () => undefined;
    try {
      return await new Promise((resolve) => {
        const more = 'more' in question ? `/yes ${key} ${question.more}` : '';
        const ask = () => screen.write(`${question.text} [yes ${key}${more}/no ${key}] `);
        lines.on('line', (line) => {
          const answer = readAnswer(line, key, question.hint, more !== '');
          if (answer !== undefined && (typeof answer === 'string' || 'more' in answer)) {
            resolve(answer);
            return;
          }
          if (answer !== undefined) screen.write(`${answer.sentence}\n`);
          ask();
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

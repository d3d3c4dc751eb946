import { PassThrough, Writable } from 'node:stream';
import { z } from 'zod';
import type { Ending, Host } from '../../../src-main/cli/host.ts';
import { runCommandLine } from '../../../src-main/cli/program.ts';
import { FakeEngine, NOW } from './fake-engine.ts';

/** A stream that keeps what was written, as a terminal or as a pipe. */
export class Capture extends Writable {
  text = '';
  readonly isTTY: boolean;
  columns = 120;

  constructor(isTTY = false) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
    this.emit('written');
  }

  get lines(): readonly string[] {
    return this.text.split('\n').slice(0, -1);
  }

  /** Each line as the JSON object it has to be. */
  get events(): readonly z.infer<typeof eventSchema>[] {
    return this.lines.map((line) => eventSchema.parse(JSON.parse(line)));
  }
}
const eventSchema = z.looseObject({ event: z.string() });

export interface FakeHost extends Host {
  readonly stdin: PassThrough & { isTTY?: boolean };
  readonly stdout: Capture;
  readonly stderr: Capture;
  /** As by Ctrl-C. */
  readonly interrupt: () => void;
  /** As by SIGTERM. */
  readonly shutDown: () => void;
  readonly engine: FakeEngine;
}

export interface FakeHostOptions {
  readonly engine?: FakeEngine;
  readonly terminal?: boolean;
  readonly env?: Host['env'];
  readonly cwd?: string;
}

export function fakeHost({
  engine = new FakeEngine(),
  terminal = false,
  env = {},
  cwd = '/work',
}: FakeHostOptions = {}): FakeHost {
  const ending = new AbortController();
  return {
    stdin: Object.assign(new PassThrough(), { isTTY: terminal }),
    stdout: new Capture(terminal),
    stderr: new Capture(terminal),
    env,
    cwd: () => cwd,
    signal: ending.signal,
    createEngine: engine.create,
    now: () => NOW,
    interrupt: () => {
      ending.abort('cancel' satisfies Ending);
    },
    shutDown: () => {
      ending.abort('leave' satisfies Ending);
    },
    engine,
  };
}

/** Runs a command line against a scripted engine. */
export async function run(args: readonly string[], options: FakeHostOptions = {}) {
  const host = fakeHost(options);
  const exit = await runCommandLine(['--profile', '/profile', ...args], host);
  return { exit, host, out: host.stdout, err: host.stderr, engine: host.engine };
}

/**
 * What answers the question that the terminal shows last, or the last one with `text` in it: the digits in
 * `[yes 471/no 471]`.
 */
export function digitsOf(shown: string, text = ''): string {
  const asked = [...shown.matchAll(/^(.*)\[yes (\d+)\/no \2\] /gm)].filter(([, question]) =>
    question?.includes(text),
  );
  return asked.at(-1)?.[2] ?? 'none';
}

/** Types yes or no, with its digits, once the terminal shows `question`. */
export function answer(host: FakeHost, question: string, word: 'yes' | 'no'): void {
  const onWritten = () => {
    const digits = digitsOf(host.stdout.text, question);
    if (digits === 'none') return;
    host.stdout.off('written', onWritten);
    host.stdin.write(`${word} ${digits}\n`);
  };
  host.stdout.on('written', onWritten);
}

/** Types `text` once the terminal shows `question`. */
export function answerTo(host: FakeHost, question: string, text: string): void {
  const onWritten = () => {
    if (!host.stdout.text.includes(question)) return;
    host.stdout.off('written', onWritten);
    host.stdin.write(text);
  };
  host.stdout.on('written', onWritten);
}

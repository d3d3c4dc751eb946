import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { BenchError } from './bench-error.ts';
import { parseStat, processTree } from './proc.ts';
import { Watch } from './watch.ts';
import type { Cost } from './watch.ts';

/**
 * The shell that runs a command and then says what it cost: a process that has ended is known to its parent alone, and with all
 * its children.
 */
const SCRIPT = '"$@" 3>&-; code=$?; read -r line < /proc/$$/stat; printf "%s\\n" "$line" >&3; exit $code';

export interface SideOptions {
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

export interface Ended {
  readonly cost: Cost;
  /** When it had ended, on the clock of performance.now(). */
  readonly at: number;
  readonly stdout: string;
}

/** All that are running: whoever ends the benchmark ends them. */
const running = new Set<Side>();

/** One side of a transfer: a command in a process group of its own, with what it costs. */
export class Side {
  readonly startedAt = performance.now();
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #options: SideOptions;
  readonly #lines: string[] = [];
  #output = '';
  #errors = '';
  #stat = '';
  #wake: () => void = () => undefined;
  #isOver = false;
  readonly #watch: Watch;

  constructor(options: SideOptions) {
    this.#options = options;
    this.#child = spawn('sh', ['-c', SCRIPT, 'sh', ...options.command], {
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      // A group of its own, so that all of it can be ended.
      detached: true,
    });
    running.add(this);
    this.#child.stdin?.on('error', () => undefined);
    if (options.input !== undefined) this.#child.stdin?.end(options.input);
    this.#watch = new Watch(this.#child.pid ?? 0, { isWrapped: true });
    collect(this.#child.stderr, (text) => (this.#errors += text));
    collect(this.#child.stdio[3], (text) => (this.#stat += text));
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        this.#lines.push(line);
        this.#output += `${line}\n`;
        this.#wake();
      });
    }
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      let at = 0;
      this.#child.on('exit', () => (at = performance.now()));
      this.#child.on('close', (code) => {
        running.delete(this);
        this.#isOver = true;
        this.#wake();
        const cost = this.#watch.stop(parseStat(this.#stat)?.children ?? 0);
        if (code === 0) resolve({ cost, at, stdout: this.#output });
        else reject(this.#failure(code));
      });
    });
    // Whoever waits for a line is told first.
    this.ended.catch(() => undefined);
  }

  /** The next line of standard output that `pick` finds something in. Rejects when it ends without one. */
  async line<T>(pick: (line: string) => T | undefined): Promise<T> {
    for (;;) {
      for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
        const found = pick(line);
        if (found !== undefined) return found;
      }
      if (this.#isOver) {
        await this.ended;
        throw this.#failure(0);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The process id of the program itself, while it runs. */
  program(): number | undefined {
    return processTree(this.#child.pid ?? 0)[1];
  }

  /** Writes to its standard input, which stays open. */
  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Nothing that it did until now counts, and what it holds now is what it holds at rest. */
  rest(): void {
    this.#watch.rest();
  }

  /** Ends it with everything it started, if it still runs. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    if (this.#isOver || this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // It has ended just now.
    }
  }

  #failure(code: number | null): Error {
    const said = `${this.#errors}${this.#output}`.trim().split('\n').slice(-6).join('\n');
    return new BenchError(`${this.#options.command.join(' ')}\nended with ${String(code)}: ${said}`);
  }
}

/** Ends everything that was started. */
export function killAll(): void {
  for (const side of running) side.kill('SIGKILL');
}

function collect(stream: unknown, take: (text: string) => void): void {
  if (!isReadable(stream)) return;
  stream.setEncoding('utf8').on('data', take);
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'setEncoding' in stream;
}

import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * The real command `sealane` on a real terminal of its own: a pseudo-terminal in cooked mode, which `script`
 * of util-linux makes. Linux.
 */

const main = fileURLToPath(new URL('../../src-main/cli/main.ts', import.meta.url));
/** In milliseconds: a loaded machine needs its time. */
const PATIENCE_MS = 25_000;

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

export class Terminal {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves with the exit code of the command. */
  readonly ended: Promise<number | null>;
  #shown = '';
  #checks: (() => void)[] = [];

  constructor(args: readonly string[]) {
    // Some shells stay between the terminal and the command, and Ctrl-C then ends them, too: the exit code would be theirs.
    const line = `exec ${[process.execPath, main, ...args].map(quoted).join(' ')}`;
    const env = { ...process.env, NO_COLOR: '1', TERM: 'xterm' };
    this.child = spawn('script', ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], { env });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text;
      for (const check of this.#checks) check();
    });
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
  }

  /** Everything that the terminal has shown, what was typed included. */
  get shown(): string {
    return this.#shown;
  }

  /** Presses these keys; the one for Enter is `\r`. */
  type(keys: string): void {
    this.child.stdin.write(keys);
  }

  /**
   * Resolves with the match of `pattern` in what is shown after the first `from` characters, once there is
   * one.
   */
  async see(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${String(pattern)} was not to be seen in: ${this.#shown.slice(from)}`));
      }, PATIENCE_MS);
      const check = () => {
        const found = pattern.exec(this.#shown.slice(from));
        if (found === null) return;
        clearTimeout(timer);
        this.#checks = this.#checks.filter((each) => each !== check);
        resolve(found);
      };
      this.#checks.push(check);
      check();
    });
  }
}

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The real command `sealane`, run as a process of its own. */

const main = fileURLToPath(new URL('../../src-main/cli/main.ts', import.meta.url));
const eventSchema = z.looseObject({ event: z.string() });
export type CliEvent = z.infer<typeof eventSchema>;

export interface Ended {
  readonly code: number | null;
  /** Parsed when asked for: without --json there are none. */
  readonly events: readonly CliEvent[];
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Runs as this user, who is nobody's group: only for root. */
  readonly uid?: number;
  /** Linux: no file may become longer than this, in bytes, until `limitFiles` says otherwise. */
  readonly maxFileBytes?: number;
  /** A module that Node loads first, in each of its threads: a file URL. */
  readonly preload?: URL;
  /** Linux, for root: a file that the command finds as /etc/fstab. */
  readonly fstab?: string;
}

export class SealaneCommand {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';
  #checks: (() => void)[] = [];

  constructor(args: readonly string[], { uid, maxFileBytes, preload, fstab }: CommandOptions = {}) {
    const limit = maxFileBytes === undefined ? [] : ['prlimit', `--fsize=${String(maxFileBytes)}:unlimited`];
    const first = preload === undefined ? [] : ['--import', preload.href];
    const mount = 'mount --bind "$0" /etc/fstab && exec "$@"';
    const apart = fstab === undefined ? [] : ['unshare', '-m', 'sh', '-c', mount, fstab];
    const [program = '', ...rest] = [...apart, ...limit, process.execPath, ...first, main, ...args];
    this.child = spawn(program, rest, uid === undefined ? {} : { uid, gid: uid });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      for (const check of this.#checks) check();
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    // Whoever ends before it has read everything closes the pipe: no fault of the one who writes.
    this.child.stdin.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code) => {
        const events = () => this.events;
        resolve({
          code,
          stdout: this.#stdout,
          stderr: this.#stderr,
          get events() {
            return events();
          },
        });
      });
    });
  }

  /** Every whole line of standard output as the JSON object it has to be; throws for a line that is none. */
  get events(): readonly CliEvent[] {
    const lines = this.#stdout.split('\n').slice(0, -1);
    return lines.map((line) => eventSchema.parse(JSON.parse(line)));
  }

  /** Linux: from now on no file that the command writes may become longer than this, in bytes. */
  limitFiles(maxBytes: number | 'unlimited'): void {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('the command did not start');
    execFileSync('prlimit', ['--pid', String(pid), `--fsize=${String(maxBytes)}:unlimited`]);
  }

  /**
   * Resolves with the first event of this kind that `isMeant`, already printed or to come. Rejects when the command ends without
   * one.
   */
  async event(name: string, isMeant: (event: CliEvent) => boolean = () => true): Promise<CliEvent> {
    const pick = () => this.events.find((each) => each.event === name && isMeant(each));
    const found = new Promise<CliEvent>((resolve) => {
      const check = () => {
        const event = pick();
        if (event === undefined) return;
        this.#checks = this.#checks.filter((each) => each !== check);
        resolve(event);
      };
      this.#checks.push(check);
      check();
    });
    const ended = this.ended.then(({ code, stdout, stderr }) => {
      const event = pick();
      if (event !== undefined) return event;
      throw new Error(`ended with ${String(code)} and no ${name}: ${stdout}${stderr}`);
    });
    return await Promise.race([found, ended]);
  }
}

/** Runs the command to its end, with `input` on its standard input. */
export async function sealane(args: readonly string[], input = ''): Promise<Ended> {
  const command = new SealaneCommand(args);
  command.child.stdin.end(input);
  return await command.ended;
}

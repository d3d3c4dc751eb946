import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { root } from '../tools/paths.mjs';
import { displayText } from '../../shared/display.ts';
import { EXIT_CODES } from '../../shared/errors.ts';
import { skippedFileSchema, transferIdSchema } from '../../shared/views.ts';
import { DemoError } from './demo-error.ts';

/** The command `sealane --json` as a program of its own, as a script would run it. */

const device = z.object({ id: z.string(), name: z.string() });

const arrivedSchema = z.object({
  bytes: z.number(),
  files: z.number(),
  seconds: z.number(),
  into: z.string().nullable(),
  names: z.array(z.string()),
});

/** What this demo wants to hear; docs/cli.md has all of it. */
const EVENTS = {
  ready: z.object({ port: z.number() }),
  invite: z.object({ link: z.string(), expires: z.number() }),
  code: z.object({ code: z.string() }),
  paired: z.object({ device }),
  device,
  offer: z.object({ files: z.number(), bytes: z.number() }),
  progress: z.object({
    event: z.literal('progress'),
    transfer: transferIdSchema,
    bytes: z.number(),
    totalBytes: z.number(),
    files: z.number(),
    totalFiles: z.number(),
    bytesPerSecond: z.number(),
    secondsLeft: z.number().nullable(),
  }),
  done: arrivedSchema,
  incomplete: arrivedSchema.extend({ skipped: z.array(skippedFileSchema), skippedCount: z.number() }),
  error: z.object({ code: z.string(), message: z.string() }),
} as const;
type EventName = keyof typeof EVENTS;
export type CommandEvent<Name extends EventName> = z.infer<(typeof EVENTS)[Name]>;

/** Something that says nothing for so long has failed, in milliseconds. */
const PATIENCE_MS = 120_000;

export interface CommandOptions {
  /** Who is speaking, for messages. */
  readonly who: string;
  readonly profile: string;
  readonly args: readonly string[];
  /** Written to its standard input. */
  readonly input?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: CommandEvent<'progress'>) => void;
}

export class Command {
  readonly #options: CommandOptions;
  readonly #child: ChildProcess;
  readonly #events: { readonly name: string; readonly value: unknown }[] = [];
  readonly #exit: Promise<number>;
  #wake: () => void = () => undefined;
  #ended = false;
  #failure: string | undefined;
  #errors = '';

  constructor(options: CommandOptions) {
    this.#options = options;
    const main = join(root, 'src-main', 'cli', 'main.ts');
    const args = [main, '--profile', options.profile, '--listen', '127.0.0.1:0', '--json', ...options.args];
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'], signal: options.signal });
    // Ended by the signal; `exit` tells.
    this.#child.on('error', () => undefined);
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdin?.end(options.input ?? '');
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        this.#take(line);
      });
    }
    this.#exit = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        this.#ended = true;
        this.#wake();
        resolve(code ?? 1);
      });
    });
  }

  /** The next event of this name; others before it are passed over. Throws DemoError when it does not come. */
  async next<Name extends EventName>(name: Name): Promise<CommandEvent<Name>> {
    const schema: z.ZodType<CommandEvent<Name>> = schemaOf(name);
    for (;;) {
      const index = this.#events.findIndex((event) => event.name === name);
      const event = this.#events[index];
      if (event !== undefined) {
        this.#events.splice(0, index + 1);
        return schema.parse(event.value);
      }
      if (this.#failure !== undefined || this.#ended) throw this.#problem();
      await this.#news();
    }
  }

  /** What arrived and what did not, once something has. Throws DemoError when it does not come. */
  async arrival(): Promise<CommandEvent<'incomplete'>> {
    const isArrival = ({ name }: { readonly name: string }) => name === 'done' || name === 'incomplete';
    while (!this.#events.some(isArrival)) {
      if (this.#failure !== undefined || this.#ended) throw this.#problem();
      await this.#news();
    }
    return this.#events.find(isArrival)?.name === 'done'
      ? { ...(await this.next('done')), skipped: [], skippedCount: 0 }
      : await this.next('incomplete');
  }

  /** Waits for its end; throws DemoError unless something has arrived by then. */
  async done(): Promise<void> {
    while (!this.#ended) await this.#news();
    const code = await this.#exit;
    if (code !== EXIT_CODES.done && code !== EXIT_CODES.incomplete) throw this.#problem();
  }

  /** Ends it if it still runs, and resolves when it has. */
  async stop(): Promise<void> {
    if (!this.#ended) this.#child.kill();
    await this.#exit;
  }

  #take(line: string): void {
    const value: unknown = JSON.parse(line);
    const { event: name } = z.object({ event: z.string() }).parse(value);
    if (name === 'progress') this.#options.onProgress?.(EVENTS.progress.parse(value));
    else this.#events.push({ name, value });
    if (name === 'error') this.#failure ??= EVENTS.error.parse(value).message;
    this.#wake();
  }

  async #news(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const news = await new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, false);
      this.#wake = () => {
        resolve(true);
      };
    });
    clearTimeout(timer);
    if (!news) throw new DemoError(`${this.#options.who} has said nothing for two minutes.`);
  }

  #problem(): Error {
    const { who, signal } = this.#options;
    if (signal.aborted) return new DemoError('Interrupted.', 130);
    const said = displayText(this.#failure ?? this.#errors.trim());
    return new DemoError(`${who} says: ${said === '' ? 'nothing, and has ended' : said}`);
  }
}

/** In a form in which the compiler keeps name and schema together. */
function schemaOf<Name extends EventName>(name: Name): z.ZodType<CommandEvent<Name>> {
  const schemas: { readonly [Key in EventName]: z.ZodType<CommandEvent<Key>> } = EVENTS;
  return schemas[name];
}

import type { Readable, Writable } from 'node:stream';
import type { Engine, EngineOptions } from '../engine/index.ts';

/** Everything the command line takes from the process it runs in, so that a test can give it something else. */
export interface Host {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths on the command line start here. Absolute. */
  readonly cwd: string;
  /** Fires when the user (Ctrl-C), the system (SIGTERM) or a closed pipe wants the command to end. */
  readonly signal: AbortSignal;
  readonly createEngine: (options: EngineOptions) => Promise<Engine>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type TerminalStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Whether somebody reads this stream on a terminal that understands cursor movements. */
export function isTerminal(stream: TerminalStream, env: Host['env']): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

import type { Readable, Writable } from 'node:stream';
import type { Engine, EngineOptions } from '../engine/index.ts';

/** Everything the command line takes from the process it runs in, so that a test can give it something else. */
export interface Host {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths on the command line start here. Absolute. Throws when that folder is gone. */
  readonly cwd: () => string;
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

/** Why a command is to end before it is through: its user cancels what is running, or it is to be left for later. */
export type Ending = 'cancel' | 'leave';

/** Whether what is running is to be left as it is, to be gone on with, when `signal` has aborted. */
export function isToBeLeft(signal: AbortSignal): boolean {
  const leave: Ending = 'leave';
  return signal.reason === leave;
}

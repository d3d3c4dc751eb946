import { isTerminal } from './host.ts';
import type { Host, TerminalStream } from './host.ts';

/** Emphasis for a terminal (ECMA-48 SGR); plain text everywhere else and where NO_COLOR is set (no-color.org). */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  /** False when text comes out as it went in. */
  readonly colours: boolean;
}

const escape = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;
const same = (text: string): string => text;

const COLOURED: Style = {
  bold: escape(1, 22),
  dim: escape(2, 22),
  green: escape(32, 39),
  red: escape(31, 39),
  colours: true,
};
const PLAIN: Style = { bold: same, dim: same, green: same, red: same, colours: false };

export function styleFor(stream: TerminalStream, env: Host['env']): Style {
  const wanted = env['NO_COLOR'] === undefined || env['NO_COLOR'] === '';
  return wanted && isTerminal(stream, env) ? COLOURED : PLAIN;
}

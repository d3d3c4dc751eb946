import type { Ended, Side } from '../side.ts';
import type { Cost } from '../watch.ts';
import type { Work } from '../works.ts';

/** One way to get files from one process to another. */

export const LANE_KEYS = [
  'terminal',
  'window',
  'tls',
  'scp',
  'rsync',
  'magic-wormhole',
  'wormhole-william',
] as const;
export type LaneKey = (typeof LANE_KEYS)[number];

export const LANE_NAMES: Readonly<Record<LaneKey, string>> = {
  terminal: 'Sealane, terminal to terminal',
  window: 'Sealane, Electron to Electron',
  tls: 'bare TLS in Node, no files',
  scp: 'scp -c aes256-gcm@openssh.com',
  rsync: 'rsync over ssh, aes256-gcm',
  'magic-wormhole': 'magic-wormhole',
  'wormhole-william': 'wormhole-william',
};

/** What one transfer came to. */
export interface Run {
  /** From the command, or the click, to the end of both sides. */
  readonly seconds: number;
  /** Until the first byte lay in a file on the other side; null where there is no file. */
  readonly firstByteSeconds: number | null;
  readonly sender: Cost;
  readonly receiver: Cost;
  /** How late the main process's event loop came at worst, but for one time in a hundred, in milliseconds. */
  readonly loopDelayMs: { readonly sender: number; readonly receiver: number } | null;
  /** Pictures that the sender's page drew each second while it ran. */
  readonly framesPerSecond: number | null;
  /** The same just before, while nothing ran. */
  readonly framesAtRest: number | null;
}

export interface Lane {
  readonly key: LaneKey;
  /** Program and version, as it is shown. */
  readonly version: string;
  /** Whether this work means something here: a bare socket knows no files. */
  readonly takes: (work: Work) => boolean;
  /** Sends `work` into `target`, an empty folder. */
  readonly run: (work: Work, target: string) => Promise<Run>;
  /** Ends what runs for it. */
  readonly close: () => Promise<void>;
}

/** What a lane needs for its whole life. */
export interface LaneContext {
  /** A folder of its own in memory. */
  readonly folder: string;
}

/** Makes a lane ready; undefined where its program is not installed. */
export type LaneOpener = (context: LaneContext) => Promise<Lane | undefined>;

/** Waits for both sides to end well; if one fails the other is ended, and waits for nobody. */
export async function bothEnd(first: Side, second: Side): Promise<readonly [Ended, Ended]> {
  try {
    return await Promise.all([first.ended, second.ended]);
  } catch (error) {
    first.kill();
    second.kill();
    throw error;
  }
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { projectNode, root } from '../../tools/paths.mjs';
import { Arrival } from '../arrival.ts';
import { Side } from '../side.ts';
import type { Work } from '../works.ts';
import { LANE_NAMES, bothEnd } from './lane.ts';
import type { Lane, LaneContext, Run } from './lane.ts';

/** The command `sealane` as it is built, in a process for each side, on two profiles that were paired before. */

const CLI = join(root, 'dist', 'main', 'cli.js');
const PROBE = join(root, 'test', 'bench', 'programs', 'probe.mjs');

/** Loading the program is no part of what is asked about its event loop, in milliseconds. */
const LOADED_AFTER_MS = 400;

const eventSchema = z.looseObject({ event: z.string() });
const probeSchema = z.object({ loopDelayMs: z.number() });
const packageSchema = z.object({ version: z.string() });

export async function openTerminalLane({ folder }: LaneContext): Promise<Lane> {
  const sender = join(folder, 'sender');
  const receiver = join(folder, 'receiver');
  const device = await pair(receiver, sender);
  const { version } = packageSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  return {
    key: 'terminal',
    version: `${LANE_NAMES.terminal}: sealane ${version} on Node ${process.versions.node}`,
    takes: () => true,
    run: (work, target) => run({ folder, sender, receiver, device }, work, target),
    close: () => Promise.resolve(),
  };
}

interface Pair {
  readonly folder: string;
  readonly sender: string;
  readonly receiver: string;
  /** The receiver, as the sender knows it. */
  readonly device: string;
}

/** `extra` goes to Node. */
function sealane(profile: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Side {
  const node = env['SEALANE_BENCH_PROBE'] === undefined ? [] : ['--import', PROBE];
  const global = ['--profile', profile, '--listen', '127.0.0.1:0', '--json'];
  return new Side({ command: [projectNode, ...node, CLI, ...global, ...args], env });
}

/** The next event of this name. */
function event<Shape extends z.ZodType>(side: Side, name: string, shape: Shape): Promise<z.infer<Shape>> {
  return side.line((line) => {
    const value = eventSchema.parse(JSON.parse(line));
    return value.event === name ? shape.parse(value) : undefined;
  });
}

async function pair(inviter: string, invitee: string): Promise<string> {
  const invite = sealane(inviter, ['invite', '--yes']);
  const { link } = await event(invite, 'invite', z.object({ link: z.string() }));
  const joining = sealane(invitee, ['pair', link, '--yes']);
  const { device } = await event(joining, 'paired', z.object({ device: z.object({ id: z.string() }) }));
  await Promise.all([invite.ended, joining.ended]);
  return device.id;
}

async function run({ folder, sender, receiver, device }: Pair, work: Work, target: string): Promise<Run> {
  const probes = ['sender', 'receiver'].map((side) => join(folder, `probe-${side}.json`));
  const probe = (file = ''): Record<string, string> => ({
    SEALANE_BENCH_PROBE: file,
    SEALANE_BENCH_PROBE_AFTER: String(LOADED_AFTER_MS),
  });
  const receive = sealane(
    receiver,
    ['receive', '--into', target, '--accept', 'always', '--once'],
    probe(probes[1]),
  );
  const { port } = await event(receive, 'ready', z.object({ port: z.number() }));
  receive.rest();
  const arrival = new Arrival(target);
  const send = sealane(
    sender,
    ['send', device, work.path, '--to', `127.0.0.1:${String(port)}`],
    probe(probes[0]),
  );
  const [sent, received] = await bothEnd(send, receive);
  const end = Math.max(sent.at, received.at);
  const [ofSender = 0, ofReceiver = 0] = await Promise.all(probes.map(readProbe));
  return {
    seconds: (end - send.startedAt) / 1000,
    firstByteSeconds: (arrival.stop(end) - send.startedAt) / 1000,
    // Both are the same program at rest.
    sender: { ...sent.cost, idleBytes: received.cost.idleBytes },
    receiver: received.cost,
    loopDelayMs: { sender: ofSender, receiver: ofReceiver },
    framesPerSecond: null,
    framesAtRest: null,
  };
}

async function readProbe(file: string): Promise<number> {
  return probeSchema.parse(JSON.parse(await readFile(file, 'utf8'))).loopDelayMs;
}

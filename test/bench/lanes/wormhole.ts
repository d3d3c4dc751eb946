import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../tools/process.mjs';
import { Arrival } from '../arrival.ts';
import { BenchError } from '../bench-error.ts';
import { answers, freePort } from '../free-port.ts';
import { findProgram, versionOf } from '../installed.ts';
import { Side } from '../side.ts';
import { arrivedAt } from '../works.ts';
import type { Work } from '../works.ts';
import { bothEnd } from './lane.ts';
import type { Lane, LaneContext, LaneOpener, Run } from './lane.ts';

/** magic-wormhole and wormhole-william, with a mailbox server and a transit relay of our own on loopback. */

interface Servers {
  readonly mailbox: string;
  readonly relay: string;
  readonly close: () => Promise<void>;
}

interface Commands {
  readonly send: (work: Work, code: string) => [string, ...string[]];
  readonly receive: (work: Work, target: string, code: string) => [string, ...string[]];
}

export const openMagicWormholeLane: LaneOpener = async (context) => {
  const wormhole = await findProgram('wormhole');
  const servers = wormhole === undefined ? undefined : await startServers(context, await freePort());
  if (wormhole === undefined || servers === undefined) return undefined;
  const all = ['--relay-url', servers.mailbox, '--transit-helper', servers.relay] as const;
  return lane('magic-wormhole', await versionOf(wormhole, '--version'), context, servers, {
    send: (work, code) => [wormhole, ...all, 'send', '--hide-progress', '--code', code, work.path],
    receive: (work, target, code) => [
      wormhole,
      ...all,
      'receive',
      '--hide-progress',
      '--accept-file',
      '-o',
      arrivedAt(work, target),
      code,
    ],
  });
};

export const openWormholeWilliamLane: LaneOpener = async (context) => {
  const william = await findProgram('wormhole-william');
  const servers = william === undefined ? undefined : await startServers(context, PUBLIC_RELAY_PORT);
  if (william === undefined || servers === undefined) return undefined;
  const inside = await besideRelay(context);
  if (inside === undefined) {
    await servers.close();
    return undefined;
  }
  const all = ['--hide-progress', '--relay-url', servers.mailbox] as const;
  const version = (await versionOf('dpkg-query', '-W', 'wormhole-william')).replace(/\s+/g, ' ');
  return lane('wormhole-william', version || 'wormhole-william', context, servers, {
    send: (work, code) => [...inside, william, 'send', ...all, '--code', code, work.path],
    receive: (_work, _target, code) => [...inside, william, 'receive', ...all, code],
  });
};

/** The transit relay that wormhole-william has built in, and cannot be told to do without. */
const PUBLIC_RELAY = 'transit.magic-wormhole.io';
const PUBLIC_RELAY_PORT = 4001;

/**
 * In front of a command: it sees a list of hosts of its own, by which that relay is on this machine. Undefined where the system does
 * not allow that.
 */
async function besideRelay({ folder }: LaneContext): Promise<[string, ...string[]] | undefined> {
  const hosts = join(folder, 'hosts');
  await writeFile(hosts, `127.0.0.1 localhost ${PUBLIC_RELAY}\n`);
  const inside: [string, ...string[]] = [
    'unshare',
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    'mount --bind "$0" /etc/hosts && exec "$@"',
    hosts,
  ];
  const { code } = await run(inside[0], [...inside.slice(1), 'true'], { quiet: true });
  return code === 0 ? inside : undefined;
}

function lane(
  key: 'magic-wormhole' | 'wormhole-william',
  version: string,
  { folder }: LaneContext,
  servers: Servers,
  commands: Commands,
): Lane {
  let runs = 0;
  return {
    key,
    version,
    takes: () => true,
    run: (work, target) => {
      runs += 1;
      return transfer(
        commands,
        join(folder, 'tmp'),
        work,
        target,
        `${String(runs)}-bench-${String(process.pid)}`,
      );
    },
    close: servers.close,
  };
}

/** Both are started at once; what the sender packs first counts. */
async function transfer(
  commands: Commands,
  tmp: string,
  work: Work,
  target: string,
  code: string,
): Promise<Run> {
  await mkdir(tmp, { recursive: true });
  const env = { TMPDIR: tmp };
  const arrival = new Arrival(target);
  const send = new Side({ command: commands.send(work, code), env, input: '' });
  const receive = new Side({ command: commands.receive(work, target, code), env, cwd: target, input: 'y\n' });
  const [sent, received] = await bothEnd(send, receive);
  const end = Math.max(sent.at, received.at);
  return {
    seconds: (end - send.startedAt) / 1000,
    firstByteSeconds: (arrival.stop(end) - send.startedAt) / 1000,
    sender: sent.cost,
    receiver: received.cost,
    loopDelayMs: null,
    framesPerSecond: null,
    framesAtRest: null,
  };
}

/** Undefined where they are not installed. */
async function startServers({ folder }: LaneContext, transit: number): Promise<Servers | undefined> {
  const twist = (await findProgram('twist3')) ?? (await findProgram('twist'));
  if (twist === undefined) return undefined;
  const mailbox = await freePort();
  const endpoint = (port: number): string => `tcp:${String(port)}:interface=127.0.0.1`;
  const database = join(folder, 'mailbox.sqlite');
  const servers = [
    new Side({
      command: [twist, 'wormhole-mailbox', `--port=${endpoint(mailbox)}`, `--channel-db=${database}`],
      cwd: folder,
    }),
    new Side({ command: [twist, 'transitrelay', `--port=${endpoint(transit)}`], cwd: folder }),
  ];
  const close = async (): Promise<void> => {
    for (const server of servers) server.kill();
    await Promise.allSettled(servers.map((server) => server.ended));
  };
  const ended = Promise.any(servers.map((server) => server.ended));
  try {
    await Promise.race([
      Promise.all([answers(mailbox, 'the mailbox server'), answers(transit, 'the transit relay')]),
      ended,
    ]);
  } catch (error) {
    await close();
    throw new BenchError(`the servers for magic-wormhole do not start: ${String(error)}`);
  }
  return {
    mailbox: `ws://127.0.0.1:${String(mailbox)}/v1`,
    relay: `tcp:127.0.0.1:${String(transit)}`,
    close,
  };
}

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { run } from '../../tools/process.mjs';
import { Arrival } from '../arrival.ts';
import { BenchError } from '../bench-error.ts';
import { answers, freePort } from '../free-port.ts';
import { findProgram, versionOf } from '../installed.ts';
import { Side } from '../side.ts';
import { Watch } from '../watch.ts';
import type { Work } from '../works.ts';
import type { Lane, LaneContext, LaneOpener, Run } from './lane.ts';

/** An sshd of our own on loopback with keys made for it, and what copies through it. Both use the same cipher, the fastest ssh has. */

const CIPHER = 'aes256-gcm@openssh.com';

interface Server {
  readonly daemon: Side;
  /** Of the daemon itself, as the system knows it. */
  readonly pid: number;
  /** The client's configuration. */
  readonly config: string;
}

export const openScpLane: LaneOpener = async (context) => {
  const scp = await findProgram('scp');
  const server = scp === undefined ? undefined : await startServer(context);
  if (scp === undefined || server === undefined) return undefined;
  return lane('scp', `scp, ${await versionOf('ssh', '-V')}`, server, (work, target) => [
    scp,
    '-q',
    '-p',
    '-r',
    '-F',
    server.config,
    work.path,
    `bench:${target}/`,
  ]);
};

export const openRsyncLane: LaneOpener = async (context) => {
  const rsync = await findProgram('rsync');
  const server = rsync === undefined ? undefined : await startServer(context);
  if (rsync === undefined || server === undefined) return undefined;
  return lane('rsync', await versionOf(rsync, '--version'), server, (work, target) => [
    rsync,
    '-a',
    '-e',
    `ssh -F ${server.config}`,
    work.path,
    `bench:${target}/`,
  ]);
};

function lane(
  key: 'scp' | 'rsync',
  version: string,
  server: Server,
  command: (work: Work, target: string) => [string, ...string[]],
): Lane {
  return {
    key,
    version,
    takes: () => true,
    run: (work, target) => copy(server, command(work, target), target),
    close: async () => {
      server.daemon.kill();
      await server.daemon.ended.catch(() => undefined);
    },
  };
}

async function copy(server: Server, command: [string, ...string[]], target: string): Promise<Run> {
  const watch = new Watch(server.pid, { isWrapped: false });
  watch.rest();
  const arrival = new Arrival(target);
  const client = new Side({ command });
  try {
    const { cost, at } = await client.ended;
    return {
      seconds: (at - client.startedAt) / 1000,
      firstByteSeconds: (arrival.stop(at) - client.startedAt) / 1000,
      sender: cost,
      receiver: watch.stop(),
      loopDelayMs: null,
      framesPerSecond: null,
      framesAtRest: null,
    };
  } finally {
    watch.stop();
    arrival.stop(0);
  }
}

/** Undefined where there is no sshd. */
async function startServer({ folder }: LaneContext): Promise<Server | undefined> {
  const sshd = await findProgram('sshd');
  if (sshd === undefined) return undefined;
  const at = (name: string): string => join(folder, name);
  for (const name of ['host', 'user']) {
    const made = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', at(name)], {
      quiet: true,
    });
    if (made.code !== 0) throw new BenchError(`ssh-keygen: ${made.output}`);
  }
  const userKey = await readFile(at('user.pub'), 'utf8');
  const hostKey = await readFile(at('host.pub'), 'utf8');
  const port = await freePort();
  await writeFile(at('authorized_keys'), userKey, { mode: 0o600 });
  await writeFile(at('known_hosts'), `[127.0.0.1]:${String(port)} ${hostKey}`);
  const serverConfig = [
    `Port ${String(port)}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    `Ciphers ${CIPHER}`,
    'PidFile none',
    'UsePAM no',
    'UseDNS no',
    // The folder is below one that everybody may write to.
    'StrictModes no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'Subsystem sftp internal-sftp',
  ];
  const clientConfig = [
    'Host bench',
    'HostName 127.0.0.1',
    `Port ${String(port)}`,
    `User ${userInfo().username}`,
    `IdentityFile ${at('user')}`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${at('known_hosts')}`,
    'StrictHostKeyChecking yes',
    `Ciphers ${CIPHER}`,
    'Compression no',
    'BatchMode yes',
  ];
  await writeFile(at('sshd_config'), `${serverConfig.join('\n')}\n`);
  await writeFile(at('ssh_config'), `${clientConfig.join('\n')}\n`);
  // What the system's own service makes when it starts.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const daemon = new Side({ command: [sshd, '-D', '-e', '-f', at('sshd_config')] });
  await Promise.race([answers(port, 'sshd'), daemon.ended]);
  const pid = daemon.program();
  if (pid === undefined) throw new BenchError('sshd has ended');
  return { daemon, pid, config: at('ssh_config') };
}

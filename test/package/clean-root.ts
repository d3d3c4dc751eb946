import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from '../tools/process.mjs';

/**
 * A root of its own for a package to be installed into: this machine's, seen through an overlay in a mount namespace. What is
 * written there lies in one folder, and vanishes with the namespace; what is installed there is not installed here. It
 * takes root, and a kernel with overlays. Whoever runs the tests may use Sealane: their own profile is not seen from inside.
 */

/** Ends when its standard input does: also when the tests are killed, nothing stays mounted. */
const HOLDER = `
set -e
cd "$1"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" merged
for each in proc dev sys; do mount --rbind "/$each" "merged/$each"; done
cd merged
rm -rf root/.config/Sealane root/.config/sealane
mkdir -p old-root
pivot_root . old-root
umount -l /old-root
rmdir /old-root
echo ready
exec cat >/dev/null
`;

export interface Ran {
  readonly code: number;
  readonly output: string;
}

export class CleanRoot {
  readonly #folder: string;
  readonly #holder: ChildProcess;
  #launchers = 0;

  private constructor(folder: string, holder: ChildProcess) {
    this.#folder = folder;
    this.#holder = holder;
  }

  /** With users of these names, each with a home. Throws where it cannot be made. */
  static async make(users: readonly string[]): Promise<CleanRoot> {
    // Overlays do not stack on everything: a folder on the machine's own disk.
    const folder = await mkdtemp(join(tmpdir(), 'sealane-root-'));
    for (const name of ['upper', 'work', 'merged']) await mkdir(join(folder, name));
    const holder = spawn('unshare', ['-m', '--propagation', 'private', 'sh', '-c', HOLDER, 'sh', folder], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const listen = (text: string): void => {
        said += text;
        if (said.includes('ready')) resolve();
      };
      holder.stdout.setEncoding('utf8').on('data', listen);
      holder.stderr.setEncoding('utf8').on('data', listen);
      holder.once('exit', () => {
        reject(new Error(`no clean root (it takes root and overlays): ${said}`));
      });
      holder.once('error', reject);
    });
    const made = new CleanRoot(folder, holder);
    for (const user of users) {
      const { code, output } = await made.run(['useradd', '--create-home', '--shell', '/bin/sh', user]);
      if (code !== 0) throw new Error(`no user ${user}: ${output}`);
    }
    return made;
  }

  /** A path inside, as it is called outside. */
  path(inside: string): string {
    return join('/proc', String(this.#holder.pid), 'root', inside);
  }

  /** Runs a program inside, as root or as a user, to its end. */
  run(command: readonly string[], user?: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    return run('nsenter', this.#enter(command, user, env), { quiet: true });
  }

  /** A file outside that starts a program inside, for whoever wants an executable. */
  async launcher(command: readonly string[], user?: string): Promise<string> {
    this.#launchers += 1;
    const file = join(this.#folder, `launch-${this.#launchers}`);
    const line = ['nsenter', ...this.#enter(command, user, {})].map((part) => `'${part}'`).join(' ');
    await writeFile(file, `#!/bin/sh\nexec ${line} "$@"\n`);
    await chmod(file, 0o755);
    return file;
  }

  /** Every path that was written inside and is still there, sorted; folders end with a slash. */
  async written(): Promise<readonly string[]> {
    const found: string[] = [];
    const visit = async (below: string): Promise<void> => {
      for (const name of await readdir(join(this.#folder, 'upper', below))) {
        const path = `${below}/${name}`;
        const stats = await lstat(join(this.#folder, 'upper', path));
        if (stats.isDirectory()) {
          found.push(`${path}/`);
          await visit(path);
          // A device 0:0 is how an overlay says that something of the lower one is gone.
        } else if (!stats.isCharacterDevice()) found.push(path);
      }
    };
    await visit('');
    return found.sort();
  }

  /** Ends everything that runs inside, and waits until it has. */
  async endAll(): Promise<void> {
    for (;;) {
      const pids = await this.#inhabitants();
      if (pids.length === 0) return;
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It was faster.
        }
      }
      await pause(50);
    }
  }

  /** Ends what still runs inside, and takes everything away. */
  async remove(): Promise<void> {
    await this.endAll();
    const ended = new Promise((resolve) => this.#holder.once('exit', resolve));
    this.#holder.stdin?.end();
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Processes in the namespace, but for the one that holds it. */
  async #inhabitants(): Promise<readonly number[]> {
    const pids: number[] = [];
    const { output: listed } = await run(
      'sh',
      [
        '-c',
        `want=$(readlink /proc/${this.#holder.pid}/ns/mnt); for each in /proc/[0-9]*; do ` +
          '[ "$(readlink "$each/ns/mnt" 2>/dev/null)" = "$want" ] && echo "${each#/proc/}"; done; true',
      ],
      { quiet: true },
    );
    for (const line of listed.trim().split('\n')) pids.push(Number(line));
    return pids.filter((pid) => Number.isInteger(pid) && pid > 1 && pid !== this.#holder.pid);
  }

  #enter(
    command: readonly string[],
    user: string | undefined,
    env: Readonly<Record<string, string>>,
  ): string[] {
    const home = user === undefined ? '/root' : `/home/${user}`;
    const set = {
      HOME: home,
      XDG_RUNTIME_DIR: '',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ...env,
    };
    const assignments = Object.entries(set).map(([name, value]) => `${name}=${value}`);
    const as = user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups'];
    return [
      '-t',
      String(this.#holder.pid),
      '-m',
      ...as,
      'env',
      `--chdir=${home}`,
      ...assignments,
      ...command,
    ];
  }
}

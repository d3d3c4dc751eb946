// Where tests of windows run as root, as in a container, Chromium can have no sandbox, and Electron would run with all rights:
// they run as an ordinary user instead, wherever the system lets one have the sandbox. No dependency.
import { chown, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectNode, root } from './paths.mjs';
import { run } from './process.mjs';

/** The user `nobody` of every Linux: it owns no file, and nothing else of these tests runs as it. */
export const ORDINARY_UID = 65_534;

const AS_ORDINARY = ['setpriv', `--reuid=${ORDINARY_UID}`, `--regid=${ORDINARY_UID}`, '--clear-groups'];

/** @param {readonly string[]} command */
const asOrdinary = async (command) => {
  const [program = '', ...args] = [...AS_ORDINARY, ...command];
  return (await run(program, args, { quiet: true })).code === 0;
};

/** Whether this process is root on Linux, the one case in which an ordinary user has to be made. */
export const isLinuxRoot = () => process.platform === 'linux' && process.getuid?.() === 0;

/**
 * Whether an ordinary user may read a file, all folders above it included.
 *
 * @param {string} path
 */
export const mayRead = (path) => asOrdinary(['test', '-r', path]);

/** Whether an ordinary user may make user namespaces, which Chromium's sandbox is made of. */
export const mayUnshare = () => asOrdinary(['unshare', '-Ur', 'true']);

/**
 * Why root cannot have the windows run as an ordinary user with Chromium's sandbox on; undefined where it can.
 *
 * @param {string} electron the executable
 * @returns {Promise<string | undefined>}
 */
export async function whyNotOrdinary(electron) {
  if (!(await asOrdinary(['true']))) return 'this system cannot start anything as another user';
  for (const path of [join(root, 'package.json'), projectNode, electron]) {
    if (!(await mayRead(path))) return `an ordinary user cannot read ${path}`;
  }
  if (await mayUnshare()) return undefined;
  const helper = await stat(join(dirname(electron), 'chrome-sandbox')).catch(() => undefined);
  if (helper?.uid === 0 && (helper.mode & 0o7777) === 0o4755) return undefined;
  return 'this system has neither user namespaces for ordinary users nor a chrome-sandbox that is setuid root';
}

/**
 * Runs a program as the ordinary user, in a home of its own that is removed afterwards.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} options
 * @param {readonly string[]} writable folders that it may write to: they become its own, with all that is in them
 */
export async function runAsOrdinary(program, args, { cwd, env = process.env, quiet = false }, writable = []) {
  const home = await mkdtemp(join(tmpdir(), 'sealane-home-'));
  try {
    await chown(home, ORDINARY_UID, ORDINARY_UID);
    for (const folder of writable) {
      await run('chown', ['-R', `${ORDINARY_UID}:${ORDINARY_UID}`, folder], { quiet: true });
    }
    const own = { ...env, HOME: home, USER: 'nobody', LOGNAME: 'nobody' };
    // Places of root's.
    for (const name of Object.keys(own))
      if (/^XDG_.*_(HOME|DIR)$/.test(name)) Reflect.deleteProperty(own, name);
    const [first = '', ...rest] = [...AS_ORDINARY, program, ...args];
    return await run(first, rest, { cwd, env: own, quiet });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

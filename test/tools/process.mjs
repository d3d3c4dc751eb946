// Child processes for the set-up scripts. No dependency: this runs before `npm ci` has.
import { spawn } from 'node:child_process';

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [timeoutMs] the child is ended after this many milliseconds
 * @property {boolean} [quiet] keep the output instead of showing it
 *
 * @typedef {object} RunResult
 * @property {number} code the exit code; 127 where the program does not exist, 124 after the time-out, 128 after a signal
 * @property {string} output what was printed (standard output and error together), only when `quiet`
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
let interrupted = false;

/**
 * Whoever ends this script means what it started, too: a signal is handed on, nothing new is started, and what is left
 * to clean up (a virtual display) still is. Without it, ended tests leave windows running.
 */
export function handOnSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      interrupted = true;
      for (const child of running) child.kill(signal);
    });
  }
}

/**
 * Runs a program to its end. Never throws: a program that cannot be started is a result, too.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function run(program, args, options = {}) {
  if (interrupted) return Promise.resolve({ code: 128, output: 'interrupted' });
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? process.cwd(),
      env: options.env ?? process.env,
      stdio: options.quiet === true ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      // npm is a .cmd file there, which only a shell can start.
      shell: process.platform === 'win32' && program === 'npm',
    });
    running.add(child);
    let output = '';
    let late = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
    }
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            late = true;
            child.kill('SIGKILL');
          }, options.timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code: 127, output: error.message });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code: late ? 124 : (code ?? 128), output });
    });
  });
}

/** Something the person at the keyboard can put right: shown as it is, without a stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/** @param {string} line */
export const say = (line) => {
  process.stderr.write(`sealane: ${line}\n`);
};

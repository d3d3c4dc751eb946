// A display where there is none. No dependency.
import { spawn } from 'node:child_process';
import { SetupError } from './process.mjs';

/** Whether windows can be shown. A Wayland session without X does for the app, not for the tests. */
export const hasDisplay = () => process.platform !== 'linux' || Boolean(process.env['DISPLAY']);

/**
 * Starts Xvfb on a number it finds free itself; two suites at once do not collide. Throws SetupError if it does not
 * start within ten seconds.
 *
 * @returns {Promise<{ display: string, stop: () => void }>}
 */
export function startVirtualDisplay() {
  return new Promise((resolve, reject) => {
    const args = ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-noreset'];
    const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    let errors = '';
    let number = '';
    const timer = setTimeout(() => {
      server.kill('SIGKILL');
      reject(new SetupError(`Xvfb does not start\n${errors}`));
    }, 10_000);
    server.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (errors += text));
    server.on('error', (error) => {
      clearTimeout(timer);
      reject(new SetupError(`Xvfb cannot be started: ${error.message}`));
    });
    server.on('exit', () => {
      clearTimeout(timer);
      reject(new SetupError(`Xvfb ended\n${errors}`));
    });
    server.stdio[3]?.on('data', (/** @type {Buffer} */ chunk) => {
      number += chunk.toString('utf8');
      if (!number.endsWith('\n')) return;
      clearTimeout(timer);
      server.unref();
      resolve({ display: `:${number.trim()}`, stop: () => void server.kill() });
    });
  });
}

import '../../shared/no-eval.ts';
import process from 'node:process';
import { EXIT_CODES } from '../../shared/errors.ts';
import { exitNumber } from './exit.ts';
import type { Ending, Host } from './host.ts';
import { ignoreRelativePlaces } from './places.ts';
import { reportDefect, runCommandLine } from './program.ts';

/** The command `sealane`: connects the command line to the process it runs in. */

/** After Ctrl-C a command ends by itself; should it not, it is ended, in milliseconds. */
const LAST_RESORT_MS = 10_000;

const ending = new AbortController();

/** Ctrl-C is somebody's wish to be rid of what is running; a system that shuts down, or a terminal that is closed, wishes nothing of the kind. */
function end(why: Ending): void {
  if (ending.signal.aborted) {
    // Whoever presses Ctrl-C once more does not want to wait. A terminal that closes tells both the shell's end and its own.
    if (why === 'cancel') process.exit(EXIT_CODES.cancelled);
    return;
  }
  ending.abort(why);
  setTimeout(() => process.exit(EXIT_CODES.cancelled), LAST_RESORT_MS).unref();
}

process.on('SIGINT', () => {
  end('cancel');
});
for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    end('leave');
  });
}

/** Whether something was said that nobody can have read. */
let isUnheard = false;
// Nobody reads on (`| head`), or nothing more can be kept (a full disk): no wish to be rid of what is running.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  const isFirst = !isUnheard;
  isUnheard = true;
  if (isFirst && error.code !== 'EPIPE')
    process.stderr.write(`error: What there is to say cannot be written: ${error.message}\n`);
  end('leave');
});
// What is said there is said by the exit code, too.
process.stderr.on('error', () => undefined);
// Whoever goes by the exit code has not got everything.
process.on('exit', (code) => {
  if (isUnheard && code === EXIT_CODES.done) process.exitCode = EXIT_CODES.failed;
});

ignoreRelativePlaces(process.env);

const args = process.argv.slice(2);
const host: Host = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  // `npm run cli` starts in the folder of the package; paths are meant from where the user is.
  cwd: () => (process.env['npm_lifecycle_event'] === 'cli' && process.env['INIT_CWD']) || process.cwd(),
  signal: ending.signal,
  // Loaded when it is needed: --help and a mistyped option are answered without it.
  createEngine: async (options) => (await import('../engine/index.ts')).createEngine(options),
  now: Date.now,
};

process.on('uncaughtException', (error) => {
  reportDefect(args, host, error);
  process.exit(EXIT_CODES.failed);
});

process.exitCode = exitNumber(await runCommandLine(args, host));
// A pipe that the other end keeps open would hold this process.
process.stdin.destroy();
// Nothing is left to do; should something still hold the process, it is not waited for.
setTimeout(() => process.exit(), LAST_RESORT_MS).unref();

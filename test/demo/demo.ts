// `npm run demo`: two devices on this computer pair, one sends the other a folder, and both sides are compared.
import { DemoError } from './demo-error.ts';
import { HELP, readOptions } from './options.ts';
import type { DemoOptions } from './options.ts';
import { Screen } from './screen.ts';
import { runInTerminal } from './terminal.ts';
import { judge, sentText } from './verdict.ts';
import { makeSource, openWorkspace } from './workspace.ts';
import type { Workspace } from './workspace.ts';

/** Throws DemoError when anything fails or differs. */
async function demo(options: DemoOptions, screen: Screen, signal: AbortSignal): Promise<void> {
  screen.plain('Sealane: two devices on this computer, each with a key and a profile of its own.');
  const workspace = await openWorkspace(options);
  let received = true;
  try {
    if (options.path === undefined) await makeSource(workspace, screen, signal);
    const { sent, target, pictures } = await deliver(options, workspace, screen, signal);
    received = !options.keep;
    const { files, bytes } = await judge(screen, workspace.source, target, sent);
    screen.plain(`\nDone: ${sentText({ ...sent, files, bytes })}, and every byte is the same.`);
    screen.plain(
      options.keep
        ? `What was received is in ${target}`
        : 'What was received is removed again; --keep keeps it.',
    );
    if (pictures !== undefined) screen.plain(`Pictures of every step are in ${pictures}`);
  } finally {
    screen.clear();
    await workspace.remove({ received });
  }
}

async function deliver(options: DemoOptions, workspace: Workspace, screen: Screen, signal: AbortSignal) {
  if (!options.window) return { ...(await runInTerminal(workspace, screen, signal)), pictures: undefined };
  // Loaded when it is wanted: the terminal does without a browser's tools.
  const { runInWindows } = await import('./windows.ts');
  return await runInWindows(workspace, screen, signal);
}

async function main(): Promise<number> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupted.abort();
    });
  }
  try {
    // npm runs scripts in the checkout, and says where it was called.
    const options = readOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd());
    if (options.help) process.stdout.write(HELP);
    else await demo(options, new Screen(process.stdout, process.env), interrupted.signal);
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) {
      process.stderr.write('\nInterrupted; everything is removed again.\n');
      return 130;
    }
    if (!(error instanceof DemoError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return error.exitCode;
  }
}

process.exitCode = await main();

import '../shared/no-eval.ts';
import process from 'node:process';
import { commandArguments } from './desktop/package/command-line.ts';

/**
 * Where the program begins in Electron. One executable is both the app and, for the launcher `sealane`, the command: the
 * fuses of the package keep it from running as Node, so the command runs in the main process, before Chromium has started
 * anything. Electron is ready only when this module has run: the command ends the process first, and never opens a window.
 */
const args = commandArguments(process.argv, process.platform);
if (args === undefined) {
  await import('./desktop/main.ts');
} else {
  process.argv = [process.execPath, 'sealane', ...args];
  await import('./cli/main.ts');
  // Electron's own loop never runs dry: nobody else would end the process.
  process.exit(process.exitCode);
}

import type { Command } from 'commander';

/** Adds an example to a command's help: each line as it would be typed, after what it does. */
export function addExample(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText(
    'after',
    `\n${lines.length > 1 ? 'Examples' : 'Example'}:\n${lines.map((line) => `  $ sealane ${line}\n`).join('')}`,
  );
}

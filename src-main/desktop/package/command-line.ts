/** How the launcher `sealane` asks the app's executable to be the command instead. */

export const COMMAND_SWITCH = '--sealane-cli';

/**
 * What the command `sealane` was given, or undefined when this is a start of the app. The launcher writes
 * `EXECUTABLE [Chromium's switches] --sealane-cli -- ARGUMENTS`; behind the two dashes Chromium reads no switches, and what
 * the system hands over with a file or a link never begins with a dash.
 */
export function commandArguments(argv: readonly string[]): readonly string[] | undefined {
  const at = argv.indexOf('--');
  return at > 0 && argv[at - 1] === COMMAND_SWITCH ? argv.slice(at + 1) : undefined;
}

/** How the launcher `sealane` asks the app's executable to be the command instead. */

/**
 * What the launcher (src-main/desktop/package/sealane) puts between the executable and the user's arguments, word for word.
 * The first three are Chromium's: no sandbox, helper process or log for a command that starts nothing of Chromium.
 * Chromium reads no switches behind the two dashes.
 */
export const LAUNCHER_SWITCHES = [
  '--no-sandbox',
  '--no-zygote',
  '--log-level=3',
  '--sealane-cli',
  '--',
] as const;

/**
 * The arguments of the command `sealane`, or undefined when this is a start of the app. Only the launcher's exact command
 * line makes the executable the command: its switches are the first arguments, in its order, with nothing before or between
 * them. The system puts a link or a file that it hands over in that place, so a link never reaches the command, whatever
 * follows it. Only the Linux packages have the launcher; elsewhere the result is undefined.
 *
 * @param argv the whole command line, the executable first
 */
export function commandArguments(
  argv: readonly string[],
  platform: NodeJS.Platform,
): readonly string[] | undefined {
  if (platform !== 'linux') return undefined;
  const isLauncher = LAUNCHER_SWITCHES.every((word, index) => argv[index + 1] === word);
  return isLauncher ? argv.slice(1 + LAUNCHER_SWITCHES.length) : undefined;
}

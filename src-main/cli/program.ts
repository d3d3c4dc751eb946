import { Command, CommanderError } from 'commander';
import { displayText } from '../../shared/display.ts';
import { ERRORS, SealaneError } from '../../shared/errors.ts';
import type { ExitClass } from '../../shared/errors.ts';
import type { HostPort } from '../host-port.ts';
import { folderArgument, listenArgument } from './commands/arguments.ts';
import { addDevices } from './commands/devices.ts';
import { addExample } from './commands/example.ts';
import { addId } from './commands/id.ts';
import { addInvite } from './commands/invite.ts';
import { addInvites } from './commands/invites.ts';
import { addPair } from './commands/pair.ts';
import type { Perform } from './commands/perform.ts';
import { addReceive } from './commands/receive.ts';
import { addSend } from './commands/send.ts';
import { addTransfers } from './commands/transfers.ts';
import { exitOfError } from './exit.ts';
import { errorReport } from './failure.ts';
import type { Host } from './host.ts';
import { JsonOutput } from './output-json.ts';
import { absolutePath, refuseFilesAsOptions, usualProfile } from './places.ts';
import { chooseOutput } from './choose-output.ts';
import { runSession } from './session.ts';
import type { GlobalOptions } from './session.ts';
import { ownVersion } from './version.ts';

interface GivenOptions {
  readonly profile?: string;
  readonly listen?: HostPort;
  readonly json?: boolean;
}

/** Runs one command line (without the program's own name) and gives how it ended. Throws only what is a defect. */
export async function runCommandLine(args: readonly string[], host: Host): Promise<ExitClass> {
  let exit: ExitClass = 'done';
  const program = createProgram(host, wantsJson(args), async (action) => {
    exit = await runSession(host, await globalOptions(program.opts<GivenOptions>(), host), action);
  });
  try {
    await refuseFilesAsOptions(args, host);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof SealaneError) {
      chooseOutput(host, wantsJson(args)).report(errorReport(error));
      return exitOfError(error.code);
    }
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 'done';
    if (wantsJson(args))
      new JsonOutput(host).report({ event: 'error', code: 'usage', message: usageMessage(error) });
    return 'usage';
  }
  return exit;
}

/** Says what nobody expected, in the form that was asked for. */
export function reportDefect(args: readonly string[], host: Host, error: unknown): void {
  chooseOutput(host, wantsJson(args)).report(errorReport(error));
}

/** Needed before the line is understood: also an error about it is told in the form that was asked for. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).includes('--json');
}

function createProgram(host: Host, json: boolean, perform: Perform): Command {
  const program = new Command('sealane')
    .description('Send files straight from one of your computers to another, end-to-end encrypted.')
    .option('--profile <DIR>', 'where this device keeps its key and what it knows', folderArgument)
    .option(
      '--listen <HOST:PORT>',
      'where to listen; an IPv6 address goes in brackets, port 0 is any free one',
      listenArgument,
    )
    .option('--json', 'print one JSON object per line')
    .version(ownVersion(), '--version', 'print which version this is')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => {
        // An argument is repeated as it was given, and a pattern may have given what somebody else named.
        if (!json) host.stderr.write(text.split('\n').map(displayText).join('\n'));
      },
      getOutHelpWidth: () => host.stdout.columns ?? 80,
      getErrHelpWidth: () => host.stderr.columns ?? 80,
    })
    .exitOverride()
    .showHelpAfterError('(--help shows how it is used)');
  addExample(program, 'invite', 'send laptop ~/Pictures/Holiday', 'receive --into ~/inbox --accept always');
  for (const add of [addId, addInvite, addInvites, addPair, addDevices, addReceive, addSend, addTransfers]) {
    add(program, perform);
  }
  return program;
}

async function globalOptions(
  { profile, listen, json = false }: GivenOptions,
  host: Host,
): Promise<GlobalOptions> {
  return {
    profile: profile === undefined ? await usualProfile() : absolutePath(host, profile),
    ...(listen === undefined ? {} : { listen }),
    json,
  };
}

function usageMessage(error: CommanderError): string {
  return error.code === 'commander.help'
    ? ERRORS.usage.message
    : error.message.replace(/^error: /, '').replaceAll('\n', ' ');
}
